"""What commands that send share."""

from pathlib import Path

import pytest

from pipeline.cli.sending import agreed, content_of
from pipeline.config.settings import SetupError


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
