"""Small drops of every kind, made from a seed: their bytes are all that a proof has to know about them."""
import pathlib
import random
import struct
import zlib

# Tiny networks: a drop takes milliseconds of training, and what is tested is everything around it.
PIPELINE = """\
inbox: inbox
outbox: outbox
state: .engram
settle: 0s
jobs: {jobs}
threads: 1
min_free_space: 0
# Waits between attempts are real time.
retry_wait: 1s
worker:
  sandbox: {sandbox}
defaults:
  network:
    depth: 1
    width: 8
  training:
    epochs: {epochs}
    budget: 8760h
  recall:
    starts: 2
    iterations: 20
  analysis:
    eigenvalues: {eigenvalues}
  audio:
    window: 50ms
  report:
    animation: {animation}
"""


def pipeline(jobs=1, epochs=400, eigenvalues=True, animation=True, sandbox="auto"):
    words = {True: "true", False: "false"}
    return PIPELINE.format(sandbox=sandbox, jobs=jobs, epochs=epochs, eigenvalues=words[eigenvalues], animation=words[animation])


def png(width, height, values):
    """An 8-bit grey PNG."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(values[row * width : (row + 1) * width]) for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def wav(samples, rate):
    """A 16-bit mono WAV."""
    data = struct.pack("<%dh" % len(samples), *samples)
    form = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data


def idx(shape, values):
    return bytes([0, 0, 8, len(shape)]) + b"".join(struct.pack(">I", length) for length in shape) + bytes(values)


def grey(generator, count):
    return [generator.randrange(256) for _ in range(count)]


def corrupt_png(generator):
    """Begins and ends as a PNG does, so it is taken; its pixels contradict their checksum, so it is rejected."""
    bytes_ = bytearray(png(6, 6, grey(generator, 36)))
    bytes_[bytes_.index(b"IDAT") + 8] ^= 0xFF
    return bytes(bytes_)


def labelled(generator):
    """Rows whose class is the sign of their first number, two of them without a class."""
    rows = [(generator.uniform(-1, 1), generator.uniform(-1, 1)) for _ in range(16)]
    lines = ["%.3f,%.3f,%s" % (x, y, "" if index < 2 else "up" if x > 0 else "down") for index, (x, y) in enumerate(rows)]
    return "\n".join(["x,y,class"] + lines) + "\n"


def drops(seed=1, labels=False):
    """One drop of each kind: {name: bytes, or {name inside: bytes}}, and the names that must be rejected.

    `labels`: also rows with labels, which take a debug build some seconds.
    """
    generator = random.Random(seed)
    made = {
        "1-picture.png": png(6, 6, grey(generator, 36)),
        # Frames of noise are in no order, so the settings say that they are a film.
        "2-film": {"frame_%d.png" % number: png(5, 5, grey(generator, 25)) for number in range(1, 5)}
        | {"drop.yml": b"kind: sequence\n"},
        "3-sound.wav": wav([generator.randrange(-20000, 20000) for _ in range(160)], 400),
        "4-digits-idx3-ubyte": idx((4, 5, 5), grey(generator, 100)),
        "4-digits-idx3-ubyte.drop.yml": b"seed: 7\n",
        "5-corrupt.png": corrupt_png(generator),
    }
    # Drawn last, so that the others stay what they were: a question to the first, which waits until that is stored, one to nobody, and rows with labels.
    made["recall/1-picture.png/6-cue.png"] = png(6, 6, grey(generator, 36))
    made["recall/nobody/7-cue.png"] = png(6, 6, grey(generator, 36))
    if labels:
        made["8-labels.csv"] = labelled(generator).encode()
        made["8-labels.csv.drop.yml"] = b"predict:\n  folds: 2\n  rounds: 0\n  model: laplace\n"
    return made, {"5-corrupt.png", "recall/nobody/7-cue.png"}


def entry(name):
    """What the files of a drop are called: a cue lies in recall/MEMORY/, its result and its source elsewhere under its own name."""
    return name.rsplit("/", 1)[-1]


def small_drop(number):
    """The n-th of a burst: a picture unlike every other."""
    generator = random.Random(number)
    return png(4, 4, grey(generator, 16))


def put(folder, name, content):
    """Makes a file, or a folder of files, elsewhere and renames it into place, as a careful writer does."""
    folder = (pathlib.Path(folder) / name).parent
    name = entry(name)
    folder.mkdir(parents=True, exist_ok=True)
    hidden = folder / (".making-" + name)
    if isinstance(content, dict):
        hidden.mkdir()
        for inner, bytes_ in content.items():
            (hidden / inner).write_bytes(bytes_)
    else:
        hidden.write_bytes(content)
    hidden.rename(folder / name)
