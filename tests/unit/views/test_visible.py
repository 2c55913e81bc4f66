"""Nothing from outside reaches a terminal or a log raw: not what moves a cursor, forges a line or turns writing."""

import ast
import contextlib
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cli.options import print_json
from pipeline.dead_letters.display import lines as letter_lines
from pipeline.dead_letters.letter import Letter, Place
from pipeline.importing.faults import Fault, Refused, RowError
from pipeline.importing.faults import Place as RowPlace
from pipeline.monitoring.logs import set_up_logs
from pipeline.views.freshness import Evidence
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.screen import lines, picture
from pipeline.views.terminal import Terminal
from pipeline.visible import SPACES, shortened, visible
from schemas.dead_letters import Arrival, Origin, Refusal
from tests.unit.dead_letters.test_dead_letters import TopicRecord
from tests.unit.importing.checked import check_rows, deals

PIPELINE = Path(__file__).parents[3] / "pipeline"
HARMFUL = "\x1b]0;title\x07\x1b[2J\r\n\x9b31m\u202e\u2066\u200b\u2028\ufeff\x7f\ud800"
ANY = st.one_of(
    st.text(max_size=20),
    st.lists(st.sampled_from([*HARMFUL, "a", "ü", "[red]", "salespulse: all is well\n"]), max_size=12).map("".join),
)
"""Texts of somebody who knows what a terminal obeys."""
LEFT = set("\n") | set(SPACES)


def obeyed(text: str, allowed: str = "\n") -> set[str]:
    """What a terminal would do something about, beyond what is allowed."""
    return {letter for letter in text if not letter.isprintable()} - LEFT - set(allowed)


@given(ANY)
def test_what_is_made_visible_is_one_line_that_does_nothing(text: str) -> None:
    """What was harmless stays as it is."""
    assert not obeyed(visible(text))
    assert "\n" not in visible(text)
    assert not text.isprintable() or visible(text) == text
    assert visible(visible(text)) == visible(text)
    assert len(shortened(text, 5)) <= 6


@given(st.recursive(ANY, lambda each: st.lists(each, max_size=3) | st.dictionaries(ANY, each, max_size=3)))
def test_json_is_the_same_value_and_does_nothing(value: Any) -> None:
    """JSON has an escape of its own for each letter."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        print_json(value)

    assert json.loads(written.getvalue()) == json.loads(json.dumps(value))
    assert not obeyed(written.getvalue())
    assert written.getvalue().count("\n") == 1


@pytest.fixture
def restored_logs() -> Iterator[None]:
    """Logging as it was afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("log_format", ["console", "json"])
@pytest.mark.usefixtures("restored_logs")
def test_a_log_has_a_line_for_each_entry_and_does_nothing(log_format: Any) -> None:
    """Whoever wrote it: ours, a library's, and what an exception says."""

    @given(ANY)
    def holds(text: str) -> None:
        stream = io.StringIO()
        set_up_logs(log_format, "INFO", stream=stream)
        structlog.get_logger("pipeline.test").info(text or "nothing", given=text, nested=[text])
        logging.getLogger("some.library").warning("%s of %s", text, {"name": text})
        assert not obeyed(stream.getvalue())
        assert stream.getvalue().count("\n") == 2
        try:
            raise ValueError(text)
        except ValueError:
            logging.getLogger("some.library").warning("failed", exc_info=True)
        assert not obeyed(stream.getvalue())

    holds()


@given(st.binary(max_size=40) | ANY.map(lambda text: text.encode(errors="replace")), ANY)
def test_a_dead_letter_is_shown_and_obeyed_by_nobody(value: bytes, detail: str) -> None:
    """No line of its value looks like one that is said of it."""
    arrival = Arrival(Origin("crm.events", 0, 1), 1000)
    letter = Letter(Refusal(arrival, "invalid_json", "not JSON", 2000, "0.1"), Place(0, 0), len(value))
    shown = list(letter_lines(letter, TopicRecord(0, (), 0, detail.encode(errors="replace"), value)))

    assert not any(obeyed(line, "") or "\n" in line for line in shown)
    assert all(line.startswith("  ") for line in shown[8:])


