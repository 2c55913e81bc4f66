"""Ids of alerts as people write them."""

import pytest

from pipeline.sending.alert_sender import known_alert


@pytest.mark.parametrize("rep", ["rep:Zoë@north", "rep:Zo%C3%AB@north"])
def test_the_scope_of_an_alert_may_be_written_either_way(rep: str) -> None:
    """A mute under any other id would concern nobody."""
    assert known_alert(f"silent_rep:{rep}") == "silent_rep:rep:Zo%C3%AB@north"


@pytest.mark.parametrize("given", ["silent_rep", "silence:rep:7@north", "silent_rep:north", "silent_rep:rep:", ""])
def test_what_is_no_id_of_an_alert_is_refused(given: str) -> None:
    """A rule and a scope are needed."""
    with pytest.raises(ValueError, match="allowed is"):
        known_alert(given)
