"""Which windows a question means: names read, bounds kept, and what is none refused with what is allowed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.kpis import KPIS
from pipeline.scores.windows import PeriodRules, calendar_windows
from pipeline.views.asked import (
    ALLOWED,
    Asked,
    AskedError,
    asked,
    chosen_kpis,
    is_window,
    known_scope,
    number_of,
    span_of,
)
from schemas.windows import CALENDAR, CURRENT, NOW

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
KINDS = st.sampled_from(CALENDAR)


def window_of(kind: str, day: date, *, sunday: bool = False) -> str:
    """The window of a kind that a day is in, of a calendar that begins in January; weeks from Monday, or Sunday."""
    if kind == "week" and sunday:
        return f"week:{day - timedelta(days=day.isoweekday() % 7)}"
    year, week, _ = day.isocalendar()
    names = {
        "day": str(day), "week": f"{year}-W{week:02d}", "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "year": str(day.year),
    }  # fmt: skip
    return f"{kind}:{names[kind]}"


@given(KINDS, st.lists(DAYS, max_size=8), DAYS, DAYS, st.booleans())
def test_a_kind_between_two_windows_is_every_window_in_between(
    kind: str, days: list[date], one: date, other: date, sunday: bool
) -> None:
    """All windows of a day between two are kept apart from those outside, in the order of time."""
    first, last = sorted((one, other))
    kept = {window_of(each, day, sunday=sunday): day for each in CALENDAR for day in sorted(days)}
    begin, end = (window_of(kind, day, sunday=sunday) for day in (first, last))
    # What a window begins with decides, so days are compared by the windows that they are in.
    inside = {window_of(kind, day, sunday=sunday) for day in days if first <= day <= last}
    question = asked(None, kind, begin.partition(":")[2], end)
    found = question.of(kept)

    assert inside <= set(found)
    assert all(window.startswith(f"{kind}:") for window in found)
    assert found == sorted(found, key=lambda window: kept[window])
    assert set(found) - {begin, end} <= inside


@given(KINDS, st.lists(DAYS, min_size=1, max_size=8), DAYS)
def test_a_window_by_its_name_is_that_one_alone(kind: str, days: list[date], day: date) -> None:
    """Where it is kept, and else none."""
    kept = [window_of(each, one) for each in CALENDAR for one in days]
    wanted = window_of(kind, day)

    assert is_window(wanted)
    assert set(asked(wanted, None, None, None).of(kept)) == {wanted}.intersection(kept)


@pytest.mark.parametrize(
    "window", ["quarter:2017-Q5", "year:17", "day:2026-02-30", "week:2026-W60", "decade", "", "day:", "now:"]
)
def test_what_is_no_window_is_refused_with_those_that_are(window: str) -> None:
    """The parameter, and every form."""
    with pytest.raises(AskedError) as caught:
        asked(window, None, None, None)

    assert caught.value.parameter == "window"
    assert str(caught.value).endswith(ALLOWED)
    assert all(name in ALLOWED for name in (*CURRENT, NOW))


@pytest.mark.parametrize(
    ("given_", "parameter"),
    [
        ((None, None, None, None), "window"),
        ((None, "decade", None, None), "kind"),
        ((None, "1h", None, None), "kind"),
        (("day", "month", None, None), "kind"),
        (("day", None, "2026-01", None), "from"),
        ((None, "month", "2026-01-05", None), "from"),
        ((None, "quarter", None, "Q3"), "to"),
    ],
)
def test_a_question_that_is_none_names_its_parameter(given_: tuple[str | None, ...], parameter: str) -> None:
    """Whichever of the four is wrong."""
    with pytest.raises(AskedError) as caught:
        asked(*given_)

    assert caught.value.parameter == parameter


def test_kpis_are_chosen_by_name_and_family() -> None:
    """In the order of the table; an unknown one is named."""
    assert chosen_kpis([]) == [kpi.name for kpi in KPIS]
    assert chosen_kpis(["won", "emails", "calls"]) == [
        kpi.name for kpi in KPIS if kpi.name in ("won", "calls") or kpi.family in ("emails", "calls")
    ]
    with pytest.raises(AskedError, match="unknown luck; allowed"):
        chosen_kpis(["won", "luck"])
    with pytest.raises(AskedError, match="unknown win_rat; likely win_rate; allowed"):
        chosen_kpis(["win_rat"])


@pytest.mark.parametrize(
    ("given", "scope"),
    [
        ("company", "company"),
        ("rep:7@north", "rep:7@north"),
        ("rep:Zoë", "rep:Zo%C3%AB"),
        ("rep:Zo%C3%AB", "rep:Zo%C3%AB"),
        ("rep:Zoë@north", "rep:Zo%C3%AB@north"),
        ("rep:Zo%C3%AB@Köln", "rep:Zo%C3%AB@K%C3%B6ln"),
        ("rep:ada@x.example", "rep:ada%40x.example"),
        ("rep:ada@x.example@north", "rep:ada%40x.example@north"),
        ("team:Köln@Rhein", "team:K%C3%B6ln%40Rhein"),
        ("rep:100%", "rep:100%25"),
    ],
)
def test_a_scope_is_known_whichever_way_its_ids_are_written(given: str, scope: str) -> None:
    """As they are kept or as their source writes them; a rep within a team, by the last @."""
    known = {
        "company", "rep:7@north", "rep:Zo%C3%AB", "rep:Zo%C3%AB@north", "rep:ada%40x.example",
        "rep:ada%40x.example@north", "rep:Zo%C3%AB@K%C3%B6ln", "team:K%C3%B6ln%40Rhein", "rep:100%25",
    }  # fmt: skip

    assert known_scope(given, known) == scope


@pytest.mark.parametrize(
    ("given", "scope"),
    [("rep:9", "rep:9"), ("rep:Zoé", "rep:Zo%C3%A9"), ("rep:Zo%C3%A9", "rep:Zo%C3%A9"), ("rep:", "rep:"), ("", "")],
)
def test_a_scope_that_nobody_knows_has_its_likeliest_name(given: str, scope: str) -> None:
    """An id that looks as ids are kept is taken for one; what is no id stays as it is."""
    assert known_scope(given, ()) == scope


def test_what_is_kept_is_told_as_a_span() -> None:
    """From the first to the last window of a kind; nothing where there is none."""
    assert span_of(["month:2026-02", "month:2025-12", "day:2026-01-01"], "month") == "month:2025-12 to month:2026-02"
    assert span_of(["month:2026-02"], "year") == ""
    assert Asked(kind="now").of(["now"]) == []


@given(st.integers(date(1999, 1, 1).toordinal(), date(2100, 1, 1).toordinal()), st.integers(1, 12), st.integers(0, 6))
def test_windows_one_after_another_have_numbers_one_after_another(day: int, fiscal_start: int, weekday: int) -> None:
    """Of each kind, whatever day weeks begin on and month the year begins in."""
    rules = PeriodRules(fiscal_start, ((0, weekday),))
    for window in calendar_windows(day, rules):
        following = calendar_windows(window.last_day + 1, rules)[CALENDAR.index(window.kind)]
        number, next_number = number_of(window.id), number_of(following.id)
        assert number is not None
        assert next_number == number + 1


@pytest.mark.parametrize("window", ["now", "1h", "90d", "week:2026-W60", "", "day:2026-02-30"])
def test_what_is_no_calendar_window_has_no_number(window: str) -> None:
    """Nothing is before it."""
    assert number_of(window) is None
