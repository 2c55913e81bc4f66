"""Curves as they are told: one record for each team, KPI and kind of period, by somebody, on a day."""

from pipeline.curves.learning import Learnt
from pipeline.curves.telling import Told, as_json, event_of, judged
from pipeline.intake.verdicts import Accepted, Judge
from pipeline.sending.event import Outgoing
from tests.unit.boards.logs import at, day

TOLD = Told("ops", lambda kept: {"n%2fw": "n/w"}.get(kept, kept), at("2026-11-23 10:00"), day("2026-11-23"))


def learnt(scope: str = "team:north", kind: str = "month", periods: int = 9) -> Learnt:
    """A curve of a steady team."""
    return Learnt(scope, "won", kind, periods, 12, [500 * n for n in range(1, 20)], [8_000] * 19, [12_500] * 19)


def test_the_event_of_a_curve_is_taken_in() -> None:
    """Whole, with who told it and when."""
    value = Outgoing(event_of(learnt(), TOLD)).value

    verdict = Judge("org", 300_000).judge(value, TOLD.now_ms)

    assert isinstance(verdict, Accepted)
    assert {name: verdict.changes[name] for name in ("team_id", "actor", "learnt_on", "periods", "typical")} == {
        "team_id": "north", "actor": "ops", "learnt_on": day("2026-11-23"), "periods": 9, "typical": 12,
    }  # fmt: skip


def test_the_next_curve_of_the_same_takes_its_place() -> None:
    """So there is one for each team, KPI and kind of period, however often it is learnt."""
    later = Told("ops", str, at("2026-12-23 10:00"), day("2026-12-23"))

    assert event_of(learnt(), TOLD)["subject"] == event_of(learnt(periods=10), later)["subject"]
    assert event_of(learnt(), TOLD)["subject"] != event_of(learnt(kind="quarter"), TOLD)["subject"]
    assert event_of(learnt(), TOLD)["id"] != event_of(learnt(), later)["id"]


def test_a_curve_is_told_of_the_team_as_its_source_writes_it() -> None:
    """Of a group that of its team, of the company `company`."""
    teams = [event_of(learnt(scope), TOLD)["data"]["team_id"] for scope in ("team:n%2fw", "group:emea", "company")]

    assert teams == ["n/w", "emea", "company"]


def test_too_few_periods_are_said_and_not_told() -> None:
    """So is that nobody says when work is done."""
    wanted = {"team:north": {("won", "month"), ("won", "quarter")}, "team:west": {("won", "month")}}
    found = judged([learnt(), learnt(kind="quarter", periods=3)], wanted, ["team:west"])

    assert found.curves == [learnt()]
    assert found.lacking == [
        ("team:north", "won", "quarter", "3 quarters in which anything was reached are over; 8 are needed"),
        ("team:west", "won", "month", "no working hours: the team or the company needs a calendar"),
    ]
    assert [each["scope"] for each in as_json(found)["lacking"]] == ["team:north", "team:west"]
