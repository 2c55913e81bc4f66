"""What stands out in an import as a whole, once every row of it was read."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pipeline.importing.faults import Causes
from pipeline.importing.listing import SHOWN, listed
from pipeline.importing.numbers import ANOTHER_LOCALE
from pipeline.importing.spool import Spool
from pipeline.importing.tellings import Telling
from pipeline.importing.verdicts import Memory
from pipeline.kinds import kind_named
from pipeline.kinds.stints import SETTLED_DAYS
from pipeline.objects.histories import Moment
from pipeline.organisation.days import DAY_MS

ACTIVITIES = ("call", "meeting", "email", "activity")


class Weight(Enum):
    """What a finding means for the import."""

    NOTE = "note"
    """Something to know."""
    DOUBT = "doubt"
    """Figures will not be what the source says until somebody acts: sent, and the command ends with 1."""
    GRAVE = "grave"
    """What it means is not clear, or it would be lost: nothing is sent."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing that stands out, in a line that says who must act."""

    name: str
    count: int
    line: str
    weight: Weight


Before = Callable[[str], Iterable[Telling]]
"""What other imports of the same source, which hold, told of an object."""


def findings_of(spool: Spool, memory: Memory, now_ms: int, before: Before | None = None) -> Iterator[Finding]:
    """Everything but what names say."""
    yield from _told_differently(spool)
    yield from _shared_ids(spool)
    yield from _emptied(spool, before)
    yield from _forgotten(spool, memory, now_ms)
    yield from _transferred(spool)
    yield from _opened_again(spool)
    yield from _ties(spool)
    if again := spool.told_again():
        line = f"events told more than once, word by word: {again:,}; each is sent once"
        yield Finding("told_again", again, line, Weight.NOTE)


def late_finding(kind: str, count: int, oldest_ms: int, now_ms: int) -> Finding:
    """Of events that are older than the deployment remembers their kind."""
    if kind_named(kind).settling is not None:
        line = (
            f"events of {kind}s older than {SETTLED_DAYS} days, which no deployment takes in: {count:,}; leave them out"
        )
        return Finding(f"late_{kind}s", count, line, Weight.GRAVE)
    setting = "ACTIVITY" if kind in ACTIVITIES else "CLOSED_DEAL"
    return _retention(f"late_{kind}s", count, f"events of {kind}s", setting, oldest_ms, now_ms)


def both_ways(causes: Causes, telling: Collection[str]) -> Iterator[Finding]:
    """Columns in which some numbers have a point and some a comma. `telling` are those of which some were read."""
    refused = {cause.fault.column for cause in causes.all() if cause.fault.cure.startswith(ANOTHER_LOCALE)}
    columns = sorted(refused.intersection(telling))
    if columns:
        line = f"columns in which numbers are written both ways: {', '.join(columns)}; no locale reads all of them"
        yield Finding("both_ways", len(columns), line, Weight.GRAVE)


def _told_differently(spool: Spool) -> Iterator[Finding]:
    """Events of one object that contradict each other at one time and of one sequence: their hashes would decide."""
    moments = spool.each("SELECT subject, time_ms, sequence FROM events GROUP BY 1, 2, 3 HAVING count(*) > 1")
    places: list[str] = []
    count, last = 0, ""
    for moment in moments:
        told = spool.ask(
            "SELECT value, number, file FROM events WHERE subject = ? AND time_ms = ? AND sequence = ? ORDER BY n",
            *moment,
        )
        if moment[0] != last and _contradict([json.loads(value) for value, _, _ in told]):
            count, last = count + 1, moment[0]
            if len(places) <= SHOWN:
                rows = ", ".join(f"{file}:{number}" if file else str(number) for _, number, file in told[:2])
                places.append(f"{moment[0]} in rows {rows}")
    if count:
        line = (
            f"ids told differently twice, at one time and of one sequence: {count:,} ({listed(places)}); "
            "give the event a sequence, keep only the earliest or latest, or use an id that is one object's alone"
        )
        yield Finding("told_differently", count, line, Weight.GRAVE)


def _emptied(spool: Spool, before: Before | None) -> Iterator[Finding]:
    """Fields that are empty where their object had a value before: gone, or not exported? The map has to say."""
    count: Counter[str] = Counter()
    rows: dict[str, int] = {}
    of, filled = "", dict[str, Moment]()
    for subject, field, moment, row, here in spool.emptied():
        if before is not None and subject != of:
            of, filled = subject, _first_filled(before(subject))
        if here or (field in filled and filled[field] <= moment):
            count[field] += 1
            rows.setdefault(field, row)
    if count:
        said = [f"{field} {number:,} times, first in row {rows[field]}" for field, number in sorted(count.items())]
        line = (
            f"texts that are empty where there was a value before: {listed(said)}; "
            'say empty = "clears" if there is nothing any more, or empty = "unchanged", in the map or of the value'
        )
        yield Finding("emptied", count.total(), line, Weight.GRAVE)


