"use strict";
// What the page does beyond reading: live parts, uploads, painting, and recalls step by step. Everything can be read without it.
(() => {
  const token = document.querySelector("meta[name=engram-token]")?.content ?? "";
  const $ = (id) => document.getElementById(id);
  const page = document.body.dataset.page;

  // MARK: Calls

  async function call(method, path, body, type) {
    const headers = { "X-Engram-Token": token };
    if (type) headers["Content-Type"] = type;
    const response = await fetch(path, { method, headers, body, credentials: "same-origin" });
    if (response.status === 401) location.href = "/login";
    const isJSON = (response.headers.get("Content-Type") ?? "").includes("json");
    const answer = isJSON ? await response.json() : null;
    if (!response.ok) throw new Error([answer?.message ?? `The server said ${response.status}.`, answer?.remedy].filter(Boolean).join(" What next: ") + (answer?.remedy ? "." : ""));
    return answer;
  }
  const post = (path, value) => call("POST", path, value === undefined ? undefined : JSON.stringify(value), value === undefined ? undefined : "application/json");

  // Forms in parts that changed have no token yet.
  function fillTokens(root) {
    for (const field of root.querySelectorAll("input[name=token]")) field.value = token;
  }

  // MARK: Live

  function replace(id, html) {
    const place = $(id);
    if (!place || place.innerHTML === html) return;
    // Whoever stands on a link or button with the keyboard keeps their place.
    const held = place.contains(document.activeElement) ? document.activeElement : null;
    const key = held && (held.getAttribute("href") ?? held.getAttribute("aria-label"));
    const played = [...place.querySelectorAll("audio")].some((sound) => !sound.paused);
    if (played) return;
    place.innerHTML = html;
    fillTokens(place);
    if (key) [...place.querySelectorAll("a,button")].find((one) => (one.getAttribute("href") ?? one.getAttribute("aria-label")) === key)?.focus();
  }

  let last = null;
  function announce() {
    const now = [...document.querySelectorAll("#lately li")].map((row) => row.textContent.replace(/\s+/g, " ").trim());
    if (last && now[0] && now[0] !== last[0] && !last.includes(now[0])) $("news").textContent = now[0];
    last = now;
  }

  function follow() {
    const events = new EventSource("/events");
    events.addEventListener("part", (event) => {
      const part = JSON.parse(event.data);
      if (page !== "home" && part.id !== "daemon") return;
      replace(part.id, part.html);
      if (part.id === "lately") announce();
    });
    events.addEventListener("drops", (event) => {
      const id = $("drop")?.dataset.drop;
      if (page === "drop" && JSON.parse(event.data).includes(id)) refreshDrop();
    });
    addEventListener("pagehide", () => events.close());
  }

  // MARK: One drop

  async function refreshDrop() {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    $("main").replaceChildren(...next.getElementById("main").childNodes);
    fillTokens($("main"));
    document.querySelectorAll("figure.way").forEach(takeApart);
    if ($("drop").dataset.final === "yes") $("news").textContent = document.querySelector(".lead-line").textContent.trim();
  }

  async function watchDrop() {
    document.querySelectorAll("figure.way").forEach(takeApart);
    // Progress within a state is no change of it: while it runs, the page looks for itself.
    while ($("drop").dataset.final === "no") {
      await new Promise((done) => setTimeout(done, 2000));
      if (!document.hidden) await refreshDrop().catch(() => {});
    }
  }

  // MARK: An animation, step by step (APNG: every frame becomes a picture of its own)

  const crcTable = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
  function chunk(type, data) {
    const bytes = new Uint8Array(12 + data.length), view = new DataView(bytes.buffer);
    view.setUint32(0, data.length);
    for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
    bytes.set(data, 8);
    let crc = 0xffffffff;
    for (let i = 4; i < 8 + data.length; i++) crc = crcTable[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
    view.setUint32(8 + data.length, (crc ^ 0xffffffff) >>> 0);
    return bytes;
  }
  function framesOf(buffer) {
    const bytes = new Uint8Array(buffer), view = new DataView(buffer), shared = [], frames = [];
    let header = null;
    for (let at = 8; at + 12 <= bytes.length;) {
      const length = view.getUint32(at), type = String.fromCharCode(...bytes.subarray(at + 4, at + 8)), data = bytes.subarray(at + 8, at + 8 + length);
      if (type === "IHDR") header = data.slice();
      else if (type === "PLTE" || type === "tRNS") shared.push(chunk(type, data));
      else if (type === "fcTL") frames.push({ width: view.getUint32(at + 12), height: view.getUint32(at + 16), data: [] });
      else if (type === "IDAT" && frames.length) frames.at(-1).data.push(chunk("IDAT", data));
      else if (type === "fdAT" && frames.length) frames.at(-1).data.push(chunk("IDAT", data.subarray(4)));
      at += 12 + length;
    }
    return frames.filter((frame) => frame.data.length).map((frame) => {
      const own = header.slice(), size = new DataView(own.buffer);
      size.setUint32(0, frame.width);
      size.setUint32(4, frame.height);
      return new Blob([bytes.subarray(0, 8), chunk("IHDR", own), ...shared, ...frame.data, chunk("IEND", new Uint8Array())], { type: "image/png" });
    });
  }
  async function takeApart(figure) {
    const response = await fetch(figure.dataset.steps).catch(() => null);
    if (!response?.ok) return;
    const frames = framesOf(await response.arrayBuffer());
    if (frames.length < 2) return;
    const urls = frames.map((frame) => URL.createObjectURL(frame));
    const picture = figure.querySelector("img"), caption = figure.querySelector("figcaption");
    const bar = document.createElement("div"), slider = document.createElement("input"), play = document.createElement("button");
    bar.className = "steps-bar";
    Object.assign(slider, { type: "range", min: 0, max: frames.length - 1, value: 0 });
    slider.setAttribute("aria-label", "Step");
    Object.assign(play, { type: "button", className: "small", textContent: "Play" });
    bar.append(play, slider);
    caption.before(bar);
    const show = (step) => {
      slider.value = step;
      picture.src = urls[step];
      const words = step === 0 ? "the cue" : step === frames.length - 1 ? `step ${step} of ${frames.length - 1}: the memory` : `step ${step} of ${frames.length - 1}`;
      picture.alt = caption.textContent = words;
      slider.setAttribute("aria-valuetext", words);
    };
    let timer = null;
    const stop = () => { clearInterval(timer); timer = null; play.textContent = "Play"; };
    const start = () => {
      if (+slider.value === frames.length - 1) show(0);
      play.textContent = "Stop";
      timer = setInterval(() => { if (+slider.value >= frames.length - 1) stop(); else show(+slider.value + 1); }, Math.max(180, 2400 / frames.length));
    };
    play.addEventListener("click", () => (timer ? stop() : start()));
    slider.addEventListener("input", () => { stop(); show(+slider.value); });
    show(0);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) show(frames.length - 1); else setTimeout(start, 700);
  }

  // MARK: Uploads

  let running = null;
  async function send(files, order, told) {
    const bytes = files.reduce((sum, file) => sum + file.data.size, 0);
    const upload = await post("/api/uploads", { ...order, bytes });
    running = { id: upload.id, request: null };
    let sent = 0;
    try {
      for (const file of files) {
        const path = `/api/uploads/${upload.id}/files/` + file.path.split("/").map(encodeURIComponent).join("/");
        await put(path, file.data, (part) => told((sent + part) / Math.max(bytes, 1)));
        sent += file.data.size;
      }
      return await post(`/api/uploads/${upload.id}/finish`);
    } catch (error) {
      call("DELETE", `/api/uploads/${upload.id}`).catch(() => {});
      throw error;
    } finally {
      running = null;
    }
  }
  function put(path, data, told) {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      if (running) running.request = request;
      request.open("PUT", path);
      request.setRequestHeader("X-Engram-Token", token);
      request.upload.onprogress = (event) => told(event.loaded);
      request.onload = () => {
        if (request.status < 300) return done();
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* no JSON */ }
        failed(new Error(answer.message ?? `The server said ${request.status}.`));
      };
      request.onerror = () => failed(new Error("The connection broke; nothing was kept."));
      request.onabort = () => failed(new Error("Cancelled; nothing was kept."));
      request.send(data);
    });
  }

  // Folders that are dropped are walked through, one folder deep.
  async function filesOf(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.some((entry) => entry.isDirectory)) return { files: [...transfer.files].map((file) => ({ path: file.name, data: file })) };
    const files = [];
    async function walk(entry, path, depth) {
      if (entry.isFile) files.push({ path, data: await new Promise((done, failed) => entry.file(done, failed)) });
      else if (depth < 3) {
        const reader = entry.createReader();
        for (;;) {
          const some = await new Promise((done, failed) => reader.readEntries(done, failed));
          if (!some.length) break;
          for (const one of some) if (!one.name.startsWith(".")) await walk(one, path ? `${path}/${one.name}` : one.name, depth + 1);
        }
      }
    }
    for (const entry of entries) await walk(entry, entries.length > 1 || entry.isFile ? entry.name : "", 0);
    return { files, folder: entries.length === 1 ? entries[0].name : undefined };
  }

  function commonName(files) {
    const stem = files[0].path.replace(/\.[^.]*$/, "").replace(/[\d_\- ]+$/, "");
    return stem || "drop";
  }

  function prepareUpload() {
    const form = $("upload");
    if (!form) return;
    const [input, button, more, folder, bar, answer, cancel] = [$("files"), form.querySelector("button"), form.querySelector(".more"), $("folder"), $("sent"), $("answer"), $("cancel")];
    const place = form.dataset.place, memory = place.startsWith("recall/") ? place.slice(7) : null;
    let chosen = [];
    function choose(files, name) {
      chosen = files;
      button.disabled = !files.length;
      if (more) {
        more.hidden = files.length < 2 && !name;
        if (files.length) folder.value = name ?? commonName(files);
      }
      answer.textContent = files.length === 1 ? files[0].path : files.length ? `${files.length} files` : "";
    }
    input.addEventListener("change", () => choose([...input.files].map((file) => ({ path: file.name, data: file }))));
    for (const name of ["dragenter", "dragover"]) form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
    for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("over"));
    form.addEventListener("drop", async (event) => {
      event.preventDefault();
      const found = await filesOf(event.dataTransfer);
      choose(found.files, found.folder);
    });
    cancel.addEventListener("click", () => running?.request?.abort());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const asFolder = more && !more.hidden && form.querySelector("input[name=shape]:checked").value === "folder";
      button.disabled = true;
      bar.hidden = cancel.hidden = false;
      answer.textContent = "";
      answer.classList.remove("bad");
      try {
        const order = { ...(memory && { memory }), ...(asFolder && { folder: folder.value.trim() }) };
        const done = await send(chosen, order, (share) => { bar.value = share * 100; });
        choose([]);
        input.value = "";
        answer.textContent = done.drops.length === 1 ? `${done.drops[0]} is in the inbox.` : `${done.drops.length} drops are in the inbox.`;
        if (memory) goToDrop(done.drops[0], answer);
      } catch (error) {
        answer.textContent = error.message;
        answer.classList.add("bad");
        button.disabled = false;
      }
      bar.hidden = cancel.hidden = true;
      bar.value = 0;
    });
  }

  // The row of a drop that was just put into the inbox, once the daemon has seen it.
  async function goToDrop(name, answer) {
    answer.textContent = "Asked; waiting for it to be taken …";
    // A machine that is busy may take its time.
    for (;;) {
      await new Promise((done) => setTimeout(done, 1000));
      const status = await call("GET", "/api/status").catch(() => null);
      const drop = status?.drops.find((one) => one.name === name);
      if (drop) { location.href = `/drops/${drop.id}`; return; }
      if (status && !status.daemon.running) answer.textContent = "The cue lies in the inbox; it is answered when engram run is started.";
    }
  }

  // MARK: Painting

  async function prepareEasel() {
    const painter = $("painter");
    if (!painter) return;
    const list = $("items"), easel = $("easel"), canvas = $("canvas"), share = $("share"), size = $("size");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    let original = null, mask = null, name = "", cursor = null, drawing = false, previous = null;

    async function readArray() {
      const { array, width, height, channels } = painter.dataset, [w, h, c] = [+width, +height, +channels];
      let bytes = new Uint8Array(await (await fetch(array)).arrayBuffer());
      if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
      const start = 4 + 4 * bytes[3], length = w * h * c, count = Math.min(Math.floor((bytes.length - start) / length), 240);
      for (let item = 0; item < count; item++) {
        const pixels = new ImageData(w, h);
        for (let i = 0; i < w * h; i++) {
          for (let k = 0; k < 3; k++) pixels.data[4 * i + k] = bytes[start + item * length + i * c + (c === 3 ? k : 0)];
          pixels.data[4 * i + 3] = 255;
        }
        const small = document.createElement("canvas"), button = document.createElement("button"), row = document.createElement("li");
        small.width = w; small.height = h;
        small.getContext("2d").putImageData(pixels, 0, 0);
        button.type = "button";
        button.dataset.item = `item-${item}`;
        button.setAttribute("aria-label", `item ${item}`);
        button.append(small);
        button.addEventListener("click", () => begin(button, pixels));
        row.append(button);
        list.append(row);
      }
    }

    async function pixelsOf(picture) {
      const bitmap = await createImageBitmap(await (await fetch(picture.getAttribute("src"))).blob(), { colorSpaceConversion: "none" });
      const small = new OffscreenCanvas(bitmap.width, bitmap.height), on = small.getContext("2d");
      on.drawImage(bitmap, 0, 0);
      return on.getImageData(0, 0, bitmap.width, bitmap.height);
    }

    function begin(button, pixels) {
      for (const other of list.querySelectorAll("[aria-pressed=true]")) other.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", "true");
      name = button.dataset.item.replace(/\.[^.]*$/, "");
      original = pixels;
      canvas.width = pixels.width; canvas.height = pixels.height;
      size.max = Math.max(2, Math.round(Math.max(pixels.width, pixels.height) / 3));
      size.value = Math.max(1, Math.round(Math.max(pixels.width, pixels.height) / 8));
      cursor = { x: pixels.width / 2, y: pixels.height / 2 };
      easel.hidden = false;
      reset();
    }
    let work = null;
    function reset() {
      work = new ImageData(new Uint8ClampedArray(original.data), original.width, original.height);
      mask = new Uint8Array(original.width * original.height).fill(255);
      show();
    }
    function show() {
      // Covered pixels are see-through; the cue itself keeps them black.
      const seen = new ImageData(new Uint8ClampedArray(work.data), work.width, work.height);
      let covered = 0, changed = 0;
      for (let i = 0; i < mask.length; i++) {
        if (!mask[i]) { seen.data[4 * i + 3] = 0; covered++; }
        else if ([0, 1, 2].some((k) => work.data[4 * i + k] !== original.data[4 * i + k])) changed++;
      }
      context.putImageData(seen, 0, 0);
      const percent = (count) => `${Math.round(100 * count / mask.length)} %`;
      share.textContent = `${percent(covered)} covered, ${percent(changed)} changed`;
    }
    function dab(x, y) {
      const tool = painter.querySelector("input[name=tool]:checked").value, radius = +size.value / 2;
      for (let py = Math.max(0, Math.floor(y - radius)); py <= Math.min(work.height - 1, Math.ceil(y + radius)); py++)
        for (let px = Math.max(0, Math.floor(x - radius)); px <= Math.min(work.width - 1, Math.ceil(x + radius)); px++) {
          if ((px + .5 - x) ** 2 + (py + .5 - y) ** 2 > Math.max(radius, .71) ** 2) continue;
          const i = py * work.width + px;
          mask[i] = tool === "cover" ? 0 : 255;
          for (let k = 0; k < 3; k++)
            work.data[4 * i + k] = tool === "restore" ? original.data[4 * i + k] : tool === "white" ? 255 : tool === "noise" ? Math.random() * 256 : 0;
        }
    }
    function stroke(from, to) {
      const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y)));
      for (let s = 0; s <= steps; s++) dab(from.x + (to.x - from.x) * s / steps, from.y + (to.y - from.y) * s / steps);
      show();
    }
    function at(event) {
      const box = canvas.getBoundingClientRect();
      return { x: (event.clientX - box.left) * canvas.width / box.width, y: (event.clientY - box.top) * canvas.height / box.height };
    }
    canvas.addEventListener("pointerdown", (event) => { drawing = true; canvas.setPointerCapture(event.pointerId); previous = at(event); stroke(previous, previous); });
    canvas.addEventListener("pointermove", (event) => { if (!drawing) return; const here = at(event); stroke(previous, here); previous = here; });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { drawing = false; });
    canvas.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way && event.key !== " ") return;
      event.preventDefault();
      const reach = Math.max(1, +size.value / 2), from = { ...cursor };
      if (way) {
        cursor.x = Math.min(canvas.width, Math.max(0, cursor.x + way[0] * reach));
        cursor.y = Math.min(canvas.height, Math.max(0, cursor.y + way[1] * reach));
      }
      if (event.key === " " || event.shiftKey) stroke(from, cursor); else show();
      context.strokeStyle = "#0b6a88";
      context.lineWidth = Math.max(1, canvas.width / 100);
      context.strokeRect(cursor.x - reach, cursor.y - reach, 2 * reach, 2 * reach);
    });
    $("reset").addEventListener("click", reset);
    $("half").addEventListener("click", () => {
      for (let i = 0; i < mask.length; i++) if (Math.floor(i / work.width) >= work.height / 2) { mask[i] = 0; work.data.fill(0, 4 * i, 4 * i + 3); }
      show();
    });
    const blob = (pixels) => new Promise((done) => {
      const paper = document.createElement("canvas");
      paper.width = pixels.width; paper.height = pixels.height;
      paper.getContext("2d").putImageData(pixels, 0, 0);
      paper.toBlob(done, "image/png");
    });
    $("send").addEventListener("click", async () => {
      const answer = $("painted"), button = $("send"), stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
      button.disabled = true;
      answer.classList.remove("bad");
      try {
        const known = new ImageData(work.width, work.height);
        for (let i = 0; i < mask.length; i++) known.data.set([mask[i], mask[i], mask[i], 255], 4 * i);
        const stem = `${name}-${stamp}`, files = [];
        if (mask.includes(0)) files.push({ path: `${stem}_mask.png`, data: await blob(known) });
        files.push({ path: `${stem}.png`, data: await blob(work) });
        const done = await send(files, { memory: $("ask").dataset.memory }, () => {});
        await goToDrop(done.drops[0], answer);
      } catch (error) {
        answer.textContent = error.message;
        answer.classList.add("bad");
      }
      button.disabled = false;
    });
    for (const button of list.querySelectorAll("button[data-item]")) button.addEventListener("click", async () => begin(button, await pixelsOf(button.querySelector("img"))));
    if (painter.dataset.array) await readArray().catch(() => { list.textContent = "The items could not be read."; });
  }

  // MARK: The beginning

  fillTokens(document);
  prepareUpload();
  prepareEasel();
  if (page === "home") announce();
  if (["home", "drop", "memory"].includes(page)) follow();
  if (page === "drop") watchDrop();
})();
