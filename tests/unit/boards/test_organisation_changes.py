"""After any series of organisation records a board is as one that does everything anew for each, and as a restored one.

The thorough boards of this file look up, link and show every home for each record and instant, whatever it concerns.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.boards import concerned_homes
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.store import Store
from pipeline.scores.beside import Beside
from pipeline.scores.figures import Figure
from schemas import parts
from tests.unit.boards.logs import FactsLog, at, cell, fold, reread

START_MS = at("2026-11-20 22:58")
MINUTE_MS = 60_000
TEAMS = ("north", "south", "emea", "company")
REPS = ("1", "2", "3")
WEEK = {day: [["00:00", "24:00"]] for day in ("monday", "friday", "saturday", "sunday")}


class ThoroughRollup(Rollup):
    """Refreshes all homes for whatever comes; who is at work is no part of it, and told as ever."""

    def _organise(self, record: Record) -> Iterator[Sequence[Send]]:
        for change in self._copies.apply(record):
            yield from self._all()
            self.board.tell_attendance(concerned_homes.attendances(change))

    def _advance(self, now_ms: int, offset: int) -> Iterator[Sequence[Send]]:
        yield from super()._advance(now_ms, offset)
        yield from self._all()

    def _all(self) -> Iterator[Sequence[Send]]:
        for _ in self._load.turns(self.board.refresh(self.organisation.currency)):
            yield ()
        for name in self.board.homes():
            self.board.publish(self._home(name), published=self._shown(name))


class ThoroughScoreboard(Scoreboard):
    """Links and refreshes all homes for whatever comes, and remembers nobody."""

    def _organise(self, record: Record) -> Iterator[Sequence[Send]]:
        for change in self._copies.apply(record):
            self._alerts._working.clear()
            self._alerts._presence._known.clear()
            self._alerts._resolve_left(record.offset)
            for home in self._homes():
                self._outbox.link(home, record.offset, self.board.now_ms)
            yield from self._refreshed()
            self.board.tell_attendance(concerned_homes.attendances(change))

    def beside(self, home: str) -> Beside:
        team = home.partition(":")[2]
        members = self.organisation.members(team, self.board.now_ms)
        there = (rep for rep in members if (self.organisation.get(f"rep:{rep}") or {}).get("active") is not False)
        return super().beside(home)._replace(ranked=frozenset(there))

    def _refreshed(self) -> Iterator[Sequence[Send]]:
        for _ in self._load.turns(self.board.refresh(self.organisation.currency)):
            yield ()

    def _advance(self, now_ms: int, offset: int) -> None:
        self._alerts._presence._known.clear()
        super()._advance(now_ms, offset)
        self._alerts._presence._known.clear()


zones = st.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Auckland"])
dated = st.lists(st.tuples(st.sampled_from([None, -2, 0, 1]), zones), max_size=2, unique_by=lambda entry: entry[0])
months = st.sampled_from([None, 1, 4, 12])
calendars = st.sampled_from([None, WEEK])
instants = st.sampled_from([None, -3000, -120, 0, 1, 30, 62, 1442])
records = st.one_of(
    st.tuples(
        st.just("company"),
        st.just("company"),
        zones,
        st.sampled_from([None, 4]),
        calendars,
        st.sampled_from(["EUR", "USD"]),
        st.lists(
            st.tuples(st.sampled_from([None, -9, -2, 0, 1]), st.sampled_from(["sunday", "friday", "monday"])),
            max_size=2,
            unique_by=lambda entry: entry[0],
        ),
    ),
    st.tuples(
        st.just("team"),
        st.sampled_from(TEAMS),
        dated,
        months,
        calendars,
        st.sampled_from([None, *TEAMS, "ghost"]),
        st.one_of(st.none(), instants),
    ),
    st.tuples(st.just("rep"), st.sampled_from(REPS), st.booleans()),
    st.tuples(
        st.just("membership"),
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(REPS),
        st.sampled_from(TEAMS),
        instants,
        instants,
    ),
)
steps = st.one_of(
    *[st.tuples(st.just("put"), records)] * 3,
    *[st.tuples(st.just("alter"), records, st.integers(0, 5))] * 3,
    st.tuples(st.just("delete"), records),
    st.tuples(st.just("events"), st.sampled_from([0, 1, 30, 61, 1440])),
    st.tuples(st.just("take"), st.booleans()),
)
Plan = Sequence[tuple[Any, ...]]
BEGUN: Plan = [
    ("put", ("team", "north", [(None, "Pacific/Auckland")], None, WEEK, "emea", None)),
    ("put", ("team", "south", [(None, "Asia/Kolkata")], None, None, "north", None)),
    ("put", ("team", "emea", [], None, None, None, None)),
    ("put", ("membership", "a", "1", "north", None, None)),
    ("put", ("membership", "b", "2", "south", -120, 62)),
    ("events", 0),
    ("take", True),
]
"""An organisation to begin with, so that what comes changes something."""
ENDED: Plan = [
    ("alter", ("team", "north", [], None, None, None, -1), 0),
    ("take", True),
    ("put", ("team", "north", [(None, "Pacific/Auckland")], None, WEEK, "emea", None)),
]
"""A team ends, and it turns out that it did not: whoever belongs to it has other days, and then those of before."""


def payload(now_ms: int, kind: str, *fields: Any) -> dict[str, Any]:
    """The record as a copy carries it."""
    if kind == "company":
        zone, month, week, currency, weeks = fields
        found = {"time_zone": zone, "fiscal_year_start": month, "calendar": week, "currency": currency}
        found["week_starts"] = _dated(now_ms, weeks)
    elif kind == "team":
        given_zones, month, week, parent, ended = fields
        found = {
            "time_zones": _dated(now_ms, given_zones),
            "fiscal_year_start": month,
            "calendar": week,
            "parent_id": parent,
            "ended_at": _ahead(now_ms, ended),
        }
    elif kind == "rep":
        found = {"active": fields[0]}
    else:
        rep, team, *bounds = fields
        begin, end = (_ahead(now_ms, ahead) for ahead in bounds)
        found = {"rep_id": rep, "team_id": team, "valid_from": begin, "valid_to": end}
    return {field: value for field, value in found.items() if value is not None}


def _ahead(now_ms: int, minutes: int | None) -> int | None:
    return None if minutes is None else now_ms + minutes * MINUTE_MS


def _dated(now_ms: int, entries: Sequence[tuple[int | None, str]]) -> list[list[Any]]:
    """What holds from so many days before or after today on, as a record lists it."""
    today = now_ms // 86_400_000 + 719_163
    by_day = [[None if ahead is None else today + ahead, value] for ahead, value in entries]
    return sorted(by_day, key=lambda entry: entry[0] or 0)


def one_of(fields: dict[str, Any], number: int) -> dict[str, Any]:
    """One of these fields, or, of a record that there must be whole, all."""
    if not fields or "rep_id" in fields:
        return fields
    name = sorted(fields)[number % len(fields)]
    return {name: fields[name]}


def told(figures: list[Figure]) -> list[Any]:
    """Figures, in an order that does not matter to readers."""
    return sorted((f.scope, f.window, f.gone, repr(f)) for f in figures)


Stages = Sequence[Scoreboard] | Sequence[Rollup]


def play(stages: Stages, plan: Plan, log: FactsLog, events: Any) -> None:
    """Fold the same into all of them; whatever is taken is the same."""
    now_ms = START_MS
    known: dict[str, dict[str, Any]] = {}
    for kind, what, *more in plan:
        if kind == "take":
            taken = [
                told([*each.board.take(slow=False), *(each.board.take(slow=True) if what else [])]) for each in stages
            ]
            assert taken[0] == taken[1]
            continue
        if kind == "events":
            now_ms += what * MINUTE_MS
            record = events(log, now_ms)
        else:
            subject = f"{what[0]}:{what[1]}"
            before, told_now = known.pop(subject, {}), payload(now_ms, what[0], *what[2:])
            if kind != "delete":
                known[subject] = {**before, **one_of(told_now, *more)} if kind == "alter" else told_now
            record = log.organise(subject, known.get(subject))
        for each in stages:
            fold(each, [record])


def drawn(stage: Scoreboard | Rollup) -> dict[str, Any]:
    """What each home's figures follow from beside its panes."""
    homes = [stage.board.home(name) for name in stage.board.homes()]
    return {
        each.name: (each.today, each.current, each.spans, each.turns_ms, each.zone_rules, each.total.published)
        for each in homes
    }


