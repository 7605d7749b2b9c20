"""Labelled points: the calls that change a file, as a traced run made them."""
import re

# What differs from run to run in a path: the drop's identifier, the attempt's token, process numbers, random suffixes.
CHANGING = [
    (re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{12}"), "*"),
    (re.compile(r"/output/[0-9a-f]{32}"), "/output/*"),
    (re.compile(r"probe-\d+"), "probe-*"),
    (re.compile(r"checkpoint\.[0-9a-f]+\.part"), "checkpoint.*.part"),
    (re.compile(r"\.(?:dat|tmp)\.nosync[\w.]+"), "*"),
]
# What a run has more or fewer of, by the time it takes: progress is written a few times a second, checkpoints by a clock, and when SQLite
# tidies up depends on who reads meanwhile.
UNSTEADY = ("progress.json", "worker.out", "/checkpoint", "ledger.sqlite")


class Point:
    """The n-th call of one kind on one path by one role, and what happens to the process there."""

    def __init__(self, role, operation, path, number, action):
        self.role, self.operation, self.path, self.number, self.action = role, operation, path, number, action

    @property
    def spec(self):
        return "%s;%s;%s;%d;%s;1" % (self.role, self.operation, self.path, self.number, self.action)

    @property
    def is_steady(self):
        return not any(word in self.path for word in UNSTEADY)

    def __str__(self):
        return "%s %s in %s of %s, number %d" % (self.role, self.action, self.operation, self.path, self.number)


def label(path):
    for pattern, replacement in CHANGING:
        path = pattern.sub(replacement, path)
    return path


def read(trace):
    """[(process, role, operation, label, second label or byte count)] of a trace."""
    calls = []
    for line in trace.read_text().splitlines():
        process, role, operation, path, second = line.split("\t")
        calls.append((int(process), role, operation, label(path), label(second)))
    return calls


def kill_points(calls):
    """Every place to kill at: before each call, and in the middle of each write.

    SQLite's frames are written one after the other: the middle of one is also the end of the one before, so there only the middle is taken.
    Its shared-memory index is no file to recover from: SQLite makes it anew.
    """
    counts, points = {}, []
    for _, role, operation, path, _ in calls:
        if path.endswith("-shm"):
            continue
        key = (role, operation, path)
        counts[key] = counts.get(key, 0) + 1
        is_ledger = "ledger.sqlite" in path
        if operation != "write" or not is_ledger:
            points.append(Point(role, operation, path, counts[key], "kill"))
        if operation == "write":
            points.append(Point(role, operation, path, counts[key], "half"))
    return points


def labels(calls):
    """The distinct labels, in the order of their first call."""
    return list(dict.fromkeys((role, operation, path) for _, role, operation, path, _ in calls))
