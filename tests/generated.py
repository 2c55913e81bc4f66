"""`python -m tests.generated`: write what follows from the code; `make generated`.

Schemas, the table of settings and the README's picture are written anew. Numbers of stored fields and digests of rules
and KPIs are only ever added to: what a state may hold, or a reader may have seen, is left as it is, so that a test
still fails where it changed.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from holidays import list_supported_countries

from pipeline.app import create_app
from pipeline.config.settings import Settings
from pipeline.config.settings_table import table
from pipeline.deployment_fingerprint import RULES_VERSION
from pipeline.kinds import KINDS
from pipeline.objects.object import Object
from pipeline.scores.kpi_schema import kpi_schema
from pipeline.scores.kpis import KPIS
from pipeline.views.kpi_page import page
from pipeline.views.topology import mermaid, nodes
from schemas.event_table import table as event_table
from schemas.published import NAMES, json_schema
from tests.unit.kinds import test_rules
from tests.unit.objects import test_field_numbers as numbers
from tests.unit.scores import test_definition

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "tests" / "unit"


def schemas() -> None:
    """The JSON schemas of events, KPI records and alerts."""
    for name in NAMES:
        schema = kpi_schema() if name == "kpi" else json_schema(name)
        text = json.dumps(schema, indent=2, ensure_ascii=False)
        (ROOT / "schemas" / "json" / f"{name}.json").write_text(f"{text}\n")


def holiday_places() -> None:
    """The places whose public holidays the library knows."""
    known = list_supported_countries(include_aliases=False)
    rows = (f' "{country}": {json.dumps(sorted(parts))}' for country, parts in sorted(known.items()))
    _write(ROOT / "schemas" / "holiday_places.json", rows)


def settings() -> None:
    """The table in docs/settings.md."""
    _replace(ROOT / "docs" / "settings.md", r"^\| variable \|.*?(?=^(?!\|))", "\n".join([*table(), ""]))


def events() -> None:
    """The tables at the end of docs/events.md."""
    _replace(ROOT / "docs" / "events.md", r"(?<=^## All events\n\n).*", "\n".join(event_table()))


def kpis() -> None:
    """The sections of docs/kpis.md."""
    _replace(ROOT / "docs" / "kpis.md", r"^## 1\..*", "\n".join(page()))


def picture() -> None:
    """The graph in the README."""
    graph = mermaid(nodes(create_app(Settings(embedded=True)).engine.stages))
    _replace(ROOT / "README.md", r"(?<=```mermaid\n).*?(?=\n```)", graph)


def field_numbers() -> None:
    """The numbers of fields that are new, and an object of each new kind."""
    held: dict[str, Any] = dict(numbers.HELD)
    for kind in numbers.NUMBERS:
        now = dict(numbers.numbers_of(kind))
        before = held.get(kind, {"numbers": {}})
        held[kind] = {"numbers": {**now, **before["numbers"]}, "object": before.get("object") or _object(kind, now)}
    rows = (
        f' "{kind}": {{\n  "numbers": {_line(row["numbers"])},\n  "object": {_line(row["object"])}\n }}'
        for kind, row in held.items()
    )
    _write(UNIT / "objects" / "field_numbers.json", rows)


def rules_digests() -> None:
    """What objects of later kinds contribute, by rules version."""
    later = {name: dict(digests) for name, digests in test_rules.LATER.items()}
    for kind in KINDS:
        if kind.name not in test_rules.VALUES:
            later.setdefault(kind.name, {}).setdefault(str(RULES_VERSION), test_rules.digest_of(kind))
    _write(UNIT / "kinds" / "rules_digests.json", (f' "{name}": {_line(row)}' for name, row in later.items()))


def kpi_digests() -> None:
    """What each version of each KPI says of fixed measures."""
    held = {name: dict(digests) for name, digests in test_definition.HELD.items()}
    for kpi in KPIS:
        held.setdefault(kpi.name, {}).setdefault(str(kpi.version), test_definition.digest(kpi))
    _write(UNIT / "scores" / "kpi_digests.json", (f' "{name}": {_line(row)}' for name, row in held.items()))


WRITERS: tuple[Callable[[], None], ...] = (
    schemas, holiday_places, settings, events, kpis, picture, field_numbers, rules_digests, kpi_digests,
)  # fmt: skip


def _object(kind: str, fields: Iterable[str]) -> str:
    item = Object(f"{kind}:1", {name: name for name in fields}, numbers.VERSION)
    return numbers.FORMS[kind].encode(item).hex()


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write(path: Path, rows: Iterable[str]) -> None:
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n")


def _replace(path: Path, pattern: str, text: str) -> None:
    path.write_text(re.sub(pattern, lambda _: text, path.read_text(), count=1, flags=re.DOTALL | re.MULTILINE))


if __name__ == "__main__":
    for write in WRITERS:
        write()
