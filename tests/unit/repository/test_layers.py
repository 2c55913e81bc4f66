"""The floors of the house: every folder stands on those below it, and no import runs back up.

A folder may import from itself and from what stands further up in this list; so no two folders import each other, and
no circle closes. Imports for type checkers only count like any other.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
FLOORS = """
    schemas
    pipeline.clock pipeline.measures pipeline.release pipeline.visible
    pipeline.kernel pipeline.config
    pipeline.topics pipeline.monitoring
    pipeline.organisation
    pipeline.objects
    pipeline.kinds
    pipeline.intake
    pipeline.ledger
    pipeline.scores
    pipeline.alerts pipeline.recognition
    pipeline.boards
    pipeline.engine.kafka
    pipeline.engine.changelog pipeline.engine.faust
    pipeline.engine.partition pipeline.engine.supervision
    pipeline.engine
    pipeline.sinks
    pipeline.publishing
    pipeline.policies agents
    pipeline.deployment_fingerprint
    pipeline.app
    pipeline.views pipeline.sending
    pipeline.web pipeline.dead_letters pipeline.audit pipeline.simulator pipeline.importing
    pipeline.notifying
    pipeline.backtesting
    pipeline.embedded pipeline.doctor pipeline.administering
    pipeline.curves
    pipeline.cli
"""
FLOOR = {room: number for number, floor in enumerate(FLOORS.split("\n")) for room in floor.split()}
OUTSIDE = {"aiokafka", "confluent_kafka", "faust", "kafka", "mode", "redis", "starlette", "duckdb"}
PURE = ("kernel", "organisation", "objects", "kinds", "intake", "ledger", "scores", "alerts", "recognition", "boards")
HASHES = {("partitioner.py", "kafka")}
"""The one function that has to be the same as in Kafka's own clients."""
FAUST_ROOMS = ("pipeline/engine/", "pipeline/app.py")


@cache
def _modules() -> dict[str, Path]:
    """Every module of the program by its dotted name."""
    files = [file for top in ("agents", "pipeline", "schemas") for file in sorted((ROOT / top).rglob("*.py"))]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


@cache
def _imports(file: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += (f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _module_of(imported: str) -> str | None:
    """The module of ours that an import names, or takes a name from."""
    for name in (imported, imported.rpartition(".")[0]):
        if name in _modules():
            return name
    return None


def _room(module: str) -> str:
    """The folder a module lies in; of those directly in `pipeline/`, the module itself."""
    file = _modules()[module]
    folder = ".".join(file.relative_to(ROOT).parent.parts)
    return module if folder == "pipeline" else folder


def _arrows() -> Iterator[tuple[str, str]]:
    for module, file in _modules().items():
        for imported in _imports(file):
            target = _module_of(imported)
            if target is not None:
                yield module, target


def test_every_folder_has_its_floor() -> None:
    """A new folder is given its place in the list, and one that is gone leaves it."""
    rooms = {_room(module) for module in _modules() if module != "pipeline"}

    assert rooms == FLOOR.keys()


def test_no_import_runs_back_up() -> None:
    """What stands on a floor imports only from lower ones, or from its own folder."""
    upward = [
        f"{module} imports {target}"
        for module, target in _arrows()
        if target != "pipeline" and _room(module) != _room(target) and FLOOR[_room(target)] >= FLOOR[_room(module)]
    ]

    assert not upward


def test_the_folds_know_no_server() -> None:
    """Kernel, kinds and folds import no client of Kafka, Redis or the web, and no Faust."""
    files = [file for folder in PURE for file in (ROOT / "pipeline" / folder).rglob("*.py")]
    known = {(file.name, name.partition(".")[0]) for file in files for name in _imports(file)}

    assert {pair for pair in known if pair[1] in OUTSIDE} == HASHES


def test_faust_is_known_in_the_engine_only() -> None:
    """What a new version of Faust may break lies in one folder."""
    knowing = {
        str(file.relative_to(ROOT))
        for file in _modules().values()
        for name in _imports(file)
        if name.partition(".")[0] in ("faust", "mode")
    }

    assert not {file for file in knowing if not file.startswith(FAUST_ROOMS)}


def test_few_modules_stand_in_the_hallway() -> None:
    """Directly in `pipeline/` stand the graph and what everybody names; all else has a folder."""
    assert {file.stem for file in (ROOT / "pipeline").glob("*.py")} == {
        "__init__", "app", "clock", "deployment_fingerprint", "measures", "policies", "release", "visible",
    }  # fmt: skip
