"""The audit's SQL is cut by kind of object: one file a kind, and no general script knows one by its name."""

import re
from importlib.resources import files

import pytest

from pipeline.audit import scripts
from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from pipeline.kinds import KINDS, Kind
from pipeline.kinds.kind import Retention
from pipeline.scores.kpis import KPIS

FOLDER = files("pipeline.audit").joinpath("sql")
GENERAL = {file.name: file.read_text() for file in FOLDER.iterdir() if file.name.endswith(".sql")}
TURNS = {turn for text in GENERAL.values() for turn in re.findall(r"^-- @ kinds: (\w+)$", text, re.MULTILINE)}
RETENTION = Retention(activity_ms=1, closed_ms=2, pane_days=3)
KEPT = {1: "briefly", 2: "long", 3 * 86_400_000: "shortly", None: None}
BY_NAME = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def declared(query: str) -> list[tuple[object, ...]]:
    """What the kinds' files declare."""
    with Database() as database:
        Oracle(database, Rules())
        return database.rows(query)


def test_every_kind_has_a_file_and_every_file_a_kind() -> None:
    """A new kind is looked for here."""
    assert set(scripts.kinds()) == {kind.name for kind in KINDS}


@BY_NAME
def test_no_general_script_names_a_kind(kind: Kind) -> None:
    """Neither as a word nor at the beginning of a key."""
    named = re.compile(rf"'{kind.name}[:']")

    assert [name for name, text in sorted(GENERAL.items()) if named.search(text)] == []


@BY_NAME
def test_every_section_of_a_kind_has_its_turn(kind: Kind) -> None:
    """One under another name would never be run, nor would what stands before the first."""
    text = FOLDER.joinpath("kinds", f"{kind.name}.sql").read_text()
    head = text.partition("-- @ ")[0]

    assert set(scripts.kinds()[kind.name]) <= TURNS
    assert all(line.startswith("--") for line in head.splitlines() if line)


def test_both_sides_say_the_same_of_each_kind() -> None:
    """Each keeps a list of its own: log, age, times of the past, histories. Neither is taken from the other."""
    assert sorted(declared("SELECT kind, domain, kept FROM kind_rule")) == sorted(
        (kind.name, kind.domain, KEPT[kind.limit_ms(RETENTION)]) for kind in KINDS
    )
    assert set(declared("FROM past")) == {(kind.name, field) for kind in KINDS for field in kind.past}
    assert set(declared("FROM by_time")) == {(kind.name, field) for kind in KINDS for field in kind.histories}


def test_every_kpi_is_of_a_kind() -> None:
    """The audit defines those of the table, each once, in the same families."""
    defined = declared("SELECT kpi, family FROM definition ORDER BY ALL")

    assert defined == sorted((kpi.name, kpi.family) for kpi in KPIS)
    assert declared("SELECT kpi FROM definition ANTI JOIN kind_rule USING (kind)") == []