def _first_filled(told: Iterable[Telling]) -> dict[str, Moment]:
    """When each field had a value first."""
    found: dict[str, Moment] = {}
    for each in told:
        for name in (name for name, value in each.data.items() if value is not None):
            found[name] = min(found.get(name, each.moment), each.moment)
    return found


def _contradict(events: list[dict[str, Any]]) -> bool:
    if len({event["type"] for event in events}) > 1:
        return True
    said: dict[str, Any] = {}
    return any(said.setdefault(name, value) != value for event in events for name, value in event["data"].items())


def _shared_ids(spool: Spool) -> Iterator[Finding]:
    shared = spool.ask("SELECT id, group_concat(text, ' and ') FROM names GROUP BY id HAVING count(*) > 1 ORDER BY id")
    if shared:
        named = [f"{texts} become {made}" for made, texts in shared]
        cure = "list under values who is who, or make the id with hash"
        line = f"ids that several names share: {len(shared):,} ({listed(named)}); {cure}"
        yield Finding("shared_ids", len(shared), line, Weight.GRAVE)


def _forgotten(spool: Spool, memory: Memory, now_ms: int) -> Iterator[Finding]:
    """Deals that ended before what the deployment remembers, and days of which it keeps no figures."""
    closed_ms = now_ms - memory.closed_deal_days * DAY_MS
    count, oldest_ms = spool.closed_before(closed_ms)
    if oldest_ms is not None:
        yield _retention("late_closings", count, "closed deals", "CLOSED_DEAL", oldest_ms, now_ms)
    pane_ms = now_ms - memory.pane_days * DAY_MS
    count, oldest_ms = spool.ask(
        "SELECT count(*), min(time_ms) FROM events WHERE type NOT LIKE 'org.%' AND time_ms < ?", pane_ms
    )[0]
    if count:
        setting = "SALESPULSE_DAY_PANE_DAYS"
        line = (
            f"events before the first day of which figures are kept, {memory.pane_days} days ago: {count:,}; "
            f"set {setting} to {_days(oldest_ms, now_ms)} or more"
        )
        yield Finding("before_first_day", count, line, Weight.GRAVE)


def _retention(name: str, count: int, what: str, setting: str, oldest_ms: int, now_ms: int) -> Finding:
    variable = f"SALESPULSE_{setting}_RETENTION_DAYS"
    line = (
        f"{what} older than the deployment remembers, so that it would refuse them: {count:,}; "
        f"set {variable} to {_days(oldest_ms, now_ms)} or more, for every worker"
    )
    return Finding(name, count, line, Weight.GRAVE)


def _days(oldest_ms: int, now_ms: int) -> int:
    """A few more than it takes today, since sending and a restart take time."""
    return (now_ms - oldest_ms) // DAY_MS + 7


def _transferred(spool: Spool) -> Iterator[Finding]:
    """Calls that rows tell of different reps: what the last one says holds, and the talk of the others is lost."""
    calls = spool.each(
        "SELECT subject FROM events WHERE subject IN"
        " (SELECT subject FROM events WHERE type = 'telephony.call.changed' GROUP BY 1 HAVING count(*) > 1)"
        " GROUP BY 1 HAVING count(DISTINCT json_extract(CAST(value AS TEXT), '$.data.rep_id')) > 1"
    )
    count, names = _counted(calls)
    if count:
        line = (
            f"calls that rows tell of different reps: {count:,} ({names}); gather their legs, or only the last counts"
        )
        yield Finding("transferred", count, line, Weight.DOUBT)


def _opened_again(spool: Spool) -> Iterator[Finding]:
    opened = spool.each(
        "SELECT subject FROM events WHERE closes IS NOT NULL GROUP BY subject"
        " HAVING max(CASE WHEN closes = 0 THEN time_ms END) > min(CASE WHEN closes = 1 THEN time_ms END)"
    )
    count, names = _counted(opened)
    if count:
        line = f"objects opened after they were closed: {count:,} ({names}); does the source say so?"
        yield Finding("opened_after_closed", count, line, Weight.NOTE)


def _ties(spool: Spool) -> Iterator[Finding]:
    count = spool.ask(
        "SELECT count(*) FROM (SELECT 1 FROM events WHERE type NOT LIKE 'org.%' GROUP BY subject, time_ms"
        " HAVING count(DISTINCT sequence) > 1)"
    )[0][0]
    if count:
        line = f"instants in which several things happen to one object: {count:,}; their sequence orders them"
        yield Finding("ties", count, line, Weight.NOTE)


def _counted(subjects: Iterable[tuple[Any, ...]]) -> tuple[int, str]:
    """How many there are, and the names of the first."""
    count = 0
    names: list[str] = []
    for (subject,) in subjects:
        count += 1
        names += [subject] if len(names) <= SHOWN else []
    return count, listed(names)
