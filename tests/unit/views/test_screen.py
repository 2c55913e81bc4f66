"""The picture on a terminal."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from pipeline.scores.kpi import Values
from pipeline.views.freshness import Evidence
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.screen import Recognised, picture
from pipeline.web.messages import figures_message
from tests.harness.published import goals, phones


def drawn(kpis: Values, now: Values | None = None) -> str:
    """The company's day with these KPIs, and what is of now, as a terminal shows it."""
    windows = {"day": WindowReading("day:2026-11-23", "provisional", 1000, dict(kpis), 0)}
    if now is not None:
        windows["now"] = WindowReading("now", "provisional", 1000, dict(now), 0)
    figures = {scope: Reading(scope, scope, "EUR", windows) for scope in ("company", "rep:7")}
    written = StringIO()
    console = Console(file=written, width=200)
    console.print(picture(figures, [], "day", 1000, Evidence(True, {}, frozenset())))
    return written.getvalue()


def test_coaching_and_mood_are_drawn_where_anything_is_told_of_them() -> None:
    """Counts, ratings and eNPS in their units; a survey of too few answers tells nothing."""
    text = drawn({"one_to_ones": {"value": 3}, "call_quality": {"value": 0.85}, "enps": {"value": 14.2857}})
    assert "one-to-ones 3   call quality 85.0%   eNPS +14" in text
    assert "eNPS" not in drawn({"one_to_ones": {"value": 3}, "enps": {"value": None}})
    assert "Coaching" not in drawn({"calls": {"value": 3}})


def test_what_was_achieved_and_an_industrys_figures_are_drawn() -> None:
    """The latest first, in words; reps here beside those elsewhere, with whose account that is; nothing of nothing."""
    window = WindowReading("month:2026-11", "provisional", 1000, {"dials": {"value": 30}}, 0)
    figures = {scope: Reading(scope, scope, "EUR", {"month": window}) for scope in ("company", "rep:7", "rep:8")}
    best = {
        "id": "best:day|dials|rep:7", "kind": "best", "scope": "rep:7", "kpi": "dials", "value": 41,
        "window": "day:2026-11-23", "first_day": "2026-11-23",
    }  # fmt: skip
    told = {"kpi": "dials", "period": "month", "median": "35", "source_name": "Survey of nobody"}

    def shown(kind: str, recognised: Recognised) -> str:
        written = StringIO()
        evidence = Evidence(True, {}, frozenset())
        Console(file=written, width=200).print(picture(figures, [], kind, 1000, evidence, recognised=recognised))
        return written.getvalue()

    text = shown("month", Recognised(achieved=[best], industry=[told]))
    assert "7  best day by dials: 41 on 2026-11-23" in text
    assert "dials: 30 here, 35 elsewhere (Survey of nobody)" in text
    assert "elsewhere" not in shown("day", Recognised(industry=[told]))
    assert "Achievements" not in shown("month", Recognised())


def test_goals_are_drawn_where_there_are_any() -> None:
    """What is reached of each target in its unit, what those below add up to, share and pace, and where it ends."""
    lines = [" ".join(line.split()) for line in drawn(goals()).splitlines()]

    assert any(line.endswith("won 12 20 21 60.0% 120.0% 24") for line in lines)
    booked = "bookings €5,000 €10,000 – 50.0% 100.0% €10,000 (€9,000 to €12,000, curve of 2026-11-02)"
    assert any(line.endswith(booked) for line in lines)
    assert "Goals" not in drawn({"calls": {"value": 3}})


def test_a_team_that_closes_early_says_so() -> None:
    """Beside its name, on the screen and on the page; nothing on other days."""
    window = WindowReading("day:2026-12-24", "provisional", 1000, {"calls": {"value": 3}}, 0)
    early = {"day": "2026-12-24", "open_from": None, "open_until": "13:00"}
    figures = {name: Reading(name, name, "EUR", {"day": window}) for name in ("team:north", "team:south")}
    figures["team:north"] = replace(figures["team:north"], special_day=early)
    written = StringIO()
    Console(file=written, width=200).print(picture(figures, [], "day", 1000, Evidence(True, {}, frozenset())))
    names = [line.split("  ")[0].strip() for line in written.getvalue().splitlines()]

    assert "north (half day until 13:00)" in names
    assert "south" in names
    told = figures_message(figures, figures, "day", 1000)["scopes"]
    assert told["team:north"]["special_day"] == "half day until 13:00"
    assert "special_day" not in told["team:south"]


def test_a_figure_beyond_its_limit_is_said_to_be() -> None:
    """Beside the name of the team, on the screen and on the page: fewer in time than must be, more waiting than may."""
    day = WindowReading("day:2026-11-23", "provisional", 1000, {"service_level_20s": {"value": 0.615}}, 0)
    now = WindowReading("now", "provisional", 1000, {"leads_waiting": {"value": 3}, "stalled_deals": {"value": 2}})
    limits = {"service_level_20s": 0.8, "leads_waiting": 2, "stalled_deals": 2}
    reading = Reading("team:north", "team:north", "EUR", {"day": day, "now": now}, limits=limits)
    written = StringIO()
    Console(file=written, width=200).print(
        picture({"team:north": reading}, [], "day", 1000, Evidence(True, {}, frozenset()))
    )
    words = ["leads waiting 3 (limit 2)", "service level 20s 61.5% (limit 80.0%)"]

    assert f"north ({', '.join(words)})" in written.getvalue()
    told = figures_message({"team:north": reading}, ["team:north"], "day", 1000)["scopes"]["team:north"]
    assert (told["limits"], told["beyond"]) == (limits, words)


