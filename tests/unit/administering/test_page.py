"""docs/organisation.md as its reader follows it."""

import re
from pathlib import Path

from pipeline.administering.preview import Kept, Preview
from tests.unit.administering.organisations import NOW_MS, apply, read, told_of


def test_the_file_of_the_page_is_right() -> None:
    """No fault, no note, and applied again nothing."""
    page = Path(__file__).parents[3] / "docs" / "organisation.md"
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)
    told = told_of(())
    preview = Preview(told, read(told, text), "EUR", NOW_MS, Kept(800, 35), end_others=False)

    assert preview.warnings == []
    assert apply(told, text).steps
    assert not apply(told, text, NOW_MS + 2).steps
