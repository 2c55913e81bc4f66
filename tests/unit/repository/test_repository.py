"""What the repository promises about itself: packages, locked requirements, and imports that point one way."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = ("pipeline", "agents", "schemas")
# Who may import what of ours: the right side may be imported by the left.
ALLOWED = {"schemas": {"schemas"}, "pipeline": {"schemas", "pipeline"}, "agents": {"schemas", "pipeline", "agents"}}
# Where everything is put together, and what is started from there.
ASSEMBLY = ("pipeline/app.py", "pipeline/cli/", "pipeline/__main__.py")
# The lock files in requirements/, and the code whose imports an extra brings.
LOCKS = ("build.txt", "run.txt", "audit.txt", "demo.txt", "dev.txt")
EXTRA_FOLDERS = {
    "pipeline/audit/": "audit", "pipeline/curves/learning.py": "audit", "pipeline/importing/parquet.py": "audit",
    "pipeline/embedded/": "demo",
}  # fmt: skip
CLOCKS = {("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}


def modules(package: str) -> Iterator[tuple[str, ast.Module]]:
    """The modules of a package: path from the root, and syntax tree."""
    for path in sorted((ROOT / package).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), _parsed(path)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    """The top-level names that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]


def locked(name: str) -> dict[str, str]:
    """The versions of a lock file by package."""
    text = (ROOT / "requirements" / name).read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", text, re.MULTILINE))


def asked() -> dict[str, list[str]]:
    """What pyproject.toml asks for: a worker's requirements as `run`, those of each extra by its name."""
    return {"run": PROJECT["project"]["dependencies"], **PROJECT["project"]["optional-dependencies"]}


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    """Schemas know only themselves, the pipeline knows schemas, agents know both; the assembly knows all."""
    ours = {*PACKAGES, "tests", "benchmarks", "deploy"}
    wrong = [
        (path, name)
        for path, tree in modules(package)
        if not path.startswith(ASSEMBLY)
        for name in imported(tree)
        if name in ours - ALLOWED[package]
    ]

    assert wrong == []


def test_only_the_clock_asks_the_clock() -> None:
    """Pure code takes the time as an argument; one module asks the clock."""
    asked = {
        path
        for package in PACKAGES
        for path, tree in modules(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    }

    assert asked <= {"pipeline/clock.py"}


def test_only_the_command_line_reads_the_environment() -> None:
    """Settings are read from what is passed in, so the environment is touched in one place."""
    readers = {
        path
        for package in PACKAGES
        for path, tree in modules(package)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        or (isinstance(node, ast.ImportFrom) and any(alias.name in {"environ", "getenv"} for alias in node.names))
    }

    assert {path for path in readers if not path.startswith("pipeline/cli/")} == set()


def test_every_folder_with_code_is_in_the_package() -> None:
    """The three packages are listed, and each folder of theirs that holds code is a subpackage."""
    listed = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    folders = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")}

    assert set(listed) == {name for package in PACKAGES for name in (package, f"{package}.*")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_file_beside_the_code_is_in_the_package() -> None:
    """Scripts, pages and schemas that the code reads are installed with it."""
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["*"]
    others = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and "/." not in f"/{path.relative_to(ROOT)}"
    ]

    assert [path for path in others if not any(path.match(pattern) for pattern in patterns)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_hold_names_versions_and_hashes_only(name: str) -> None:
    """No address, no option, no comment: what is installed follows from hashes alone."""
    pin = r"[a-z0-9-]+==[^\s;\\]+( ; [^\\]+)? \\"
    lines = (ROOT / "requirements" / name).read_text().splitlines()

    assert [line for line in lines if not re.fullmatch(rf"{pin}|    --hash=sha256:[0-9a-f]{{64}}( \\)?", line)] == []


def test_locked_versions_are_those_that_the_project_asks_for() -> None:
    """Whatever pyproject.toml names is locked, at a version it allows; all lock files agree."""
    for name, lines in asked().items():
        lock = locked(f"{name}.txt") if f"{name}.txt" in LOCKS else locked("dev.txt")
        for needed in map(Requirement, lines):
            if needed.name != "salespulse":
                assert needed.specifier.contains(lock[needed.name.lower()]), needed
    for name in LOCKS:
        assert locked(name).items() <= locked("dev.txt").items()


def test_a_worker_is_installed_without_what_only_other_commands_need() -> None:
    """What an extra brings is in its own lock file and in the developers', in no other."""
    extras = {name: {Requirement(line).name.lower() for line in lines} for name, lines in asked().items()}

    assert locked("run.txt").keys().isdisjoint(extras["audit"] | extras["demo"] | extras["bench"])
    assert locked("audit.txt").keys() == locked("run.txt").keys() | extras["audit"]
    assert locked("demo.txt").keys() >= locked("run.txt").keys() | extras["demo"]
    assert locked("demo.txt").keys().isdisjoint(extras["audit"])


def test_every_import_of_another_package_is_of_one_that_its_part_of_the_code_has() -> None:
    """A part that is started without an extra imports nothing of it; only the folders of an extra do."""
    brought = packages_distributions()
    for package in PACKAGES:
        for path, tree in modules(package):
            part = next((extra for folder, extra in EXTRA_FOLDERS.items() if path.startswith(folder)), "run")
            for name in set(imported(tree)) - set(sys.stdlib_module_names) - set(PACKAGES):
                names = {canonicalize_name(found) for found in brought[name]}
                assert names & locked(f"{part}.txt").keys(), (path, name)


def test_what_decides_results_is_pinned_exactly() -> None:
    """Time zones and holidays change figures, so their versions are part of the project."""
    pinned = {Requirement(line).name: str(Requirement(line).specifier) for line in PROJECT["project"]["dependencies"]}

    assert re.fullmatch(r"==[0-9.]+", pinned["tzdata"])
    assert re.fullmatch(r"==[0-9.]+", pinned["holidays"])


def test_every_folder_of_tests_is_run() -> None:
    """What `make test` names are all folders in which there are tests."""
    makefile = (ROOT / "Makefile").read_text()
    named = re.findall(r"^SERVED = \$\(addprefix tests/,([a-z ]+)\)$", makefile, re.MULTILINE)[0].split()

    assert {*named, "unit"} == {
        path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")
    }
