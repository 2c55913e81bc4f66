"""Where panels stand: ids and places on the grid of 24 columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.panels import AnyPanel

COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Line:
    """Panels beside each other: one height, and with each panel its width; the widths fill the grid."""

    height: int
    panels: Sequence[tuple[int, AnyPanel]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines under it; details that few look for are `collapsed` until somebody opens them."""

    heading: str
    lines: Sequence[Line]
    collapsed: bool = False


def beside(height: int, *panels: AnyPanel) -> Line:
    """Panels that share a line evenly."""
    return Line(height, [(COLUMNS // len(panels), panel) for panel in panels])


def place(sections: Sequence[Section]) -> list[model.Panel | model.RowPanel]:
    """All headings and panels, numbered from 1 and placed from the top down.

    Raises:
        ValueError: when the panels of a line are not as wide as the grid together.
    """
    placed: list[model.Panel | model.RowPanel] = []
    y, number = 0, 1
    for section in sections:
        heading = dashboard.Row(section.heading).id(number).grid_pos(model.GridPos(h=1, w=COLUMNS, x=0, y=y)).build()
        placed.append(heading)
        inside: list[model.Panel] = []
        number, y = number + 1, y + 1
        below = y
        for line in section.lines:
            panels = _place_line(line, below, number)
            inside += panels
            number, below = number + len(panels), below + line.height
        if section.collapsed:  # Grafana keeps such panels in their heading, and makes room once it is opened.
            heading.collapsed, heading.panels = True, inside
        else:
            placed += inside
            y = below
    return placed


def _place_line(line: Line, y: int, first_id: int) -> list[model.Panel]:
    width = sum(width for width, _ in line.panels)
    if width != COLUMNS:
        raise ValueError(f"a line is {width} columns wide instead of {COLUMNS}")
    placed = []
    x = 0
    for n, (width, panel) in enumerate(line.panels, start=first_id):
        placed.append(panel.id(n).grid_pos(model.GridPos(h=line.height, w=width, x=x, y=y)).build())
        x += width
    return placed
