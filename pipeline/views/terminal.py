"""A terminal that tables are printed on: what their cells hold is shown, and never obeyed."""

from typing import Any

from rich.console import Console
from rich.text import Text

from pipeline.visible import visible


class Terminal(Console):
    """As rich's console, without markup in texts."""

    def __init__(self, **how: Any) -> None:
        super().__init__(markup=False, **how)

    def render_str(self, text: str, **how: Any) -> Text:
        """Each text on its way to the terminal; a cell may have several lines."""
        return super().render_str("\n".join(map(visible, text.split("\n"))), **how)
