"""What flows where: the edges of the graph, as its stages declare them."""

from typing import NamedTuple

EVENTS = "events"
"""CloudEvents, from outside."""
TICKS = "ticks"
"""Time, from the stage's own engine where its source is silent."""
LINKS = "links"
"""What one object says of another, to the log that owns the other."""
FORWARDED = "forwarded records"
"""Records that came to another partition than their object's."""
COPIES = "organisation copies"
FACTS = "facts"
"""Signed cells: what changed in what objects contribute."""
PARTS = "parts"
"""Absolute panes of a child scope, for a larger one."""
FIGURES = "figures"
ALERTS = "alerts"
RECOGNITION = "recognition"
"""Contests as they stand, and what reps and teams achieved."""
DEAD_LETTERS = "dead letters"


class Flow(NamedTuple):
    """Something, of one of the sorts above, on its way to a topic (a logical name)."""

    what: str
    topic: str
