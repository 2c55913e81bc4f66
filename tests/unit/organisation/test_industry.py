"""What stands of an industry beside the figures of teams and the company."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.copies import Change
from pipeline.organisation.industry import MOST, IndustryFigures
from pipeline.organisation.organisation import Organisation
from tests.unit.boards.logs import day

SAID: dict[str, Any] = {"kpi": "dials", "period": "day", "median": "40", "source_name": "Survey of nobody, 2026"}


def shown(home: str, **records: dict[str, Any]) -> list[dict[str, Any]]:
    """What a home shows of these records, by id."""
    organisation = Organisation("EUR")
    for name, record in records.items():
        organisation.put(f"benchmark:{name}", record)
    text = IndustryFigures(organisation).of(home)
    found: list[dict[str, Any]] = json.loads(text) if text else []
    return found


def test_a_record_is_shown_as_it_was_told() -> None:
    """Numbers as text, so that they stay exact; what was not told is left out."""
    record = SAID | {
        "effective_on": day("2026-11-02"),
        "upper_quartile": "55.50",
        "source_url": "https://industry.example/1",
    }

    assert shown("company", a=record) == [
        {
            "id": "a", **SAID, "upper_quartile": "55.50", "source_url": "https://industry.example/1",
            "effective_on": "2026-11-02",
        }
    ]  # fmt: skip
    assert shown("company", a=SAID) == [{"id": "a", **SAID}]


def test_it_stands_beside_the_team_or_the_company() -> None:
    """The company is named, or nobody is."""
    told = {"a": SAID, "b": SAID | {"team_id": "company"}, "c": SAID | {"team_id": "north"}}

    assert [each["id"] for each in shown("company", **told)] == ["b", "a"]
    assert [each["id"] for each in shown("team:north", **told)] == ["c"]
    assert shown("team:south", **told) == shown("rep:north", **told) == shown("group:north", **told) == []


def test_nothing_is_shown_that_lacks_what_it_takes() -> None:
    """A number whose source nobody told is hearsay."""
    for missing in SAID:
        assert shown("company", a={name: value for name, value in SAID.items() if name != missing}) == []


def test_a_change_is_shown_and_none_of_others_is_looked_at() -> None:
    """What was formed holds until a record of it changes."""
    organisation = Organisation("EUR")
    figures = IndustryFigures(organisation)
    assert figures.of("company") == ""
    organisation.put("benchmark:a", SAID)
    figures.organised(Change("team:north", None, {}))
    assert figures.of("company") == ""
    figures.organised(Change("benchmark:a", None, SAID))
    assert json.loads(figures.of("company"))[0]["median"] == "40"


@given(st.dictionaries(st.text("ab", min_size=1, max_size=12), st.integers(0, 3) | st.none(), max_size=9))
def test_the_latest_come_first(told: dict[str, int | None]) -> None:
    """Those without a first day are the earliest; of one day the greater id comes first."""
    records = {
        name: SAID | ({} if since is None else {"effective_on": day("2026-11-02") + since})
        for name, since in told.items()
    }
    expected = sorted(told, key=lambda name: (-1 if told[name] is None else told[name], name), reverse=True)

    assert [each["id"] for each in shown("company", **records)] == expected


def test_no_more_are_shown_than_the_bound() -> None:
    """The earliest ones are left out."""
    first = day("2020-01-01")
    found = shown("company", **{f"n{each:03}": SAID | {"effective_on": first + each} for each in range(MOST + 5)})

    assert len(found) == MOST
    assert (found[0]["id"], found[-1]["id"]) == (f"n{MOST + 4}", "n005")
