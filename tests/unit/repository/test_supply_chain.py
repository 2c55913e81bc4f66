"""What Salespulse is delivered with: every package with its licence, images by their full version."""

import json
import re
import runpy
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.unit.repository.test_repository import ROOT, locked

COPYLEFT = re.compile(r"GPL|General Public|MPL|Mozilla|EPL|Eclipse|CDDL|EUPL|SSPL|copyleft", re.IGNORECASE)
IMAGE = re.compile(r"[a-z/]+:v?\d+\.\d+\.\d+(-[a-z-]+)?(@sha256:[0-9a-f]{64})?")
bill_of_materials = cast(
    Callable[[str], dict[str, Any]], runpy.run_path(str(ROOT / "requirements" / "sbom.py"))["bill_of_materials"]
)


def installed(lock: str) -> set[str]:
    """What a lock file has for this system."""

    def is_here(name: str) -> bool:
        try:
            return bool(distribution(name))
        except PackageNotFoundError:
            return False

    return set(filter(is_here, locked(f"{lock}.txt")))


@pytest.mark.parametrize("lock", ["run", "audit", "demo", "dev"])
def test_the_bill_of_materials_has_every_package_once(lock: str) -> None:
    """With version and licence, what is locked of it, and what it needs of the others; the same every time."""
    bill = bill_of_materials(lock)
    parts = {part["name"]: part for part in bill["components"]}
    refs = {part["bom-ref"] for part in parts.values()} | {bill["metadata"]["component"]["bom-ref"]}

    assert json.dumps(bill) == json.dumps(bill_of_materials(lock))
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert set(parts) == installed(lock)
    assert len(parts) == len(bill["components"])
    for name, part in parts.items():
        assert part["version"] == distribution(name).version
        assert part["purl"] == f"pkg:pypi/{name}@{part['version']}"
        assert lock == "dev" or part["licenses"], name
        assert len(part["properties"]) >= 1
    assert {each["ref"] for each in bill["dependencies"]} == refs
    assert {needed for each in bill["dependencies"] for needed in each["dependsOn"]} <= refs


@pytest.mark.parametrize("lock", ["audit", "demo"])
def test_the_notice_names_every_licence_that_is_not_permissive(lock: str) -> None:
    """Whoever passes the image on has to know."""
    notice = (ROOT / "NOTICE").read_text()
    found = {part["name"] for part in bill_of_materials(lock)["components"] if COPYLEFT.search(str(part["licenses"]))}

    assert "crc32c" in found
    assert not [name for name in found if f"  {name} (" not in notice]


def test_images_are_named_by_their_full_version() -> None:
    """A tag of two numbers is another image next month; a digest may stand behind the version."""
    services = yaml.safe_load((ROOT / "deploy" / "compose" / "compose.yaml").read_text())["services"]
    images = [service["image"] for service in services.values() if not service["image"].startswith("salespulse:")]
    images += re.findall(r"^FROM (\S+)", Path(ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)

    assert len(images) > 5
    assert [image for image in images if not IMAGE.fullmatch(image)] == []
