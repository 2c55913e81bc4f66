"""The keys of control records: what is taken, what is refused in one line, and that no secret is ever said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.control_keys import generated_keys, read_keys
from pipeline.config.settings import SetupError, control_keys_of, load_settings
from pipeline.monitoring.logs import secrets_of

SECRET, OTHER = "s" * 31 + "!", "t" * 40
VARIABLE = "SALESPULSE_CONTROL_KEYS"
SECRETS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=","), min_size=32)
IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=16)


@given(st.dictionaries(IDS, SECRETS, min_size=1, max_size=4))
def test_keys_are_read_in_their_order(keys: dict[str, str]) -> None:
    """The first is the one that signs."""
    found = read_keys(", ".join(f"{id_}:{secret}" for id_, secret in keys.items()))

    assert list(found.items()) == [(id_, secret.encode()) for id_, secret in keys.items()]


@pytest.mark.parametrize(
    "keys",
    [
        "", "k1", SECRET, f":{SECRET}", "k1:short", f"K1:{SECRET}", f"k1:{SECRET},k1:{OTHER}", f"k1:{SECRET},",
        f"k1:{'s' * 20} {'s' * 20}", f"k1:{'ü' * 40}", f"{'k' * 17}:{SECRET}",
    ],
)  # fmt: skip
def test_what_is_malformed_stops_the_start_in_one_line(keys: str) -> None:
    """It names the setting and what is allowed, and repeats nothing of what was given."""
    if not keys:
        with pytest.raises(SetupError, match="SALESPULSE_CONTROL_KEYS: missing"):
            control_keys_of(load_settings({VARIABLE: keys}))
        return
    with pytest.raises(SetupError) as stopped:
        load_settings({VARIABLE: keys})
    line = str(stopped.value)

    assert line.startswith("SALESPULSE_CONTROL_KEYS: the value is not allowed; allowed: id:secret, comma-separated;")
    assert "\n" not in line
    assert SECRET not in line
    assert OTHER not in line


def test_they_are_missing_only_where_they_are_needed() -> None:
    """Whoever reads figures needs none; on the embedded broker nobody does."""
    settings = load_settings({})

    with pytest.raises(SetupError, match=r"^SALESPULSE_CONTROL_KEYS: missing; allowed: id:secret, comma-sep"):
        control_keys_of(settings)
    assert list(control_keys_of(load_settings({}, embedded=True))) == ["embedded"]


def test_no_secret_is_shown_or_logged() -> None:
    """Neither with the settings, nor in a log line that has one key of several in it."""
    settings = load_settings({VARIABLE: f"k1:{SECRET},k2:{OTHER}"})

    assert SECRET not in repr(settings)
    assert {SECRET, OTHER} <= set(secrets_of(settings))


def test_generated_keys_are_allowed_and_never_the_same() -> None:
    """What `demo` and `try` use."""
    assert read_keys(generated_keys()) != read_keys(generated_keys())
