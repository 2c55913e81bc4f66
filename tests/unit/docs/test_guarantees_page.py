"""docs/guarantees.md and docs/limits.md speak of tests that there are, and the former of every fault."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
LIMITS = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
FAULTS = 30


def names_in(path: str) -> set[str]:
    """The names of the tests in a file, those of classes by `Class::test`."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for group in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        found |= {f"{group.name}::{node.name}" for node in ast.walk(group) if isinstance(node, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("page", [PAGE, LIMITS], ids=["guarantees", "limits"])
def test_every_test_that_is_named_exists(page: str) -> None:
    """A promise points to a test that can be run."""
    named = re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", page)

    assert named
    assert [f"{path}::{name}" for path, name in named if name not in names_in(path)] == []


def test_every_fault_has_its_line() -> None:
    """Each fault has a test or a stated reason."""
    lines = dict(re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE))

    assert sorted(map(int, lines)) == list(range(1, FAULTS + 1))
    assert [
        number for number, shown in lines.items() if "::" not in shown and not shown.startswith("Not shown: ")
    ] == []
