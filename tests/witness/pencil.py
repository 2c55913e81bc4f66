"""Numbers as pages have them that were worked out by hand."""


def digits(value: float | None) -> str:
    """A number as the page has it."""
    return "none" if value is None else f"{round(value, 4):.10g}"
