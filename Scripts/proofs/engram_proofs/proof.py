"""What all proofs share: the undisturbed run to compare with, and many worlds at the same time."""
import concurrent.futures
import signal
import time

from . import durability, guarantees, points
from .world import Failure, World


def undisturbed(binary, made, must_fail):
    """Two runs without a fault: the bytes to expect, and whether they are always the same; the second is traced, and timed."""
    results = []
    for is_traced in (False, True):
        with World(binary) as place:
            place.fill(made)
            began = time.monotonic()
            code = place.once(traced=is_traced)
            seconds = time.monotonic() - began
            if code != 1:
                raise Failure("an undisturbed run with one damaged drop ended with code %s, not 1\n%s" % (code, place.tail()))
            results.append(guarantees.results(place))
            guarantees.check_all(place, made, must_fail, results[0])
            if is_traced:
                calls, order = points.read(place.trace), durability.check(place.trace)
    # What a worker writes into its result it writes from behind its fence.
    roles = {role for _, role, operation, path, _ in calls if role == "daemon" or operation in ("write", "create") and "work" in path.split("/")}
    if len(roles) != 1 + len([name for name in made if not name.endswith(".drop.yml")]):
        raise Failure("the trace saw only %s; every worker has to be seen" % sorted(roles))
    print(
        "order of writes and flushes: %d results, %d moves and %d removals, none before what it counts on was flushed"
        % (order["results"], order["moves"], order["removals"]), flush=True)
    return results[0], calls, seconds


class OutOfTime(Exception):
    """A task that was not begun before the end."""


def in_parallel(options, tasks):
    """Runs [(name, work)]; returns [(name, result)] and [(name, error)], and prints errors as they come.

    Tasks that are not begun when the time is up, or once SIGINT or SIGTERM came, are left out and counted.
    """
    done, failures, left_out = [], [], 0

    def stop(*_):
        options.is_stopped = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)

    def begin(work):
        if options.is_stopped or time.monotonic() > options.end:
            raise OutOfTime
        return work()

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = {pool.submit(begin, work): name for name, work in tasks}
        for count, future in enumerate(concurrent.futures.as_completed(futures), 1):
            name = futures[future]
            try:
                done.append((name, future.result()))
            except OutOfTime:
                left_out += 1
                continue
            except Exception as error:  # noqa: BLE001: whatever goes wrong is a finding, with its place
                failures.append((name, error))
                print("FAILED  %s\n        %s" % (name, str(error).replace("\n", "\n        ")), flush=True)
            if count % 50 == 0:
                print("%d of %d" % (count, len(tasks)), flush=True)
    if left_out > 0:
        print("NOT TRIED: %d of %d, the time was up" % (left_out, len(tasks)), flush=True)
    return done, failures


def parse(parser):
    """The options, with those that all proofs have."""
    parser.add_argument("--binary", required=True, help="the engram to test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="worlds at the same time")
    parser.add_argument("--time-limit", type=float, default=1e6, help="minutes after which nothing new is begun")
    options = parser.parse_args()
    options.end = time.monotonic() + 60 * options.time_limit
    options.is_stopped = False
    return options