def test_whoever_is_absent_is_said_to_be() -> None:
    """Beside the name of the rep, by what the team says; the others have their names alone."""
    window = WindowReading("day:2026-11-23", "provisional", 1000, {"activities": {"value": 3}}, 0)
    figures = {name: Reading(name, name, "EUR", {"day": window}) for name in ("rep:ada", "rep:bob")}
    figures["team:north"] = Reading("team:north", "team:north", "EUR", {"day": window}, ["ada"])
    written = StringIO()
    Console(file=written, width=200).print(picture(figures, [], "day", 1000, Evidence(True, {}, frozenset())))
    names = [line.split("  ")[0].strip() for line in written.getvalue().splitlines()]

    assert "ada (absent)" in names
    assert "absent: ada" in names
    assert "bob" in names
    told = figures_message(figures, figures, "day", 1000)["scopes"]
    assert told["team:north"]["absent"] == ["ada"]
    assert "absent" not in told["rep:bob"]


def test_whoever_is_absent_is_named_below_those_who_did_most() -> None:
    """Also with nothing done; of many the first five, and how many more there are."""
    window = WindowReading("day:2026-11-23", "provisional", 1000, {"activities": {"value": 3}}, 0)
    away = [f"rep-{number}" for number in range(1, 8)]
    figures = {"team:north": Reading("team:north", "team:north", "EUR", {"day": window}, away)}
    written = StringIO()
    Console(file=written, width=200).print(picture(figures, [], "day", 1000, Evidence(True, {}, frozenset())))

    assert "absent: rep-1, rep-2, rep-3, rep-4, rep-5 and 2 more" in " ".join(written.getvalue().split())
    assert "absent" not in drawn({"calls": {"value": 3}})


def test_what_splits_move_stands_below_the_teams() -> None:
    """Of bookings in the window and of what is open now; nothing of a company in which it is nothing in all."""
    won = WindowReading("day:2026-11-23", "provisional", 1000, {"bookings_split": {"value": -250_000}}, 0)
    still = WindowReading("now", "provisional", 1000, {"open_pipeline_split": {"value": 300_000}}, 0)
    figures = {
        "company": Reading("company", "company", "EUR", {"day": replace(won, kpis={"bookings_split": {"value": 0}})}),
        "team:north": Reading("team:north", "team:north", "EUR", {"day": won, "now": still}),
    }
    written = StringIO()
    Console(file=written, width=200).print(picture(figures, [], "day", 1000, Evidence(True, {}, frozenset())))

    assert "north by splits -€2,500 booked, €3,000 open" in " ".join(written.getvalue().split())
    assert written.getvalue().count("by splits") == 1
    told = figures_message(figures, figures, "day", 1000)["scopes"]
    assert told["team:north"]["splits"] == "by splits -€2,500 booked, €3,000 open"
    assert told["company"]["splits"] == ""


def test_whoever_is_in_ramp_is_said_to_be() -> None:
    """Beside the name of the rep, by what the team says; beside absent, too."""
    window = WindowReading("day:2026-11-23", "provisional", 1000, {"activities": {"value": 3}}, 0)
    figures = {name: Reading(name, name, "EUR", {"day": window}) for name in ("rep:ada", "rep:bob", "rep:cid")}
    team = Reading("team:north", "team:north", "EUR", {"day": window}, absent=["cid"], ramping=["ada", "cid"])
    figures["team:north"] = team
    written = StringIO()
    Console(file=written, width=200).print(picture(figures, [], "day", 1000, Evidence(True, {}, frozenset())))
    names = [line.split("  ")[0].strip() for line in written.getvalue().splitlines()]

    assert {"ada (in ramp)", "bob", "cid (absent) (in ramp)"} <= set(names)
    assert figures_message(figures, figures, "day", 1000)["scopes"]["team:north"]["ramping"] == ["ada", "cid"]


def test_where_prospects_stall_stands_below_the_funnel() -> None:
    """In words; nothing where nobody stalls."""
    figures = {"n": 40, "conversion": 0.2, "conversion_median": 0.5, "days": 9.0, "days_median": 4.0}
    stalled: Values = {"stage_stall": {"value": 7.5, "stages": {"default:offer": {"value": 7.5, **figures}}}}

    assert "Prospects stall in offer: of 40 deals" in " ".join(drawn({}, stalled).split())
    assert "Prospects" not in drawn({}, {"stage_stall": {"value": None, "stages": {}}})


def test_phones_are_drawn_where_anything_is_told_of_them() -> None:
    """How many reps are in each state, and since when; an absence with its reason."""
    lines = [" ".join(line.split()) for line in drawn(phones(), phones()).splitlines()]

    assert any(line.endswith("break: lunch 1 13:00:00 UTC") for line in lines)
    assert any(line.endswith("on call 3 13:58:00 UTC") for line in lines)
    assert any(line.startswith("7 ") and "break: lunch 13:00:00 UTC" in line for line in lines)
    assert "Phones" not in drawn({"calls": {"value": 3}})


def test_a_score_is_a_column_of_teams_where_anybody_weighs_activities() -> None:
    """As a share; the company, which has none, says so. Without any there is no such column."""
    windows = {
        name: {"day": WindowReading("day:2026-11-23", "provisional", 1000, {"activity_score": {"value": value}}, 0)}
        for name, value in (("company", None), ("team:north", 0.325))
    }
    figures = {name: Reading(name, name, "EUR", held) for name, held in windows.items()}
    written = StringIO()
    Console(file=written, width=200).print(picture(figures, [], "day", 1000, Evidence(True, {}, frozenset())))

    lines = [line.split() for line in written.getvalue().splitlines()]
    assert any("score" in line for line in lines)
    assert any(line[:1] == ["north"] and "32.5%" in line for line in lines)
    assert "score" not in drawn({"calls": {"value": 3}})
