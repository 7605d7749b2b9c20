"""What must hold after every disturbance; each check raises `Failure` with what it found."""
import csv
import hashlib
import json
import pathlib
import re
import sqlite3

from . import inputs
from .world import FINAL, Failure

# What tells how long a run took, and nothing else: everything outside of it has to be the same to the byte.
#   report.json   every member named "seconds"
#   training.csv  the column "seconds"
#   report.html   the lines and the figure that the pattern finds, of a recall the time on its card
#   manifest.json the hashes and sizes of these three
HTML_TIMES = re.compile(
    rb'(?s)<p class="value">[^<]*<span class="unit">in all</span></p>\s*<p class="meaning">from drop to report[^<]*</p>'
    rb'|<figure class="wide timing">.*?</figure>'
    rb'|<p class="value">[^<]*<span class="unit"></span></p>\s*<p class="meaning">from the (?:cue|table|picture) to this page[^<]*</p>'
    rb'|<p class="value">[^<]*<span class="unit"></span></p>\s*<p class="meaning">of which [^<]* to measure</p>'
)


UNSAVED = b"A checkpoint could not be saved"
NOTED = "has one note more"


def sha256(bytes_):
    return hashlib.sha256(bytes_).hexdigest()


def tree(path):
    """{relative path: sha256} of the files at `path`; a file itself has the empty path."""
    path = pathlib.Path(path)
    if path.is_file():
        return {"": sha256(path.read_bytes())}
    return {str(file.relative_to(path)): sha256(file.read_bytes()) for file in sorted(path.rglob("*")) if file.is_file()}


def content_tree(content):
    if isinstance(content, dict):
        return {name: sha256(bytes_) for name, bytes_ in content.items()}
    return {"": sha256(content)}


def without_times(relative, bytes_):
    """A file of a result with its times taken out."""
    if relative == "report.json":
        return json.dumps(without_seconds(json.loads(bytes_))).encode()
    if relative == "report.html":
        return HTML_TIMES.sub(b"", bytes_)
    if relative == "training.csv":
        rows = list(csv.reader(bytes_.decode().splitlines()))
        column = rows[0].index("seconds")
        return json.dumps([row[:column] + row[column + 1 :] for row in rows]).encode()
    return bytes_


def without_seconds(value):
    if isinstance(value, dict):
        return {name: without_seconds(member) for name, member in value.items() if name != "seconds"}
    if isinstance(value, str) and value.startswith(UNSAVED.decode()):
        return None
    if isinstance(value, list):
        return [member for member in map(without_seconds, value) if member is not None]
    return value


def results(world):
    """{drop: {relative path: sha256 without times}} of what is published; the manifest is checked and left out."""
    found = {}
    for folder in sorted(world.outbox.iterdir()):
        if folder.name == "rejected":
            continue
        found[folder.name] = published(folder)
    return found


def published(folder):
    manifest_path = folder / "manifest.json"
    if not manifest_path.is_file():
        raise Failure("%s was published without a manifest" % folder.name)
    manifest = json.loads(manifest_path.read_bytes())
    listed = {file["path"]: (file["bytes"], file["sha256"]) for file in manifest["files"]}
    hashes = {}
    has_note = UNSAVED in (folder / "report.json").read_bytes()
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file == manifest_path:
            continue
        relative, bytes_ = str(file.relative_to(folder)), file.read_bytes()
        if listed.pop(relative, None) != (len(bytes_), sha256(bytes_)):
            raise Failure("%s/%s is not what its manifest says" % (folder.name, relative))
        # A report that says that a checkpoint could not be saved says a sentence more than the undisturbed one.
        hashes[relative] = NOTED if has_note and relative == "report.html" else sha256(without_times(relative, bytes_))
    if listed:
        raise Failure("%s lacks %s" % (folder.name, sorted(listed)))
    # Without the hashes of the files that tell times, the manifest has to be the same as well.
    manifest["files"] = [file["path"] for file in manifest["files"]]
    hashes["manifest.json"] = sha256(json.dumps(manifest, sort_keys=True).encode())
    return hashes


def check_no_byte_lost(world, made):
    """Every source lies, whole, in exactly one of archive, outbox/rejected and inbox. Returns {name: place}."""
    places = {}
    for name, content in made.items():
        expected, found = content_tree(content), []
        for place, path in candidates(world, name):
            if path.exists() and tree(path) == expected:
                found.append(place)
        if len(found) != 1:
            raise Failure("the source of %s is in %s; it has to be in exactly one place" % (name, found or "no place"))
        places[name] = found[0]
    return places


