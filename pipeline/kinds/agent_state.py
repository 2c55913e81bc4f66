"""What a rep's phone is set to: how long it was available or on contact, by day, and what it is set to now."""

from itertools import pairwise
from typing import NamedTuple

from pipeline import measures
from pipeline.kinds.cells import Cells, Place, add, merge, standing, summed
from pipeline.kinds.kind import Kind, Retention, Settling
from pipeline.kinds.stints import SETTLED_DAYS, Stint, follows, settle, settled_before_ms, stints
from pipeline.objects.histories import History
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.days import DAY_MS, HOUR_MS, MINUTE_MS
from pipeline.organisation.organisation import Organisation

OFF = (None, "offline")
"""What nobody counts as being there."""
SETTLED_MS = SETTLED_DAYS * DAY_MS
LONGEST_MS = DAY_MS
"""Nobody is on contact, or waits for a call, without a break for longer: the phone was left so."""


class _Timed(NamedTuple):
    ms: str
    running: str
    running_since: str


CONTACT = _Timed(measures.CONTACT_MS, measures.CONTACT_RUNNING, measures.CONTACT_RUNNING_SINCE)
TIMED = {
    "on_call": CONTACT,
    "wrap_up": CONTACT,
    "available": _Timed(measures.AVAILABLE_MS, measures.AVAILABLE_RUNNING, measures.AVAILABLE_RUNNING_SINCE),
}
"""The states whose time is counted: a phone that rings is neither idle nor on contact."""
MOST_STRETCHES = 120
"""So many states that end in one hour (UTC) are told of a timeline one by one: a dialer that tells of more errs."""


def references(phone: Object) -> set[str]:
    """The rep, who has the same id."""
    return {f"rep:{_rep_of(phone)}"}


class Track:
    """A phone as it was looked at last: of how many tellings, what holds now, and what has run its course.

    The next telling mostly comes after all others: then only what held until then is added.
    """

    __slots__ = ("last", "organisation", "ran", "told")

    def __init__(self, history: History) -> None:
        known = stints(history)
        self.told = len(history)
        self.last = known[-1] if known else None
        self.organisation: Organisation | None = None
        self.ran: Cells = {}


def contribute(phone: Object, organisation: Organisation) -> Cells:
    """What has run its course counts on the local days of the rep's team, who belonged to it when it began.

    What goes on stands: by the day on which it began where its time counts, and by state for the team of now.
    """
    if not phone.live:
        return {}
    track = _track_of(phone)
    if track.organisation is not organisation or track.told != len(phone.history):
        _look(phone, track, organisation)
    cells = dict(track.ran)
    if track.last is not None:
        _stands(cells, _rep_of(phone), track.last, organisation)
    return cells


def _track_of(phone: Object) -> Track:
    if phone.course is None:
        phone.timeline("state")  # As long as there are timelines, the course is kept when the history only goes on.
        phone.course = Track(phone.history)
    track: Track = phone.course
    return track


def _look(phone: Object, track: Track, organisation: Organisation) -> None:
    """Bring the track of a phone up to date."""
    history, rep = phone.history, _rep_of(phone)
    (at_ms, *_), said, _ = history[-1] if history else ((0,), {}, None)
    if track.organisation is organisation and track.told == len(history) - 1 and track.last is not None:
        over, track.last = track.last._replace(to_ms=at_ms), follows(track.last, at_ms, said)
        track.ran = dict(track.ran)
        _over(track.ran, rep, over, track.last, organisation)
    else:
        known = stints(history)
        track.organisation, track.ran = organisation, {}
        track.last = known[-1] if known else None
        for over, after in pairwise(known):
            _over(track.ran, rep, over, after, organisation)
    track.told = len(history)


def _rep_of(phone: Object) -> str:
    return phone.key.partition(":")[2]


