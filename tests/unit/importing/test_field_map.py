"""The field map: what it takes, and what it says of what it does not take."""

from pathlib import Path

import pytest

from pipeline.config.settings import SetupError
from pipeline.importing.field_map import FieldMap, read_field_map

EVENT = """
[[event]]
type = "crm.deal.changed"
subject = "deal:{id}"
time = { column = "closed" }
"""
SHIPPED = sorted((Path(__file__).parents[3] / "deploy" / "import").rglob("*.toml"))


def refused(tmp_path: Path, text: str) -> str:
    """The one line a map is refused with."""
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(SetupError) as caught:
        read_field_map(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name + "/" + path.stem)
def test_shipped_maps_are_valid(path: Path) -> None:
    """Every map in deploy/import can be read and has events."""
    assert read_field_map(path).events


def test_plain_values_are_constants() -> None:
    """A value that is not a table stands for itself."""
    read = FieldMap.model_validate(
        {"source": "crm", "event": [{"type": "crm.deal.changed", "subject": "deal:{id}", "time": "2026-01-01"}]}
    )

    assert read.events[0].time.constant == "2026-01-01"


def test_columns_are_those_of_templates_conditions_and_nested_values() -> None:
    """The columns a map reads are found wherever it names them; those of other files and constants are not."""
    value = {"column": "rep", "lookup": "office", "plus": [{"column": "wait"}], "zone": {"column": "zone"}}
    read = FieldMap.model_validate(
        {
            "source": "crm",
            "lookups": {"office": {"file": "teams.csv", "key": "name", "value": "place"}},
            "event": [
                {
                    "type": "crm.deal.changed",
                    "subject": "deal:{id|slug}",
                    "time": {"template": "{day} {hour}"},
                    "when": [{"column": "stage", "filled": True}],
                    "data": {"created_at": value},
                }
            ],
        }
    )

    assert read.columns() == {"rep", "wait", "zone", "id", "day", "hour", "stage"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source = ", "is not TOML"),
        ("source = 'crm'", "event"),
        (f"source = 'crm'\nsauce = 1{EVENT}", "sauce"),
        (f"source = 'crm'{EVENT}".replace("deal.changed", "deel.changed"), "crm.deal.changed"),
        (f"source = 'crm'{EVENT}data = {{ stag_id = 'won' }}", "no field 'stag_id'; allowed: account_id"),
        (f"source = 'crm'{EVENT}data = {{ stage_id = {{ parse = 'text' }} }}", "exactly one of: column"),
        (f"source = 'crm'{EVENT}data = {{ amount_minor = {{ column = 'a', parse = 'money' }} }}", "needs a currency"),
        (f"source = 'crm'{EVENT}data = {{ stage_id = {{ column = 'a', lookup = 'b' }} }}", "no lookup 'b'"),
        (f"source = 'crm'{EVENT}when = [{{ column = 'a' }}]", "exactly one of: is, filled"),
    ],
)
def test_a_wrong_map_gets_one_line(tmp_path: Path, text: str, said: str) -> None:
    """Whatever is wrong with a map is said in one line that names it."""
    assert said in refused(tmp_path, text)


def test_a_missing_map_is_named(tmp_path: Path) -> None:
    """A map that is not there is an error of the option that names it."""
    with pytest.raises(SetupError, match=r"--map: cannot read .*none\.toml"):
        read_field_map(tmp_path / "none.toml")
