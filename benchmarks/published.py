"""What our own workers published, as measures that can be compared with the recomputed ones."""

import json
from typing import Any

import redis

from benchmarks.expected import Figures
from benchmarks.readback import Parsed, Place
from pipeline.sinks.past_form import read_legends, unpack
from pipeline.sinks.redis_keys import Keys

FAMILIES = ("calls", "emails", "meetings", "deals", "pipeline")
MEASURES: dict[str, tuple[str, int]] = {
    "calls": ("calls", 1),
    "dials": ("dials", 1),
    "connected_calls": ("connected", 1),
    "talk_time": ("talk_ms", 1000),
    "emails": ("emails", 1),
    "emails_bulk": ("emails_bulk", 1),
    "meetings_set": ("meetings_set", 1),
    "meetings_held": ("meetings_held", 1),
    "deals_created": ("deals_created", 1),
    "won": ("won", 1),
    "lost": ("lost", 1),
    "bookings": ("won_minor", 1),
    "open_deals": ("open_deals", 1),
    "open_pipeline": ("open_minor", 1),
}
"""Which published KPI must equal which recomputed measure, and times what."""


def compared(figures: Figures) -> Figures:
    """The figures that a worker publishes as they are: local days and what is open, of teams, reps and the company.

    A rep belongs to one team, and is compared over all teams: so reps are published by default in these windows.
    """
    found = {place: measures for place, measures in figures.items() if _compared(place)}
    return {(scope.partition("@")[0], window): measures for (scope, window), measures in found.items()}


def read_redis(client: redis.Redis, namespace: str, places: list[Place]) -> list[dict[str, int]]:
    """The measures of these scopes and windows, as Redis has them now."""
    keys = Keys(namespace)
    pipeline = client.pipeline(transaction=False)
    for scope, window in places:
        pipeline.hmget(keys.kpi(scope, scope), [f"{window}:{family}" for family in FAMILIES])
        pipeline.hget(keys.past(scope, scope), window)
    answers = pipeline.execute()
    held: Any = client.hgetall(keys.legend)
    legends = read_legends({name.decode(): text.decode() for name, text in held.items()})
    found = []
    for (scope, _), families, over in zip(places, answers[::2], answers[1::2], strict=True):
        kpis: dict[str, Any] = unpack(over.decode(), scope, legends).kpis if over is not None else {}
        for value in families:
            kpis |= json.loads(value)["kpis"] if value is not None else {}
        found.append(_measures(kpis))
    return found


def parse_record(_: bytes, value: bytes | None) -> Parsed:
    """The scope, window and measures of one record of a KPI topic, where they are compared."""
    record = json.loads(value or b"{}")
    if "kpis" in record:
        place = record["scope"], record["window"]["id"]
        if _compared(place) and (
            (place[0].startswith(("team:", "rep:")) and "@" not in place[0]) or place[0] == "company"
        ):
            yield place, _measures(record["kpis"])


def _compared(place: Place) -> bool:
    return place[1] == "now" or place[1].startswith("day:")


def _measures(kpis: dict[str, dict[str, float | None]]) -> dict[str, int]:
    found = {}
    for kpi, (measure_name, times) in MEASURES.items():
        value = kpis.get(kpi, {}).get("value")
        if value is not None:
            found[measure_name] = round(value * times)
    return found