def _reading(scope: str, text: str) -> Reading:
    kpis: dict[str, dict[str, Any]] = {
        "calls": {"value": 3}, "bookings": {"value": 300}, "stage_open": {"value": {f"{text}:{text}": 2}},
    }  # fmt: skip
    windows = {kind: WindowReading(f"{kind}:{text}", "provisional", 1000, kpis) for kind in ("day", "now", "year")}
    return Reading(scope, scope, text, windows)


@given(ANY)
def test_the_picture_of_figures_does_nothing(text: str) -> None:
    """Redis may hold anything."""
    scopes = ["company", f"team:{text}", f"rep:{text}", f"group:{text}"]
    figures = {scope: _reading(scope, text) for scope in scopes}
    alerts = [{"id": text, "scope": f"team:{text}", "kind": text, "state": "muted", "muted_by": text, "seen": 3}]
    alerts[0] |= {"since_ms": 9}
    plain = {scope: Reading(scope, scope, "EUR") for scope in scopes}
    written = io.StringIO()
    console = Console(file=written, width=200, color_system=None)
    with contextlib.suppress(TypeError, ValueError, KeyError):
        console.print(picture(figures, alerts, "day", 1000, Evidence(True, {}, frozenset())))
    console.print(picture(plain, alerts, "day", 1000, Evidence(True, {}, frozenset())))

    assert not obeyed(written.getvalue())
    assert not any(obeyed(visible(line), "") for line in lines(plain, alerts, set(scopes), "day"))


@given(ANY)
def test_a_table_does_nothing(text: str) -> None:
    """Nor does it take what a cell holds for markup."""
    written = io.StringIO()
    table = Table("a", text, title=text)
    table.add_row(text, "[red]x")
    Terminal(file=written, width=300, color_system=None).print(table)

    assert not obeyed(written.getvalue())
    assert "[red]x" in written.getvalue()


@given(ANY, ANY)
def test_what_an_import_says_is_lines_that_do_nothing(name: str, text: str) -> None:
    """Names of columns and texts come from a file."""
    refused = Refused(RowPlace(7, text), Fault(name, "is wrong"), text)
    said = check_rows(deals(), [RowError(refused.fault, refused.text)]).said

    assert not any(obeyed(visible(line), "") for line in said)


MAP = (
    'source = "x"\nzone = "UTC"\n[[event]]\ntype = "crm.deal.changed"\nsubject = "deal:{id}"\n'
    'time = { column = "at" }\ndata = { stage_id = "open" }\n'
)
NOWHERE = {"SALESPULSE_BROKERS": "127.0.0.1:1", "SALESPULSE_REDIS_URL": "redis://127.0.0.1:1/0"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a\x1b[31m\nsalespulse: all is well\u202e.csv", "id,at\n"),
        ("a\x1b[31m\nsalespulse: all is well\u202e.csv", "no,columns\n"),
        ("a.csv", "id,\x1b]0;x\x07,\u202eat,\x9b2J\n1,2\n"),
        ("a.csv", '"id\nsalespulse: all is well",b\n1,2\n'),
        ("a.json", '{"\x1b[2Jid": "1", "at\\u001b": "2"}'),
        ("a\nb.json", "{"),
    ],
)
def test_files_say_nothing_to_the_terminal(tmp_path: Path, name: str, content: str) -> None:
    """One line from a header or a file name is one line, whatever is in it."""
    (tmp_path / name).write_text(content)
    (tmp_path / "map.toml").write_text(MAP)
    command = ["import", str(tmp_path / name), "--map", str(tmp_path / "map.toml"), "--dry-run"]
    for extra in ([], ["--json"], ["--show", "3"]):
        done = CliRunner().invoke(app, [*command, *extra], env=NOWHERE)
        assert not obeyed(done.stdout)
        assert not obeyed(done.stderr)
        assert not any(line.startswith("salespulse: all is well") for line in done.output.splitlines())


def test_every_command_prints_through_one_place() -> None:
    """`tell`, `say`, `print_json` and `print_table` make visible what they are given."""
    found = []
    for file in sorted((PIPELINE / "cli").glob("*.py")):
        if file.name in ("options.py", "version.py", "topology.py"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("typer.echo", "print", "typer.secho"):
                found.append(f"{file.name}:{node.lineno}")

    assert found == []
