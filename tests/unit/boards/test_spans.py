"""Every window that readers have begins and ends when its home's calendar says so now, whatever befell it."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boards.pending import PUBLISHED
from pipeline.boards.rollup import Rollup
from pipeline.organisation.organisation import Organisation
from pipeline.scores.figures import Figure
from pipeline.scores.home_calendar import HomeCalendar
from pipeline.scores.windows import CALENDAR, TRAILING, PeriodRules, current_windows, utc_day, window_of
from schemas import parts
from tests.unit.boards.logs import FactsLog, at, fold, reread, rollup

START_MS = at("2026-11-20 22:58")
MINUTE_MS, DAY_MS = 60_000, 86_400_000
SINKS = ("redis", "kpi_topic")
SCOPE = "rep:7"


@dataclass
class Readers:
    """What the readers of two sinks have of a rep, by window, and how far each sink was served."""

    stage: Rollup = field(default_factory=rollup)
    figures: dict[str, dict[str, Figure]] = field(default_factory=lambda: {sink: {} for sink in SINKS})
    bookmarks: dict[str, list[int]] = field(default_factory=lambda: {sink: [-1, -1, -1] for sink in SINKS})

    def publish(self, limit: int | None, sinks: int) -> None:
        """Take what some scopes have; so many of the sinks get it, and if they do not all the owner is gone then."""
        board = self.stage.board
        taken = board.take(slow=True, limit=limit)
        for sink in SINKS[:sinks]:
            self.figures[sink] |= {figure.window: figure for figure in taken if figure.scope == SCOPE}
            if not board.changed:
                self.bookmarks[sink] = [board.position, -1, board.now_ms]
        self.stage.store.scalars[PUBLISHED] = {sink: list(mark) for sink, mark in self.bookmarks.items()}
        if sinks < len(SINKS):
            self.crash()

    def crash(self) -> None:
        """The owner is gone; another one goes on from its state, and marks what each sink may not have."""
        self.stage = rollup(reread(self.stage.store))
        for published, _, now_ms in self.bookmarks.values():
            known = published >= 0
            list(self.stage.board.marking.since(published if known else None, now_ms if known else None))


def part(log: FactsLog, now_ms: int, ages: list[int]) -> bytes:
    """A record of the parts that carries the clock, and days of the rep so long ago."""
    today = utc_day(now_ms)
    number = len(log.records) + 1
    panes = [parts.Pane(SCOPE, f"{SCOPE}@north", today - age, None, number, now_ms, {"calls": 1}) for age in ages]
    return parts.pack(parts.Parts(1, 0, 1, now_ms, panes))


zones = st.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo"])
teams = st.sampled_from(["north", "south"])
steps = st.one_of(
    st.tuples(st.just("part"), st.sampled_from([0, 1, 30, 61, 1440]), st.lists(st.integers(0, 5), max_size=2)),
    st.tuples(st.just("zone"), teams, st.tuples(zones, st.sampled_from([None, -2, 0, 1]))),
    st.tuples(st.just("member"), teams, st.tuples(st.sampled_from([-120, 0, 1, 30, 62, 1442]), st.booleans())),
    st.tuples(st.just("publish"), st.sampled_from([None, 1]), st.integers(0, 2)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, min_size=3, max_size=16))
def test_every_window_that_readers_have_begins_when_the_calendar_says_so(plan: list[tuple[str, Any, Any]]) -> None:
    """Moves now and ahead, other zones from any day on, days that pass, crashes before all sinks were told."""
    log, readers, now_ms = FactsLog(), Readers(), START_MS
    organisation = Organisation("EUR")

    def told(subject: str, payload: dict[str, Any]) -> None:
        organisation.put(subject, payload)
        fold(readers.stage, [log.organise(subject, payload)])

    def told_zones(team: str) -> None:
        rules = sorted(given_zones[team].items(), key=lambda entry: entry[0] or 0)
        told(f"team:{team}", {"time_zones": [list(rule) for rule in rules]})

    given_zones: dict[str, dict[int | None, str]] = {"north": {None: "UTC"}, "south": {None: "Asia/Kolkata"}}
    for team in given_zones:
        told_zones(team)
    told("membership:1", {"rep_id": "7", "team_id": "north", "valid_from": START_MS - 9 * DAY_MS})
    fold(readers.stage, [log.append(part(log, now_ms, [0, 4]))])
    for number, (kind, first, more) in enumerate([*plan, ("publish", None, len(SINKS))]):
        if kind == "part":
            now_ms += first * MINUTE_MS
            fold(readers.stage, [log.append(part(log, now_ms, more))])
        elif kind == "zone":
            zone, ahead = more
            from_day = None if ahead is None else utc_day(now_ms) + ahead
            given_zones[first][from_day] = zone
            told_zones(first)
        elif kind == "member":
            from_ms = now_ms + more[0] * MINUTE_MS
            until = {"valid_to": from_ms + 45 * MINUTE_MS} if more[1] else {}
            told(f"membership:2{number}", {"rep_id": "7", "team_id": first, "valid_from": from_ms, **until})
        else:
            readers.publish(first, more)
    while readers.stage.board.changed:
        readers.publish(None, len(SINKS))

    organisation.now_ms = now_ms
    calendar = HomeCalendar(organisation)
    today = calendar.local_day(SCOPE, now_ms)
    current = {window.id: window for window in current_windows(today, PeriodRules())}
    for sink in SINKS:
        shown = {window: figure for window, figure in readers.figures[sink].items() if not figure.gone}
        assert shown.keys() >= current.keys()
        for name, figure in shown.items():
            if figure.kind not in (*CALENDAR, TRAILING):
                continue
            window = current.get(name) or window_of(name, PeriodRules())
            assert window is not None
            assert (figure.start_ms, figure.end_ms) == (
                calendar.day_start_ms(SCOPE, window.first_day),
                calendar.day_start_ms(SCOPE, window.last_day + 1),
            ), (sink, name)
            assert figure.current == (name in current)
