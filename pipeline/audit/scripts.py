"""The audit's scripts: what is asked of all objects in `sql/`, what is particular to a kind of them in `sql/kinds/`.

The file of a kind has sections, each after a line such as `-- @ claim`. A general script says where they have their
turn: at its line `-- @ kinds: claim` it runs that section of every kind that has one.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_TURN = re.compile(r"^-- @ kinds: (\w+)$", re.MULTILINE)
_SECTION = re.compile(r"^-- @ (\w+)$", re.MULTILINE)
_FOLDER = files("pipeline.audit").joinpath("sql")


@cache
def script(name: str) -> str:
    """A general script by its name, with what the kinds add to it."""
    text = _FOLDER.joinpath(f"{name}.sql").read_text()
    return _TURN.sub(lambda turn: _of_all_kinds(turn[1]), text)


@cache
def kinds() -> Mapping[str, Mapping[str, str]]:
    """By kind, in the order of their names: its sections by name."""
    found = sorted(_FOLDER.joinpath("kinds").iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".sql"): _sections(file.read_text()) for file in found}


def _sections(text: str) -> Mapping[str, str]:
    _, *parts = _SECTION.split(text)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _of_all_kinds(section: str) -> str:
    return "\n".join(sections[section] for sections in kinds().values() if section in sections)
