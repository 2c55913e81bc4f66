"""What commands that send share."""

from pathlib import Path

import pytest

from pipeline.cli.sending import Done, agreed, content_of
from pipeline.config.settings import SetupError
from pipeline.importing.manifest import Run
from pipeline.importing.taking_back import Plan


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """With the reason of the system; what it holds is given as it is."""
    (tmp_path / "events").write_bytes(b"{}\n")

    assert content_of(tmp_path / "events") == b"{}\n"
    with pytest.raises(SetupError, match=r"none: No such file or directory$"):
        content_of(tmp_path / "none")


def test_without_a_terminal_nobody_agrees(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The line says which option is for that."""
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert not agreed("2 events")

    assert "no terminal to confirm; use --yes\n" in capsys.readouterr().err


def test_what_a_run_takes_back_is_counted_in_english() -> None:
    """One object, several objects."""
    plan = Plan(deleted=["deal:1"], corrected=["deal:2", "deal:3"])
    said = list(Done(Run("3f2a9c1e", "undo", "crm", 1_762_167_600_000), plan).lines(dry_run=True))

    assert said == ["1 object deleted (deal:1)", "2 objects corrected (deal:2, deal:3)"]
