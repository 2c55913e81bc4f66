"""Settings that are tried hold instead of those of the organisation, for one rule, and one team or all."""

from pipeline.organisation.tried_settings import TriedSettings


def test_what_is_tried_hides_what_was_said_and_nothing_else() -> None:
    """Of another rule, setting or team what the organisation says holds."""
    settings = TriedSettings("silent_rep", {"limit_minutes": 20}, "north")
    settings.put("a", None, {"rule": "silent_rep", "limit_minutes": 90, "enabled": False})
    settings.put("b", None, {"rule": "silent_team", "limit_minutes": 45})

    assert settings.of("silent_rep", "north", "limit_minutes", 0) == 20
    assert settings.of("silent_rep", "south", "limit_minutes", 0) == 90
    assert settings.of("silent_rep", "north", "enabled", 0) is False
    assert settings.of("silent_team", "north", "limit_minutes", 0) == 45
    assert TriedSettings("silent_rep", {"limit_minutes": 20}).of("silent_rep", "south", "limit_minutes", 0) == 20
