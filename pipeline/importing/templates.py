"""Templates: text with columns of a row in it, `deal:{id|hash}`. Pure."""

import re
from typing import NamedTuple

FILTERS = ("slug", "hash", "id", "lower", "upper", "lookup")
ROW, FILE = "#row", "#file"
ITEM = "#item"
PART = re.compile(r'\{\{|\}\}|\{(?:"([^"]*)"|([^{}|"]*))((?:\|[^{}|"]*)*)\}|[^{}]+|.', re.DOTALL)


class Filled(NamedTuple):
    """A column in a template, and what is done to its text, in order: (name, argument)."""

    column: str
    filters: tuple[tuple[str, str], ...]


Template = tuple[str | Filled, ...]


def parse_template(text: str) -> Template:
    """Literals and columns; a name that has `{`, `}` or `|` in it is written `{"…"}`.

    Raises:
        ValueError: for braces that do not match and filters that there are not.
    """
    parts: list[str | Filled] = []
    for read in PART.finditer(text):
        whole, quoted, plain, filters = read[0], read[1], read[2], read[3]
        if whole in ("{{", "}}"):
            parts.append(whole[0])
        elif filters is not None:
            parts.append(Filled(_named(quoted, plain, text), _filters(filters)))
        elif whole in "{}":
            raise ValueError(f'the template {text!r} has a brace alone; write {{{{ or }}}}, or quote the name: {{"…"}}')
        else:
            parts.append(whole)
    return tuple(parts)


def columns_of(template: Template) -> list[str]:
    """The columns named in a template."""
    return [part.column for part in template if isinstance(part, Filled) and is_column(part.column)]


def is_column(name: str) -> bool:
    """Whether it is a column of rows, and not what every row has, or the item of a list."""
    return name not in (ROW, FILE) and not is_item(name)


def is_item(name: str) -> bool:
    """Whether it is the item of a list, or something in it."""
    return name == ITEM or name.startswith((f"{ITEM}.", f"{ITEM}["))


def _named(quoted: str | None, plain: str | None, text: str) -> str:
    name = quoted if quoted is not None else (plain or "").strip()
    if not name:
        raise ValueError(f"the template {text!r} has a column without a name")
    if quoted is None and name.startswith("#") and is_column(name):
        raise ValueError(f"{name} is nothing that a row has; allowed: {ROW}, {FILE}, {ITEM}")
    return name


def _filters(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    for each in text.split("|")[1:]:
        name, _, argument = each.strip().partition(":")
        if name not in FILTERS or (name == "lookup") != bool(argument):
            raise ValueError(f"no filter {each.strip()!r}; allowed: {', '.join(FILTERS[:-1])}, lookup:NAME")
        found.append((name, argument))
    return tuple(found)
