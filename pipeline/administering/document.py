"""A YAML document as a tree of texts, each with its line; what a text means is left to the field it is given for.

So `country: NO` is Norway, `12:00` a time of day, `7` may be an id, and `0.92` stays exactly that.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from pipeline.config.settings import SetupError
from pipeline.visible import is_whole

DEEPEST = 12
"""No field of the organisation lies deeper: what does was made by an alias of itself."""
MOST_NODES = 1_000_000
_MARKS = re.compile(r"in \"<unicode string>\".*")


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document. A text is as it was written; it is plain where it had no quotes.

    The line of a value is that of its name.
    """

    line: int
    value: "str | Sequence[Node] | Mapping[str, Node]"
    plain: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is said: nothing at all, `null` or `~`."""
        return self.plain and self.value in ("", "~", "null")

    @property
    def fields(self) -> "Mapping[str, Node]":
        """By name, where it has names; else none."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> "Sequence[Node]":
        """Those of a list; else none."""
        return () if isinstance(self.value, str | Mapping) else self.value

    def line_of(self, path: Sequence[str]) -> int:
        """The line of what lies under names and numbers; of the nearest that is there."""
        found = self
        for step in path:
            if step in found.fields:
                found = found.fields[step]
            elif step.isdigit() and int(step) < len(found.items):
                found = found.items[int(step)]
            else:
                break
        return found.line


def read_document(name: str, content: bytes) -> Node:
    """The tree of a file; SetupError with the line where it is no YAML, or has more than one document."""
    try:
        root = yaml.compose(content.decode("utf-8-sig"), yaml.SafeLoader)
        if root is None:
            raise SetupError(f"{name}: is empty")
        return _Reading(name).node(root, 0, root.start_mark.line)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SetupError(f"{name}, line {line}: not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise SetupError(f"{name}, line {line}: no YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise SetupError(f"{name}: no YAML: {' '.join(_MARKS.sub('', str(error)).split())}") from None


class _Reading:
    """One document; what aliases make of a small file is bounded."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes = 0

    def node(self, given: yaml.Node, depth: int, line: int) -> Node:
        self._nodes += 1
        if depth > DEEPEST or self._nodes > MOST_NODES:
            raise SetupError(f"{self._name}, line {given.start_mark.line + 1}: nested too deep, or too much of it")
        if isinstance(given, yaml.ScalarNode):
            self._require_whole(given)
            return Node(line + 1, given.value, plain=given.style is None)
        if isinstance(given, yaml.SequenceNode):
            return Node(line + 1, [self.node(each, depth + 1, each.start_mark.line) for each in given.value])
        return Node(line + 1, self._fields(given, depth))

    def _fields(self, given: yaml.Node, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in given.value:
            line = key.start_mark.line
            if not isinstance(key, yaml.ScalarNode):
                raise SetupError(f"{self._name}, line {line + 1}: a name has to be a text")
            self._require_whole(key)
            if key.value in found:
                first = found[key.value].line
                raise SetupError(f"{self._name}, line {line + 1}: {key.value} is there already, in line {first}")
            found[key.value] = self.node(value, depth + 1, line)
        return found

    def _require_whole(self, given: yaml.ScalarNode) -> None:
        if not is_whole(given.value):
            line = given.start_mark.line + 1
            raise SetupError(f"{self._name}, line {line}: has half of a letter, an unpaired surrogate, in it")
