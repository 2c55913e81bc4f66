"""Display names in a real Redis: kept by the command, shown by the board, and nowhere else."""

import io
import json
import logging
from pathlib import Path

import pytest
from redis import Redis
from rich.console import Console
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.views.live import LiveFigures
from pipeline.views.screen import lines, picture
from tests.contract.test_page_api import board
from tests.harness.published import silent
from tests.servers.redis import RedisServer

NAME = "Robin Example"
run = CliRunner()


def names(redis_server: RedisServer, namespace: str, *arguments: str) -> tuple[int, str]:
    """Exit code and standard output of the command."""
    env = {"SALESPULSE_REDIS_URL": redis_server.url, "SALESPULSE_NAMESPACE": namespace}
    done = run.invoke(app, ["names", *arguments], env=env)
    return done.exit_code, done.stdout


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with two names."""
    path = tmp_path / "names.csv"
    path.write_text(f"\ufeffid,name\nteam:south,South of Here\nrep:rep-02,{NAME}\n", encoding="utf-8")
    return path


def test_an_import_replaces_all_and_a_person_is_forgotten(
    redis_server: RedisServer, namespace: str, file: Path
) -> None:
    """Who is not in the file has no name any more; a bad file changes nothing."""
    assert names(redis_server, namespace, "list") == (1, "")
    assert names(redis_server, namespace, "import", str(file))[0] == 0
    assert json.loads(names(redis_server, namespace, "list", "--json")[1]) == {
        "rep:rep-02": NAME, "team:south": "South of Here",
    }  # fmt: skip
    file.write_text("id,name\nrep:7,Sascha Example\nnobody,x\n")
    assert names(redis_server, namespace, "import", str(file))[0] == 2
    assert NAME in names(redis_server, namespace, "list")[1]
    assert names(redis_server, namespace, "delete", "rep:rep-02")[0] == 0
    assert names(redis_server, namespace, "delete", "rep:rep-02")[0] == 1
    assert names(redis_server, namespace, "delete", "robin")[0] == 2
    file.write_text("id,name\nrep:7,Sascha Example\n")
    assert names(redis_server, namespace, "import", str(file))[0] == 0
    assert names(redis_server, namespace, "list") == (0, "rep:7  Sascha Example\n")
    assert names(redis_server, namespace, "clear")[0] == 0
    assert names(redis_server, namespace, "list")[0] == 1


def test_a_name_is_deleted_by_the_id_that_the_list_shows(redis_server: RedisServer, namespace: str, file: Path) -> None:
    """As it is kept, or as its source writes it."""
    file.write_text("id,name\nrep:Zoë,Sascha Example\nrep:Ada@x.example,Robin Example\n", encoding="utf-8")
    names(redis_server, namespace, "import", str(file))

    assert names(redis_server, namespace, "delete", "rep:Zo%C3%AB")[0] == 0
    assert names(redis_server, namespace, "delete", "rep:Ada@x.example")[0] == 0
    assert names(redis_server, namespace, "list")[0] == 1


def test_people_see_names_and_machines_do_not(
    redis_server: RedisServer, namespace: str, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The board's API, the page's stream and the picture on a terminal have them; metrics, logs and lines do not."""
    caplog.set_level(logging.DEBUG)
    names(redis_server, namespace, "import", str(file))
    with board(redis_server.url, namespace) as api:
        assert api.json("/api/v1/names") == {"rep:rep-02": NAME, "team:south": "South of Here"}
        [alert] = api.json("/api/v1/alerts")
        assert (alert["display_name"], alert["scope"]) == ("South of Here", "team:south")
        figures = json.dumps(api.json("/api/v1/figures"))
        with api.get("/metrics") as answer:
            metrics = answer.read().decode()
    with Redis.from_url(redis_server.url, decode_responses=True) as client:
        live = LiveFigures(client, namespace)
        live.close()
        others = [key for key in client.scan_iter(f"{namespace}:*") if key != f"{namespace}:names"]
        kept = [client.dump(key) for key in others if client.type(key) in ("hash", "string", "stream", "set")]
    shown = io.StringIO()
    drawn = picture(live.figures, live.alerts, "day", live.as_of_ms, live.evidence, live.names)
    Console(file=shown, width=200).print(drawn)
    told = lines(live.figures, [silent("team:south", "team:south").record()], set(live.figures), "day")

    assert NAME in shown.getvalue()
    assert "South of Here" in shown.getvalue()
    for text in (figures, metrics, "\n".join(told), caplog.text, str(kept)):
        assert NAME not in text
        assert "South of Here" not in text
