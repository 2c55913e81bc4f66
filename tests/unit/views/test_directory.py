"""Files of display names: what they may hold, and who may read what became of them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.views.directory import MOST_LETTERS, DirectoryError, read_names
from pipeline.views.wording import display_name
from tests.unit.repository.test_layers import _arrows

NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=MOST_LETTERS)
IDS = st.from_regex(r"(rep|team):[A-Za-z0-9_.-]{1,20}", fullmatch=True)


def read(text: str) -> dict[str, str]:
    """The names of a file."""
    return read_names(io.StringIO(text, newline=""))


@given(st.dictionaries(IDS, NAMES, max_size=20))
def test_whatever_a_file_says_is_read(names: dict[str, str]) -> None:
    """As any spreadsheet writes it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([("id", "name"), *names.items()])

    assert read(text.getvalue()) == names


def test_ids_are_kept_as_everywhere() -> None:
    """A file has them as the source writes them; other columns, and spaces around, are passed over."""
    found = read("name,id,mail\n Robin Example , rep:Zoë 7 ,x\nTeam North,team:north,\n")

    assert found == {"rep:Zo%C3%AB%207": "Robin Example", "team:north": "Team North"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: allowed are the columns id and name"),
        ("rep,name\n7,Robin\n", "line 1: allowed are the columns id and name"),
        ("id,name\n7,Robin\n", "line 2: id: allowed is rep: or team:"),
        ("id,name\ndeal:7,Robin\n", "line 2: id: allowed is rep: or team:"),
        ("id,name\nrep:,Robin\n", "line 2: id: allowed is rep: or team:"),
        ("id,name\nrep:7,\n", "line 2: name: allowed is a text"),
        ("id,name\nrep:7\n", "line 2: name: allowed is a text"),
        ("id,name\nrep:7,Ro\u202ebin\n", "line 2: name: allowed is a text"),
        ("id,name\nrep:7,Ro\x1b[2Jbin\n", "line 2: name: allowed is a text"),
        (f"id,name\nrep:7,{'x' * 101}\n", "line 2: name: allowed is a text"),
        ("id,name\nrep:7,Robin\nrep:7,Sascha\n", "line 3: rep:7 has two names"),
        ('id,name\nrep:7,"Robin\n', "not CSV"),
    ],
)
def test_a_mistake_is_named_by_its_line(text: str, words: str) -> None:
    """And no name is repeated."""
    with pytest.raises(DirectoryError, match="line") as refused:
        read(text)

    assert words in str(refused.value)
    assert "Robin" not in str(refused.value)


def test_whoever_has_no_name_is_called_by_id() -> None:
    """Of a rep within a team the rep's name stands for both."""
    names = {"rep:7": "Robin Example"}

    assert [display_name(scope, names) for scope in ("rep:7", "rep:7@north", "team:north", "company")] == [
        "Robin Example", "Robin Example", "north", "company",
    ]  # fmt: skip


def test_no_module_of_a_worker_or_an_audit_reaches_names() -> None:
    """What is written into logs, topics, states, metrics and other keys of Redis cannot hold one."""
    reached, left = set[str](), {"pipeline.app", "pipeline.audit.audit"}
    arrows = list(_arrows())
    while left:
        reached |= left
        left = {target for module, target in arrows if module in reached} - reached

    assert "pipeline.sinks.redis_keys" in reached
    assert "pipeline.views.directory" not in reached
    readers = {module for module, target in arrows if target == "pipeline.views.directory"}
    assert readers == {"pipeline.views.live", "pipeline.cli.names", "pipeline.cli.notify"}
