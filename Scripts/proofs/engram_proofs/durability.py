"""What the order of writes and flushes in a trace promises should the power fail: nothing is counted on before it is flushed.

A model of the disk keeps, call by call, what is not yet known to be on it: files that were written and not flushed since, and folders whose
entries changed and that were not flushed since. Then:
1. a result is renamed into the outbox only when every file and folder in it is flushed,
2. a source is moved (out of the inbox, to the archive, to the rejected) only when all of the ledger is flushed that says so,
3. the ledger's next entry is begun only when the folders that sources and results were moved between are flushed,
4. nothing in a work folder is removed before the source and the result that left it are known to have arrived.
"""
import posixpath

from .world import Failure

LEDGER = ".engram/ledger.sqlite-wal"
WORK = ".engram/work/"


class Disk:
    """What a trace of one process, or of a daemon and its workers in turn, has left unflushed."""

    def __init__(self):
        self.files, self.folders, self.moves = set(), set(), []
        self.counts = {"results": 0, "moves": 0, "removals": 0}

    def call(self, role, operation, path, second):
        handler = getattr(self, "on_" + operation, None)
        if handler is not None:
            handler(role, path, second)

    def on_create(self, role, path, second):
        self.files.add(path)
        self.folders.add(posixpath.dirname(path))

    def on_mkdir(self, role, path, second):
        # The standing folders are made again at every start, if they are missing.
        if path.startswith(WORK):
            self.folders.update((posixpath.dirname(path), path))

    def on_write(self, role, path, second):
        if path == LEDGER and self.moves:
            unflushed = [folder for move in self.moves for folder in map(posixpath.dirname, move) if folder in self.folders]
            if unflushed:
                raise Failure("the ledger went on while %s were not flushed after the rename of %s" % (unflushed, self.moves))
            self.moves = []
        self.files.add(path)

    def on_flush(self, role, path, second):
        self.files.discard(path)
        self.folders.discard(path)

    def on_rename(self, role, path, second):
        if is_result(second):
            self.counts["results"] += 1
            unflushed = [name for name in self.files | self.folders if name == path or name.startswith(path + "/")]
            if unflushed:
                raise Failure("%s was published with %s not flushed" % (second, sorted(unflushed)))
        if is_move(path, second):
            self.counts["moves"] += 1
            if LEDGER in self.files:
                raise Failure("%s was moved to %s before the ledger was flushed" % (path, second))
            self.moves.append((path, second))
        self.files = {moved(name, path, second) for name in self.files}
        self.folders = {moved(name, path, second) for name in self.folders} | {posixpath.dirname(path), posixpath.dirname(second)}

    def on_remove(self, role, path, second):
        if role == "daemon" and path.startswith(WORK):
            self.counts["removals"] += 1
            if self.moves or LEDGER in self.files:
                raise Failure("%s was removed before %s was durable" % (path, self.moves or "the ledger"))


def is_result(path):
    parts = path.split("/")
    return (parts[0] == "outbox" and len(parts) == 2 and not parts[1].startswith(".")) or (parts[:2] == ["outbox", "rejected"] and len(parts) == 3)


def is_move(path, second):
    """A source or a result leaves one of its places for the next; companions travel with their source, the log with its verdict."""
    if path.startswith("inbox/") and not posixpath.basename(path).startswith("."):
        return not path.endswith((".drop.yml", ".done"))
    return is_result(second) or second.startswith(".engram/archive/")


def moved(name, path, second):
    if name == path:
        return second
    return second + name[len(path) :] if name.startswith(path + "/") else name


def check(trace):
    """Checks a whole trace; returns how many publications, moves and removals there were."""
    disk = Disk()
    for line in trace.read_text().splitlines():
        _, role, operation, path, second = line.split("\t")
        if path.startswith(("inbox/.", "outbox/.", ".engram/.")) or path.endswith("-shm") or path == ".engram/lock":
            continue
        disk.call(role, operation, path, second)
    if not all(disk.counts.values()):
        raise Failure("the trace holds no publication, no move or no removal: %s" % disk.counts)
    return disk.counts