def candidates(world, name):
    yield "inbox", world.inbox / name
    for place, parent, inner in (
        ("archive", world.state / "archive", ""), ("work", world.state / "work", "input/"), ("rejected", world.outbox / "rejected", "source/"),
    ):
        if parent.is_dir():
            for folder in sorted(parent.iterdir()):
                yield place, folder / (inner + inputs.entry(name))


def check_each_once(world, made, must_fail, reference, may_fail=()):
    """Published exactly once with the reference's bytes, or rejected with a reason.

    `may_fail`: drops that a fault may have made fail for good; their sources then lie with the reason.
    """
    names = [name for name in made if not name.endswith(".drop.yml")]
    places = check_no_byte_lost(world, made)
    found = results(world)
    rejected = {folder.name: folder for folder in (world.outbox / "rejected").iterdir()}
    failed = set(rejected)
    for name in names:
        own = inputs.entry(name)
        # A question to a memory that a fault kept from being made has no answer either.
        has_no_memory = name.startswith("recall/") and name.split("/")[1] in failed
        if name in must_fail or ((name in may_fail or has_no_memory) and own in rejected):
            check_rejection(name, rejected.pop(own, None), places[name])
            continue
        if places[name] != "archive":
            raise Failure("%s is in %s, not in the archive\n%s" % (name, places[name], world.tail()))
        result = found.pop(own, None)
        if result is None:
            raise Failure("%s was not published" % name)
        if reference is not None and result != reference[own]:
            paths = sorted(set(result) | set(reference[own]))
            changed = [path for path in paths if result.get(path) not in (reference[own].get(path), NOTED)]
            if changed:
                raise Failure("%s differs from an undisturbed run in %s" % (name, changed))
    if found or rejected:
        raise Failure("in the outbox without a drop: %s" % sorted([*found, *rejected]))


def check_rejection(name, folder, place):
    if folder is None or place != "rejected":
        raise Failure("%s has to be rejected and is in %s" % (name, place))
    error = json.loads((folder / "error.json").read_bytes())
    if not error.get("message") or error.get("name") != name:
        raise Failure("%s was rejected without a reason: %s" % (name, error))


def check_nothing_left(world):
    """No work folder, and no name of a temporary file anywhere."""
    left = [str(path.relative_to(world.root)) for path in (world.state / "work").iterdir()]
    # Engram's own mark of an inbox that is mounted; it stays.
    marker = world.root / "inbox" / ".engram-inbox"
    for path in world.root.rglob("*"):
        if path == marker:
            continue
        if path.name.endswith((".tmp", ".part")) or path.name.startswith(".engram-") or path.name.startswith(".making-"):
            left.append(str(path.relative_to(world.root)))
    if left:
        raise Failure("left behind: %s" % sorted(left))


def check_ledger(world, made):
    """The database is sound, every drop has one row that is final, and each chain of transitions holds together."""
    database = sqlite3.connect("file:%s?mode=ro" % (world.state / "ledger.sqlite"), uri=True, timeout=30)
    try:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)] or database.execute("PRAGMA foreign_key_check").fetchall():
            raise Failure("the ledger is damaged")
        rows = database.execute("SELECT id, name, state, resultPath, path FROM drops").fetchall()
        steps = database.execute("SELECT dropID, fromState, toState FROM transitions ORDER BY number").fetchall()
    finally:
        database.close()
    for name in made:
        mine = [state for _, row_name, state, _, _ in rows if row_name == name]
        if name.endswith(".drop.yml"):
            continue
        if len([state for state in mine if state != "vanished"]) != 1 or not set(mine) <= FINAL:
            raise Failure("the ledger has %s in the states %s" % (name, mine))
    for id_, name, state, result, path in rows:
        chain = [(before, after) for drop, before, after in steps if drop == id_]
        last = None
        for before, after in chain:
            if before != last:
                raise Failure("the ledger's steps of %s do not follow from each other: %s" % (name, chain))
            last = after
        if last != state:
            raise Failure("%s stands at %s and its last step is %s" % (name, state, last))
        if sum(1 for before, after in chain if after == "published" and before != "published") > 1:
            raise Failure("%s was published more than once: %s" % (name, chain))
        if state in ("archived", "rejected") and not (pathlib.Path(result).is_dir() and pathlib.Path(path).exists()):
            raise Failure("the ledger's paths of %s do not exist: %s, %s" % (name, result, path))


def check_all(world, made, must_fail, reference, may_fail=()):
    check_each_once(world, made, must_fail, reference, may_fail)
    check_nothing_left(world)
    check_ledger(world, made)
