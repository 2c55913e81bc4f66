"""What `salespulse notify` and `salespulse names` say where they cannot begin."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app

URL = {"SALESPULSE_WEBHOOK_URL": "https://hooks.example.com/k3y"}
SECRET = {"SALESPULSE_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
NOWHERE = {"SALESPULSE_BROKERS": "127.0.0.1:1", "SALESPULSE_REDIS_URL": "redis://127.0.0.1:1/0"}
run = CliRunner()


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ({}, "SALESPULSE_WEBHOOK_URL: missing"),
        (SECRET, "SALESPULSE_WEBHOOK_URL: missing"),
        (URL, "SALESPULSE_WEBHOOK_SECRET: missing"),
        (URL | SECRET, "SALESPULSE_BROKERS: cannot connect to 127.0.0.1:1"),
    ],
)
def test_what_is_missing_is_named(env: dict[str, str], line: str) -> None:
    """In one line, which holds no secret."""
    done = run.invoke(app, ["notify"], env=NOWHERE | env)

    assert done.exit_code == 2
    assert line in done.stderr
    assert "k3y" not in done.stderr
    assert "MfKQ" not in done.stderr


def test_a_file_of_names_that_is_none_changes_nothing(tmp_path: Path) -> None:
    """It is read as a whole before anybody is asked."""
    file = tmp_path / "names.csv"
    for content, line in (
        (None, "cannot read"), (b"\xff", "allowed is UTF-8"), (b"id,name\nrep:7,\n", "line 2: name: allowed"),
    ):  # fmt: skip
        if content is not None:
            file.write_bytes(content)
        done = run.invoke(app, ["names", "import", str(file)], env=NOWHERE)
        assert (done.exit_code, line in done.stderr) == (2, True)
    file.write_text("id,name\nrep:7,Robin Example\n")
    done = run.invoke(app, ["names", "import", str(file)], env=NOWHERE)
    assert done.exit_code == 2
    assert "SALESPULSE_REDIS_URL" in done.stderr
