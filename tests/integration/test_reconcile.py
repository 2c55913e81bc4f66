"""The reconcile command, on the embedded broker: seeded losses are found exactly, and gone once corrected."""

from pathlib import Path

import pytest

from pipeline.config.settings import Settings
from tests.harness.published import count, made, publish, sales_floor
from tests.integration.test_imports import MAP, Deployment

ROWS = [(f"d{number}", f"2026-03-{number % 28 + 1:02d}", "2026-04-05", str(number + 1)) for number in range(200)]
DROPPED, ALTERED, DELETED = {"d7", "d77"}, {"d120"}, {"d150"}
ORGANISATION = """
[[event]]
type = "org.company.changed"
subject = "company:company"
time = { constant = 2017-01-01 }
once = true
data = { time_zone = "UTC", currency = "EUR" }
"""


@pytest.fixture
def deployment(embedded_settings: Settings, tmp_path: Path) -> Deployment:
    """A namespace of its own."""
    made_ = Deployment(embedded_settings, tmp_path)
    with (tmp_path / "map.toml").open("a") as file:
        file.write(ORGANISATION)
    made_.environment["SALESPULSE_REDIS_URL"] = embedded_settings.redis_url.get_secret_value()
    return made_


def reconcile(deployment: Deployment, rows: list[tuple[str, str, str, str]], *more: str) -> list[str]:
    """The arguments that hold rows against the deployment."""
    _, file, *options = deployment.export("export", rows)
    return ["reconcile", file, *options, *more]


def test_seeded_losses_are_found_and_corrected(deployment: Deployment) -> None:
    """1 % of the rows never arrived, some arrived otherwise or are no longer there; after --apply nothing is found."""
    arrived = [
        (name, opened, closed, "9999" if name in ALTERED else amount)
        for name, opened, closed, amount in ROWS
        if name not in DROPPED
    ]
    deployment.json(*deployment.export("arrived", arrived))
    export = [row for row in ROWS if row[0] not in DELETED]
    found = deployment.json(*reconcile(deployment, export), code=1)
    before = deployment.stands()
    applied = deployment.json(*reconcile(deployment, export, "--apply"))
    again = deployment.json(*reconcile(deployment, export))
    stands = deployment.stands()

    assert found["missed"] == ["deal:d7", "deal:d77"]
    assert found["changed"] == {"deal:d120": [{"field": "amount_minor", "export": 12100, "pipeline": 999900}]}
    assert (found["deleted"], found["forgotten"], found["compared"]) == (["deal:d150"], [], 199)
    assert {name: applied[name] for name in ("missed", "changed", "deleted")} == {
        name: found[name] for name in ("missed", "changed", "deleted")
    }
    assert sum(applied["sent"].values()) >= 4
    assert (again["missed"], again["changed"], again["deleted"]) == ([], {}, [])
    assert sorted(stands) == sorted(f"deal:{name}" for name, *_ in export)
    (correcting, first) = deployment.json("imports", "list")
    assert (correcting["objects"], first["state"]) == (4, "holds")
    deployment.json("imports", "undo", correcting["run"])
    assert deployment.stands() == before


def test_months_stand_beside_the_figures(deployment: Deployment, embedded_settings: Settings) -> None:
    """What the export adds up to, and what the company's figures say; a difference is seen at once."""
    deployment.json(*deployment.export("arrived", ROWS[:50]))
    url = embedded_settings.redis_url.get_secret_value()
    april = made("company", "company", "month", "month:2026-04", 1, {"won": count(48), "lost": count(0)}, current=False)
    publish(url, embedded_settings.namespace, [*sales_floor(1, 1), april])
    found = deployment.json(*reconcile(deployment, ROWS[:50]))
    told = deployment.run(*reconcile(deployment, ROWS[:50]))

    assert found["totals"]["2026-04"] == {
        "won": {"export": 50, "pipeline": 48},
        "lost": {"export": 0, "pipeline": 0},
        "bookings": {"export": sum(range(1, 51)) * 100, "pipeline": None},
        "activities": {"export": 0, "pipeline": None},
    }
    assert "50 / 48" in told.stdout
    assert told.stdout.splitlines()[-1] == "50 objects compared"
    assert told.exit_code == 0


def test_a_file_that_cannot_be_read_is_compared_with_nothing(deployment: Deployment) -> None:
    """As for an import: the causes, and one line."""
    wrong = deployment.run(*reconcile(deployment, [("d1", "soon", "", "")]))

    assert wrong.exit_code == 1
    assert wrong.stderr.splitlines()[-1] == "nothing is compared"


def test_a_stage_that_only_the_deployment_declares_closes_at_the_same_instant(
    deployment: Deployment, tmp_path: Path
) -> None:
    """A day on which a deal was won is its end to both, so that reconciling finds what was imported as it is."""
    deals, booked = MAP.partition('[[event]]\ntype = "org.process')[0], '{ id = "booked", kind = "won" }'
    (tmp_path / "map.toml").write_text(MAP.replace('{ id = "won", kind = "won" }', booked))
    deployment.json(*deployment.export("first", [("d0", "2026-03-01", "", "")]))
    (tmp_path / "map.toml").write_text(deals.replace('stage_id = "won"', 'stage_id = "booked"'))
    deployment.json(*deployment.export("arrived", ROWS[:5]))
    found = deployment.json(*reconcile(deployment, ROWS[:5]))

    assert (found["missed"], found["changed"], found["compared"]) == ([], {}, 5)
    assert {event["time"] for event in deployment.events() if event["data"].get("stage_id") == "booked"} == {
        "2026-04-05T23:59:59.999Z"
    }