def check(stages: Stages, restored: Scoreboard | Rollup) -> None:
    """Both of them are the same, and the restored one shows what they do."""
    list(restored.restore())
    ours, thorough = stages
    assert dict(ours.store.items()) == dict(thorough.store.items())
    assert ours.store.scalars == thorough.store.scalars
    assert drawn(ours) == drawn(thorough) == drawn(restored)
    current = told(list(ours.board.current()))
    assert current == told(list(thorough.board.current())) == told(list(restored.board.current()))


@settings(max_examples=100, deadline=None)
@given(st.lists(steps, min_size=1, max_size=10))
@example(ENDED)
def test_a_rollup_is_as_one_that_refreshes_everything(plan: Plan) -> None:
    """Moves now and ahead, other trees, zones, weeks, fiscal years and currencies, days that pass: the same is owed."""

    def part(log: FactsLog, now_ms: int) -> Any:
        day = now_ms // 86_400_000 + 719_163
        homes = [*(f"rep:{rep}" for rep in REPS), *(f"group:{team}" for team in TEAMS), "company"]
        offset = len(log.records)
        slots: list[tuple[int | None, int | None]] = [(day, None), (day - 100, None), (None, now_ms // MINUTE_MS)]
        panes = [
            parts.Pane(home, "rep:1@north", at_day, minute, offset, now_ms, {"calls": offset})
            for home in homes
            for at_day, minute in slots
        ]
        return log.append(parts.pack(parts.Parts(1, 0, 1, now_ms, panes)))

    stages = [Rollup(0, Store(), 1), ThoroughRollup(0, Store(), 1)]
    log = FactsLog()
    play(stages, [*BEGUN, *plan, ("take", True)], log, part)
    check(stages, Rollup(0, reread(stages[0].store), 1))


@settings(max_examples=100, deadline=None)
@given(st.lists(steps, min_size=1, max_size=10))
@example(ENDED)
def test_a_scoreboard_is_as_one_that_refreshes_everything(plan: Plan) -> None:
    """The same, and its parts, alerts and ranks."""

    def happened(log: FactsLog, now_ms: int) -> Any:
        cells = [cell(team, rep, now_ms, calls=1, activities=1) for team in TEAMS[:3] for rep in REPS]
        old = [cell(team, rep, now_ms - 100 * 86_400_000, calls=1) for team in TEAMS[:3] for rep in REPS[:1]]
        own = ("company", "", now_ms // 86_400_000 + 719_163, None, {"cost": 1})
        return log.add(now_ms, *cells, *old, own, feeds={"dialer": now_ms})

    stages = [Scoreboard(0, Store(), 1), ThoroughScoreboard(0, Store(), 1)]
    log = FactsLog()
    play(stages, [*BEGUN, *plan, ("take", True)], log, happened)
    restored = Scoreboard(0, reread(stages[0].store), 1)
    check(stages, restored)
    homes = stages[0].board.homes()
    assert [stages[0].beside(home).ranked for home in homes] == [stages[1].beside(home).ranked for home in homes]
    assert [stages[0].beside(home).ranked for home in homes] == [restored.beside(home).ranked for home in homes]
    assert stages[0].take_alerts() == stages[1].take_alerts()
    assert stages[0].working() == stages[1].working()
    assert stages[0].take_parts() == stages[1].take_parts()
