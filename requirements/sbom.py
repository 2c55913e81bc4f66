"""The software bill of materials of a lock file, as CycloneDX: `python requirements/sbom.py audit >sbom.json`.

It says of each package that the lock file installs here: version, licence, the hashes that are locked, and what it
needs, by the metadata of what is installed. The same environment gives the same bytes.
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

HERE = Path(__file__).parent
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
NAME = re.compile(r"^[A-Za-z0-9._-]+")
SERIALS = UUID("6f3f2a1e-64f5-5c0e-9d4b-6a2b6c1f0a55")
CLASSIFIER = "License :: "


class MissingError(Exception):
    """Raised where something that is locked is installed in another version."""


def bill_of_materials(lock: str) -> dict[str, Any]:
    """The document for one of the lock files, by its name. MissingError where the environment is not as locked."""
    project = distribution("salespulse")
    parts = dict(_locked(lock))
    root = _component(project, "application", [])
    edges = {root["bom-ref"]: sorted(each["bom-ref"] for each in parts.values())}
    for name, part in parts.items():
        needed = set(_needs(distribution(name))) & parts.keys()
        edges[part["bom-ref"]] = sorted(parts[each]["bom-ref"] for each in needed)
    body = {
        "metadata": {"component": root},
        "components": sorted(parts.values(), key=lambda part: str(part["name"])),
        "dependencies": [{"ref": ref, "dependsOn": needs} for ref, needs in sorted(edges.items())],
    }
    serial = uuid5(SERIALS, json.dumps(body, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **body,
    }


def _locked(lock: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The packages of a lock file that are installed here, by name; others are of other systems or Pythons."""
    text = (HERE / f"{lock}.txt").read_text()
    found = list(PINNED.finditer(text))
    others = dict[str, str]()
    for number, pinned in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        name, version = _normal(pinned[1]), pinned[2]
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        if installed.version.removeprefix("v") != version:
            others.setdefault(name, installed.version)
            continue
        others[name] = ""
        yield name, _component(installed, "library", sorted(HASH.findall(text[pinned.start() : end])))
    if wrong := sorted(f"{name} {version}" for name, version in others.items() if version):
        raise MissingError(f"installed, and not as {lock}.txt has it: {', '.join(wrong)}")


def _component(installed: Distribution, kind: str, hashes: list[str]) -> dict[str, Any]:
    name, version = _normal(installed.metadata["Name"]), installed.version
    purl = f"pkg:pypi/{name}@{version}"
    found: dict[str, Any] = {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if licences := _licences(installed):
        found["licenses"] = licences
    if hashes:
        # Each is of a file of the release, as the lock file has them: one for every platform.
        found["properties"] = [{"name": "salespulse:locked:sha256", "value": each} for each in hashes]
    return found


def _licences(installed: Distribution) -> list[dict[str, Any]]:
    """An SPDX expression where the package states one, else the names of its licences."""
    told = installed.metadata
    if expression := told.get_all("License-Expression"):
        return [{"expression": expression[0]}]
    names = [each.split(" :: ")[-1] for each in told.get_all("Classifier") or () if each.startswith(CLASSIFIER)]
    names = [each for each in names if each != "OSI Approved"]
    if not names:
        names = [text.strip().splitlines()[0] for text in told.get_all("License") or () if text.strip()]
    return [{"license": {"name": each}} for each in sorted(set(names))]


def _needs(installed: Distribution) -> Iterator[str]:
    for each in installed.requires or ():
        if (name := NAME.match(each)) and "extra ==" not in each:
            yield _normal(name[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    json.dump(bill_of_materials(sys.argv[1]), sys.stdout, indent=2)
    sys.stdout.write("\n")
