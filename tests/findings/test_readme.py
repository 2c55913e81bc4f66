"""The table of findings names the tests that there are."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
ROW = re.compile(r"^\| ([A-FS][\d.]*) \| .+\. \| (.+) \|$", re.MULTILINE)


def written() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every test of the folder, as `file::test`."""
    for path in sorted(FOLDER.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield f"{path.name}::{node.name}", node


def reasons() -> Iterator[tuple[str, str]]:
    """The number of its finding for each test that is expected to fail."""
    for name, node in written():
        for mark in (each for each in node.decorator_list if isinstance(each, ast.Call)):
            for given in mark.keywords:
                if given.arg == "reason":
                    yield ast.literal_eval(given.value).partition(":")[0], name


def test_the_table_has_every_test_under_its_number() -> None:
    """A test that is expected to fail stands in the row of its finding, and each row names tests that exist."""
    table = ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    named = {(number, name) for number, names in table for name in re.findall(r"`([\w.]+::\w+)`", names)}

    assert set(reasons()) <= named
    assert {name for _, name in named} <= {name for name, _ in written()}
    assert {number for number, _ in table} == {number for number, _ in named}
