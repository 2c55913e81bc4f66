"""`salespulse alerts list` over what the sink wrote."""

from typer.testing import CliRunner

from pipeline.cli import app
from tests.harness.published import publish, sales_floor, silent
from tests.servers.redis import RedisServer


def test_an_alert_says_on_which_day_it_opened(redis_server: RedisServer, namespace: str) -> None:
    """It may stand for months, and a time of day would be of any of them."""
    publish(redis_server.url, namespace, sales_floor(12, 1), [silent("team:south", "team:south")])
    given = ("--redis-url", redis_server.url, "--namespace", namespace)
    result = CliRunner().invoke(app, ["alerts", "list", *given])

    assert result.exit_code == 0
    assert "2026-11-23T12:00:00.000Z" in result.stdout


def test_an_alert_is_found_by_its_scope_as_it_is_written(redis_server: RedisServer, namespace: str) -> None:
    """As by the id that the list shows."""
    publish(redis_server.url, namespace, sales_floor(12, 1), [silent("team:K%C3%B6ln", "team:K%C3%B6ln")])
    given = ("--redis-url", redis_server.url, "--namespace", namespace)
    result = CliRunner().invoke(app, ["alerts", "show", "silent_team:team:Köln", *given])

    assert (result.exit_code, result.stdout.count("id: silent_team:team:K%C3%B6ln\n")) == (0, 1)