def _over(cells: Cells, rep: str, over: Stint, after: Stint, organisation: Organisation) -> None:
    """Add what a stint counts, as it is over, and the stretch that ends with it. No dict of a cell is changed."""
    ran: Cells = {}
    _ran(ran, rep, over, organisation)
    for place, sums in ran.items():
        cells[place] = summed(cells[place], sums) if place in cells else sums
    if (over.state, over.reason) != (after.state, after.reason):
        _ended(cells, rep, over, organisation)


def _ended(cells: Cells, rep: str, last: Stint, organisation: Organisation) -> None:
    """A stretch in one state, of one stint or several, is over: it belongs to the timeline of the rep who had it.

    It stands in the hour in which it ended, for the team of when it began. Nobody has a timeline whom nobody knows.
    """
    if last.state in OFF or last.to_ms is None or last.to_ms <= last.since_ms:
        return
    team, shown, *_ = organisation.cell(rep, last.since_ms)
    if shown == measures.UNASSIGNED:
        return
    place: Place = team, shown, None, last.to_ms // HOUR_MS * HOUR_MS // MINUTE_MS
    held = cells.get(place, {})
    full = len(held) - (measures.PHONE_STRETCHES_BEYOND in held) >= MOST_STRETCHES
    name = f"{measures.PHONE_STRETCH}{last.since_ms}:{last.to_ms}:{named(last)}"
    cells[place] = summed(held, {measures.PHONE_STRETCHES_BEYOND if full else name: 1})


def named(stint: Stint) -> str:
    """What a phone is set to, as readers see it: the state, and of an absence its reason."""
    return f"{stint.state}" if stint.reason is None else f"{stint.state}:{stint.reason}"


def _ran(cells: Cells, rep: str, stint: Stint, organisation: Organisation) -> None:
    timed, from_ms, to_ms = TIMED.get(stint.state or ""), stint.from_ms, stint.to_ms
    if timed is None or to_ms is None or to_ms <= from_ms:
        return
    team, shown, day, _ = organisation.cell(rep, from_ms)
    if to_ms - from_ms > LONGEST_MS:
        add(cells, (team, shown, day, None), measures.PHONES_LEFT_ON)
        return
    last = organisation.local_day(team, to_ms - 1)
    while day < last:
        until_ms = min(max(organisation.day_start_ms(team, day + 1), from_ms), to_ms)
        add(cells, (team, shown, day, None), timed.ms, until_ms - from_ms)
        from_ms, day = until_ms, day + 1
    add(cells, (team, shown, day, None), timed.ms, to_ms - from_ms)


def _stands(cells: Cells, rep: str, stint: Stint, organisation: Organisation) -> None:
    if stint.state in OFF:
        return
    state = named(stint)
    sums = {f"{measures.AGENTS}{state}": 1, f"{measures.AGENTS_SINCE_MS}{state}": stint.since_ms}
    merge(cells, standing(organisation, rep), sums)
    if (timed := TIMED.get(stint.state or "")) is not None:
        team, shown, day, _ = organisation.cell(rep, stint.from_ms)
        place: Place = team, shown, None, None
        merge(cells, place, {f"{timed.running}{day}": 1, f"{timed.running_since}{day}": stint.from_ms // MINUTE_MS})


def _limit_ms(_: Retention) -> int | None:
    return SETTLED_MS


def _until_ms(phone: Object, _: Organisation, retention: Retention) -> int | None:
    """Never while anything stands, nor once it was deleted: that is one object a phone."""
    if phone.get(LIFE) not in (None, "live"):
        return None
    track = _track_of(phone)
    last = track.last if track.told == len(phone.history) else Track(phone.history).last
    if last is not None and last.state not in OFF:
        return None
    return phone.newest_ms + max(retention.activity_ms, 2 * SETTLED_MS)


AGENT_STATE = Kind(
    name="agent",
    domain="telephony",
    fields={"state": 2, "reason": 3},
    histories=frozenset({"state", "reason"}),
    settling=Settling(settled_before_ms, settle),
    limit_ms=_limit_ms,
    until_ms=_until_ms,
    contribute=contribute,
    references=references,
)
