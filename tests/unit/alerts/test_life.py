"""The life of an alert: open, acknowledged, muted, resolved with its reason; by what is in the log alone."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.alert_state import standing
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.store import Store
from schemas.alerts import Alert
from schemas.ids import kept_id
from tests.unit.boards.logs import FactsLog, at, cell, fold, reread, scoreboard

NINE = at("2026-11-23 09:00")
MINUTE = 60_000
ID = "silent_rep:rep:7@north"
KEY = f"alert:{kept_id(ID)}"


class Morning:
    """Two reps from nine on; rep 7 falls silent after ten minutes, rep 8 goes on."""

    def __init__(self) -> None:
        self.log, self.board = FactsLog(), scoreboard()
        self.log.employ("north", "7", "8")
        self.minute = self._folded = 0

    def go_on(self, minutes: int, *reps: str) -> "Morning":
        """So many minutes in which these reps are active."""
        for _ in range(minutes):
            now_ms = NINE + self.minute * MINUTE
            cells = [cell("north", rep, now_ms, activities=1) for rep in reps]
            self.log.add(now_ms, *cells, feeds={"dialer": now_ms})
            self.minute += 1
        return self.folded()

    def say(self, **note: object) -> "Morning":
        """Somebody says this of the alert."""
        self.log.organise(KEY, note or None)
        return self.folded()

    def folded(self) -> "Morning":
        """Fold what was added."""
        fold(self.board, self.log.records[self._folded :])
        self._folded = len(self.log.records)
        return self

    def alert(self) -> Alert:
        """The alert as it was published last."""
        return alert_of(self.board)


def alert_of(board: Scoreboard) -> Alert:
    """The alert of rep 7 as a board has it."""
    list(board.board.marking.since(None))
    return next(alert for alert in board.take_alerts() if alert.id == ID)


def opened() -> Morning:
    """The alert has opened at 10:10."""
    return Morning().go_on(10, "7", "8").go_on(61, "8")


def test_an_acknowledgement_is_of_one_opening() -> None:
    """Once the alert was resolved and opens again, nobody has acknowledged it."""
    morning = opened()
    opened_ms = NINE + 70 * MINUTE
    assert (morning.alert().state, morning.alert().opened_ms) == ("open", opened_ms)

    morning.say(acknowledged_by="lead-1", opened_at=opened_ms)
    assert (morning.alert().state, morning.alert().acknowledged_by) == ("acknowledged", "lead-1")

    morning.go_on(1, "7", "8")
    assert (morning.alert().state, morning.alert().ending) == ("resolved", "activity")

    morning.go_on(61, "8")
    assert (morning.alert().state, morning.alert().acknowledged_by) == ("open", None)


def test_a_mute_ends_by_itself_and_holds_for_every_opening() -> None:
    """What opens meanwhile opens muted; what is still wrong at its end is open, without any event."""
    until_ms = NINE + 140 * MINUTE
    morning = opened().say(muted_by="lead-1", muted_from=NINE, muted_until=until_ms)
    assert (morning.alert().state, morning.alert().muted_until_ms) == ("muted", until_ms)

    morning.go_on(1, "7", "8").go_on(61, "8")
    assert (morning.alert().state, morning.alert().muted_by) == ("muted", "lead-1")
    assert morning.minute == 133

    morning.go_on(8, "8")
    assert (morning.alert().state, morning.alert().muted_by, morning.alert().muted_until_ms) == ("open", None, None)


def test_a_mute_can_be_ended_before_its_time() -> None:
    """And what was acknowledged meanwhile is that."""
    told = {"acknowledged_by": "lead-2", "opened_at": NINE + 70 * MINUTE}
    morning = opened().say(**told, muted_by="lead-1", muted_from=NINE, muted_until=NINE + 200 * MINUTE)
    assert morning.alert().state == "muted"

    assert morning.say(**told, muted_by="lead-1").alert().state == "acknowledged"
    assert morning.say().alert().state == "open"


def test_a_resolved_alert_says_why() -> None:
    """A rep who leaves, a rule that is switched off, a team without working hours."""
    left = opened()
    left.log.organise("rep:7", {"active": False})
    assert left.folded().alert().ending == "left"

    off = opened()
    off.log.organise("alert_rule:a", {"rule": "silent_rep", "enabled": False})
    assert off.folded().go_on(1, "8").alert().ending == "rule_off"

    idle = opened()
    idle.log.organise("team:north", {"time_zones": [[None, "UTC"]]})
    assert idle.folded().go_on(1, "8").alert().ending == "unwatched"


def test_a_restart_and_a_replay_tell_the_same() -> None:
    """Whatever people said in between: the state holds it, and so does the log."""
    morning = opened().say(acknowledged_by="lead-1", opened_at=NINE + 70 * MINUTE).go_on(2, "8")
    morning.say(muted_by="lead-1", muted_from=NINE + 73 * MINUTE, muted_until=NINE + 75 * MINUTE).go_on(5, "8")
    again = scoreboard(reread(morning.board.store))
    replayed = scoreboard(Store())
    fold(replayed, morning.log.records)

    assert alert_of(again) == morning.alert() == alert_of(replayed)
    assert morning.alert().state == "open"


INSTANTS = st.none() | st.integers(0, 6)
NAMES = st.none() | st.just("a")


@given(
    st.fixed_dictionaries(
        {}, optional={"acknowledged_by": NAMES, "opened_at": INSTANTS, "muted_by": NAMES, "muted_from": INSTANTS,
                      "muted_until": INSTANTS},
    ),
    st.integers(0, 3), st.integers(3, 6),
)  # fmt: skip
def test_any_note_gives_one_state(note: dict[str, int | str | None], opened_ms: int, now_ms: int) -> None:
    """Muted exactly within the bounds; acknowledged by whoever named this opening; open else."""
    found = standing(note, opened_ms, now_ms)

    until, since = note.get("muted_until"), note.get("muted_from")
    muted = isinstance(until, int) and now_ms < until and (not isinstance(since, int) or since <= now_ms)
    known = note.get("opened_at") == opened_ms and note.get("acknowledged_by") is not None
    assert found.state == ("muted" if muted else "acknowledged" if known else "open")
    assert found.acknowledged_by == ("a" if known else None)
    assert (found.muted_until_ms is None) == (not muted)
