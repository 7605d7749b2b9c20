#!/usr/bin/env python3
"""Writes cron-occurrences.json: when cron lines come, by looking at every minute of real time through Python's zoneinfo.

    python3 make_cron_oracle.py

Nothing here is shared with the Swift code but the time zone files beside this script (tzdata 2025b of Debian 12, public domain).
The rule is that of ISC cron: a fixed time of day that is skipped comes at the moment of the change, one that is shown twice comes the
first time; an interval (`*` first in the minute or the hour) follows the clock face.
"""
import datetime as dt
import json
import pathlib
import zoneinfo

HERE = pathlib.Path(__file__).resolve().parent
zoneinfo.reset_tzpath([str(HERE / "zoneinfo")])
UTC = dt.timezone.utc
MONTHS = dict(zip("jan feb mar apr may jun jul aug sep oct nov dec".split(), range(1, 13)))
DAYS = dict(zip("sun mon tue wed thu fri sat".split(), range(7)))
FIELDS = [(0, 59, {}), (0, 23, {}), (1, 31, {}), (1, 12, MONTHS), (0, 7, DAYS)]


def values(text, low, high, names):
    found = set()
    for part in text.split(","):
        body, _, step = part.partition("/")
        if body == "*":
            first, last = low, high
        else:
            ends = [names.get(end.lower(), None) if end.lower() in names else int(end) for end in body.split("-")]
            first, last = ends[0], ends[-1]
        found |= set(range(first, last + 1, int(step or 1)))
    return found


def matcher(line):
    words = line.split()
    minute, hour, day, month, weekday = [values(w, *f) for w, f in zip(words, FIELDS)]
    weekday = {d % 7 for d in weekday}
    both = words[2].startswith("*") or words[4].startswith("*")
    interval = words[0].startswith("*") or words[1].startswith("*")

    def matches(t):
        d, w = t.day in day, t.isoweekday() % 7 in weekday
        return t.minute in minute and t.hour in hour and t.month in month and ((d and w) if both else (d or w))

    return matches, interval


def occurrences(line, zone, start, count, days):
    matches, interval = matcher(line)
    place = zoneinfo.ZoneInfo(zone)
    moment = dt.datetime.fromisoformat(start).replace(tzinfo=UTC)
    end = moment + dt.timedelta(days=days)
    offset = moment.astimezone(place).utcoffset()
    found = []
    while len(found) < count and moment < end:
        moment += dt.timedelta(minutes=1)
        local = moment.astimezone(place)
        hit = matches(local.replace(tzinfo=None)) and (interval or local.fold == 0)
        if local.utcoffset() > offset and not interval:
            # The clock faces that were jumped over.
            face = local.replace(tzinfo=None) - (local.utcoffset() - offset)
            while face < local.replace(tzinfo=None):
                hit = hit or matches(face)
                face += dt.timedelta(minutes=1)
        offset = local.utcoffset()
        if hit:
            found.append(int(moment.timestamp()))
    return found


# Line, zone, start (UTC), occurrences, days searched at most.
CASES = [
    # Berlin: 2026-03-29 02:00 becomes 03:00; 2026-10-25 03:00 becomes 02:00.
    ("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00", 5, 10), ("30 2 * * *", "Europe/Berlin", "2026-10-23T12:00", 5, 10),
    ("0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 4, 10), ("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00", 4, 10),
    ("*/30 * * * *", "Europe/Berlin", "2026-03-28T23:10", 8, 2), ("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:10", 12, 2),
    ("15 * * * *", "Europe/Berlin", "2026-10-24T22:10", 8, 2), ("*/20 2 * * *", "Europe/Berlin", "2026-10-24T22:10", 8, 3),
    ("0 22 * * *", "Europe/Berlin", "2026-10-23T12:00", 4, 10),
    # New York, and the rule at the end of the file: 2041 lies after every listed change.
    ("30 2 * * *", "America/New_York", "2026-03-06T12:00", 5, 10), ("30 1 * * *", "America/New_York", "2026-10-30T12:00", 5, 10),
    ("30 2 * * *", "America/New_York", "2041-03-08T12:00", 4, 10), ("30 1 * * *", "America/New_York", "2041-11-01T12:00", 4, 10),
    # Lord Howe moves by half an hour: 2026-10-04 02:00 becomes 02:30; 2026-04-05 02:00 becomes 01:30.
    ("10 2 * * *", "Australia/Lord_Howe", "2026-10-02T00:00", 5, 10), ("45 1 * * *", "Australia/Lord_Howe", "2026-04-03T00:00", 5, 10),
    ("*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00", 10, 2), ("*/15 1-2 * * *", "Australia/Lord_Howe", "2026-10-03T14:00", 10, 2),
    ("0 2 * * *", "Australia/Lord_Howe", "2050-10-01T00:00", 4, 10),
    # Cairo changes at midnight: 2026-04-24 00:00 becomes 01:00; on 2026-10-29 24:00 becomes 23:00.
    ("0 0 * * *", "Africa/Cairo", "2026-04-22T12:00", 5, 10), ("30 23 * * *", "Africa/Cairo", "2026-10-27T12:00", 5, 10),
    ("0 0 * * *", "Africa/Cairo", "2026-10-28T12:00", 4, 10), ("*/30 * * * *", "Africa/Cairo", "2026-10-29T19:10", 8, 2),
    ("30 0 * * fri", "Africa/Cairo", "2045-04-20T12:00", 3, 30),
    # Samoa left out a whole day; St. John's put the clocks back at a minute past midnight, into the day before.
    ("0 9 * * *", "Pacific/Apia", "2011-12-28T12:00", 5, 10), ("0 9 30 12 *", "Pacific/Apia", "2011-12-28T12:00", 2, 400),
    ("59 23 * * *", "America/St_Johns", "2010-11-05T12:00", 4, 10), ("0 0 * * *", "America/St_Johns", "2010-11-05T12:00", 4, 10),
    ("*/30 * * * *", "America/St_Johns", "2010-11-07T01:10", 10, 2),
    # Dublin's winter is the exception in its file.
    ("30 1 * * *", "Europe/Dublin", "2026-03-27T12:00", 4, 10), ("30 1 * * *", "Europe/Dublin", "2040-10-26T12:00", 4, 10),
    # Fields.
    ("0 0 29 2 *", "Europe/Berlin", "2023-12-01T00:00", 2, 1600), ("0 0 31 * *", "Europe/Berlin", "2025-12-15T00:00", 8, 400),
    ("0 4 13 * fri", "Europe/Berlin", "2026-01-01T00:00", 8, 60), ("0 4 */2 * mon", "Europe/Berlin", "2026-01-01T00:00", 5, 90),
    ("0 4 1 * */2", "Europe/Berlin", "2026-01-01T00:00", 4, 200), ("5-59/20 8-10 * jan-mar mon-fri", "Europe/Berlin", "2026-01-02T09:00", 9, 9),
    ("59 23 31 12 7", "Europe/Berlin", "2026-12-01T00:00", 6, 40), ("1,2,4 */6 * * sun,wed", "Europe/Berlin", "2026-06-01T00:00", 9, 9),
]

if __name__ == "__main__":
    table = []
    for line, zone, start, count, days in CASES:
        after = int(dt.datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp())
        found = occurrences(line, zone, start, count, days)
        table.append({"cron": line, "zone": zone, "after": after, "expected": found})
    rows = ",\n".join("  " + json.dumps(row) for row in table)
    (HERE / "cron-occurrences.json").write_text(f"[\n{rows}\n]\n")
