"""One inbox, outbox and state folder of their own, and engram started in them, with or without faults."""
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

from . import inputs

HERE = pathlib.Path(__file__).resolve().parent.parent
FINAL = {"archived", "rejected", "vanished"}
# Worlds of one proof are started by several threads.
BUILDING = threading.Lock()
# Longer than any wait between attempts, so that each start finds every drop due.
SHIFT_PER_START = 7200


class Failure(Exception):
    """A guarantee that did not hold, or a run that did not end."""


def build_shim():
    """Compiles faults.c once for its present text; returns the library's path."""
    source = HERE / "faults.c"
    target = pathlib.Path(tempfile.gettempdir()) / ("engram-faults-%d-%d.so" % (os.getuid(), source.stat().st_mtime_ns))
    with BUILDING:
        if target.exists():
            return str(target)
        compiler = next((name for name in ("cc", "clang", "gcc") if shutil.which(name)), None)
        if compiler is None:
            raise Failure("no C compiler was found (cc, clang or gcc); Swift brings clang")
        building = "%s.%d" % (target, os.getpid())
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", building, str(source), "-ldl"], check=True)
        os.rename(building, target)
    return str(target)


def memory_folder():
    """In memory where possible: a proof kills processes, it does not cut the power, so flushing need not cost anything."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()


class World:
    def __init__(self, binary, parent=None, pipeline=None):
        self.binary = str(pathlib.Path(binary).resolve())
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="engram-proof-", dir=parent or memory_folder()))
        # What the proof itself needs lies beside the root, out of engram's sight.
        self.root = self.base / "root"
        for folder in (self.root, self.inbox, self.outbox):
            folder.mkdir()
        (self.root / "pipeline.yml").write_text(pipeline or inputs.pipeline())
        self.start_count = 0
        self.pending_shift = 0

    inbox = property(lambda self: self.root / "inbox")
    outbox = property(lambda self: self.root / "outbox")
    state = property(lambda self: self.root / ".engram")
    trace = property(lambda self: self.base / "trace")
    struck = property(lambda self: self.base / "struck")
    log = property(lambda self: self.base / "log")

    @property
    def has_struck(self):
        """Whether a fault of the last start with one has happened."""
        return any(self.struck.read_bytes())

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        shutil.rmtree(self.base, ignore_errors=True)

    def fill(self, made):
        for name, content in made.items():
            inputs.put(self.inbox, name, content)

    def start(self, *arguments, spec=None, traced=False, rate=400, preload=True, limits=None):
        """Starts `engram run …`; each start is two hours after the last one by the program's own clock."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("FAULTS_", "OPENBLAS_", "ENGRAM_"))}
        # One start a process: a second one, for better kernels, would count calls anew.
        environment.update(OPENBLAS_NUM_THREADS="1", ENGRAM_KEEP_KERNELS="1", OPENBLAS_CORETYPE="Haswell")
        if preload:
            environment.update(
                LD_PRELOAD=build_shim(), FAULTS_ROOT=str(self.root), FAULTS_RATE=str(rate),
                FAULTS_SHIFT=str(self.start_count * SHIFT_PER_START), FAULTS_STRUCK=str(self.struck))
            if spec:
                environment["FAULTS_SPEC"] = spec
                self.struck.write_bytes(bytes(16))
            if traced:
                environment["FAULTS_TRACE"] = str(self.trace)
        self.start_count += 1
        output = open(self.log, "ab")
        return subprocess.Popen(
            [self.binary, "run", "--as-root", *arguments], cwd=self.root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            preexec_fn=limits)

    def finish(self, process, seconds=300):
        try:
            return process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failure("engram did not end within %d s\n%s" % (seconds, self.tail()))

    def once(self, **options):
        """One pass through the inbox; returns the exit code."""
        # What does not pass within seconds here does not pass at all.
        return self.finish(self.start("--once", "--retry-for", "20", **options))

    def tail(self, count=3000):
        return self.log.read_bytes()[-count:].decode("utf-8", "replace") if self.log.exists() else ""

    def rows(self):
        """[(name, state, reason, resultPath)] of the ledger, read as `engram status` may read it while a daemon writes."""
        path = self.state / "ledger.sqlite"
        if not path.exists():
            return []
        database = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=30)
        try:
            return database.execute("SELECT name, state, reason, resultPath FROM drops ORDER BY id").fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            database.close()

    def count(self, query):
        """The number that a query of the ledger gives."""
        database = sqlite3.connect("file:%s?mode=ro" % (self.state / "ledger.sqlite"), uri=True, timeout=30)
        try:
            return database.execute(query).fetchone()[0]
        finally:
            database.close()

    def workers(self):
        """Process numbers of the workers that the ledger knows and that run, whoever started them."""
        path, found = self.state / "ledger.sqlite", []
        if path.exists():
            database = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=30)
            try:
                rows = database.execute("SELECT workerProcess FROM drops WHERE state = 'running' AND workerProcess IS NOT NULL").fetchall()
                found = [row[0] for row in rows if str(self.root).encode() in command_line(row[0])]
            except sqlite3.OperationalError as error:
                if "no such table" not in str(error):
                    raise
            finally:
                database.close()
        return found

    def wait_until(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise Failure("%s did not happen within %d s\n%s" % (what, seconds, self.tail()))
            time.sleep(0.02)

    def settle_down(self, passes=6):
        """Starts engram without faults until nothing is left to do; returns how many starts that took."""
        for count in range(1, passes + 1):
            code = self.once()
            if code not in (0, 1):
                raise Failure("a start without faults ended with code %s\n%s" % (code, self.tail()))
            if all(state in FINAL for _, state, _, _ in self.rows()) and not any(visible(self.inbox)):
                return count
        raise Failure("after %d starts without faults there is still work: %s\n%s" % (passes, self.rows(), self.tail()))


def visible(folder):
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        # The folders of cues stay; what lies in them is work.
        if path.name == "recall" and path.is_dir():
            yield from (cue for memory in path.iterdir() if memory.is_dir() for cue in visible(memory))
        else:
            yield path


def children(process):
    """Process numbers of the children of `process`."""
    try:
        found = []
        for task in pathlib.Path("/proc/%d/task" % process).iterdir():
            found += [int(number) for number in (task / "children").read_text().split()]
        return found
    except (FileNotFoundError, ProcessLookupError):
        return []


def command_line(process):
    """The arguments of a process; nothing where there is no such process, or a zombie."""
    try:
        return pathlib.Path("/proc/%d/cmdline" % process).read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def kill(process):
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass
