"""How rules of alerts hold for a team at an instant."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.alert_settings import AlertSettings
from pipeline.organisation.organisation import Organisation

RECORDS = st.dictionaries(
    st.sampled_from("abcd"),
    st.fixed_dictionaries(
        {"rule": st.sampled_from(["silent_rep", "silent_team"])},
        optional={
            "team_id": st.sampled_from(["north", "south"]),
            "valid_from": st.integers(0, 5),
            "limit_minutes": st.integers(1, 9),
            "enabled": st.booleans(),
        },
    ),
)


def settings_of(records: dict[str, dict[str, Any]]) -> AlertSettings:
    """The settings that records make."""
    found = AlertSettings()
    for name, record in records.items():
        found.put(name, None, record)
    return found


def test_a_teams_own_setting_comes_before_that_of_all_teams() -> None:
    """Though the one of all teams began later; and each setting is decided by itself."""
    found = settings_of(
        {
            "all": {"rule": "silent_rep", "limit_minutes": 20, "enabled": False, "valid_from": 10},
            "own": {"rule": "silent_rep", "team_id": "north", "limit_minutes": 45},
        }
    )

    assert [found.of("silent_rep", team, "limit_minutes", 10) for team in ("north", "south")] == [45, 20]
    assert [found.of("silent_rep", "north", "enabled", at_ms) for at_ms in (9, 10)] == [None, False]
    assert found.of("silent_team", "north", "limit_minutes", 10) is None


def test_of_several_the_one_that_began_last_decides_then_the_greater_id() -> None:
    """What began before still decides what a later one does not name."""
    found = settings_of(
        {
            "a": {"rule": "silent_rep", "limit_minutes": 1, "enabled": True},
            "b": {"rule": "silent_rep", "limit_minutes": 2, "valid_from": 5},
            "c": {"rule": "silent_rep", "limit_minutes": 3, "valid_from": 5},
        }
    )

    assert [found.of("silent_rep", "north", "limit_minutes", at_ms) for at_ms in (4, 5)] == [1, 3]
    assert found.of("silent_rep", "north", "enabled", 9) is True


def test_a_record_that_is_gone_says_nothing_any_more() -> None:
    """The organisation of before, as a value, still has it."""
    before = Organisation("EUR")
    before.put("alert_rule:a", {"rule": "silent_rep", "limit_minutes": 7})
    after = before.with_records({"alert_rule:a": None})

    said = [each.alert_settings.of("silent_rep", "north", "limit_minutes", 0) for each in (before, after)]

    assert said == [7, None]


@given(RECORDS, RECORDS, st.sampled_from(["north", "south", "east"]), st.integers(0, 6))
def test_any_settings_are_those_of_the_records_that_are_there(
    former: dict[str, dict[str, Any]], records: dict[str, dict[str, Any]], team: str, at_ms: int
) -> None:
    """Whatever was told before is forgotten; the answer is the last in the order of whose, since when, and id."""
    found = settings_of(former)
    for name in former.keys() | records.keys():
        found.put(name, former.get(name), records.get(name))

    for rule in ("silent_rep", "silent_team"):
        for setting in ("limit_minutes", "enabled"):
            told = sorted(
                (record.get("team_id") is not None, record.get("valid_from", -1), name, record[setting])
                for name, record in records.items()
                if record["rule"] == rule
                and setting in record
                and record.get("team_id") in (None, team)
                and record.get("valid_from", -1) <= at_ms
            )
            assert found.of(rule, team, setting, at_ms) == (told[-1][3] if told else None)
