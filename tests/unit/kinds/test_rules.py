"""The rules version: it goes up whenever objects contribute something else, so no state mixes two sets of rules."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline.deployment_fingerprint import RULES_VERSION
from pipeline.kinds import KINDS, Kind
from pipeline.measures import CALLERS_WAITING
from pipeline.scores.kpi_table import below, stem_of
from pipeline.scores.kpis import KPIS
from schemas.events import MERGEABLE
from tests.harness.measures import SHARED
from tests.harness.values import values_of
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation

DIGESTS = {
    3: "7e26e3368b551307",
    4: "7e26e3368b551307",
    5: "7e26e3368b551307",
    6: "aeda2f5b89747ab3",
    7: "aeda2f5b89747ab3",
    8: "aeda2f5b89747ab3",
    9: "bd8023bb82bde7c3",
    10: "bd8023bb82bde7c3",
    11: "bd8023bb82bde7c3",
    12: "bd8023bb82bde7c3",
    13: "bd8023bb82bde7c3",
    14: "bd8023bb82bde7c3",
    15: "466288a5f395d129",
    16: "de548bd19eadf1f5",
    17: "1323892b2c1231fb",
    18: "caf6f3819dd3046d",
    19: "ff09788a54d36fa6",
    20: "38301f226175a6ba",
    21: "38301f226175a6ba",
    22: "6996d0a90e2b2267",
    23: "188893b14a70d4e9",
    24: "13f9a2384793c7cd",
    25: "a7fb7a148580c761",
}
"""By rules version: the digest of what the objects below contribute. Append only."""
LATER: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("rules_digests.json").read_text())
"""By later kind and rules version: the digest of what such objects contribute. Append only."""
RATES = [event("rate", "r1", 1000, currency="USD", effective_on="2025-01-01", rate="0.9")]
REPS, FEW, STAGES = ("rep-01", "rep-02", "gone"), ("1", "2", "3"), ("new", "qualified", "offer", "won", "lost", "other")
MONEY: Mapping[str, Sequence[Any]] = {
    "amount_minor": (-5, 0, 700, 123_456, None, None),
    "currency": (None, "EUR", "USD", "JPY"),
}
AT = tuple(NOON_MS - minutes * MINUTE for minutes in (0, 7, 1441, 4000, 9 * 1440))
LEADS = (None, *FEW, *(str(number) for number in range(20, 60)))
VALUES: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "account": {"owner_id": REPS, "region": ("emea",)},
    "lead": {
        "owner_id": REPS, "created_at": (*AT, *(at_ms - minutes * MINUTE for minutes in (10, 40) for at_ms in AT)),
        "status": ("open", "working", "converted", "disqualified", None),
    },
    "deal": {
        "owner_id": REPS, "account_id": FEW, "stage_id": STAGES, "created_at": AT, **MONEY,
        "expected_close_on": ("2025-11-20", "2025-12-20", None),
    },
    "meeting": {
        "rep_id": REPS, "booked_at": AT, "starts_at": AT, "status": ("scheduled", "held", "no_show", "cancelled"),
        "lead_id": LEADS,
    },
    "email": {
        "rep_id": REPS, "sent_at": AT, "direction": ("outbound", "inbound"), "bulk": (None, False, True),
        "auto_reply": (None, True), "lead_id": LEADS, "deal_id": (None, *FEW),
    },
    "activity": {
        "kind": ("call", "task", "note", "visit", "other"), "rep_id": REPS, "occurred_at": AT,
        "call_id": (None, None, *FEW), "direction": (None, "outbound", "inbound"), "dials": (None, 0, 3),
        "connected": (None, True, False), "talk_seconds": (None, 61), "lead_id": LEADS,
    },
    "cost": {
        "team_id": (None, "north"), **MONEY, "period_start": ("2025-10-01", "2025-10-31"),
        "period_end": ("2025-10-31", "2025-11-02"),
    },
    "call": {
        "rep_id": (None, *REPS), "team_id": ("south",), "direction": ("outbound", "inbound", "inbound", "internal"),
        "state": ("ringing", "ended"), "outcome": (None, "answered", "voicemail", "abandoned", "no_answer"),
        "started_at": AT, "answered_at": (*[None] * 9, *AT), "ended_at": (None, *AT),
        "wait_seconds": (None, None, 5, 31), "talk_seconds": (None, 90),
        "hold_seconds": (None, 4), "lead_id": LEADS, "deal_id": (None, *FEW),
        "wrap_up_seconds": (None, 0, 25),
    },
    "agent": {
        "state": ("available", "ringing", "on_call", "wrap_up", "break", "offline"),
        "reason": (None, "lunch", "training"),
    },
}  # fmt: skip
EVENTS_A_KIND = 400
OBJECTS_A_KIND = 150


def _events(values: Mapping[str, Mapping[str, Sequence[Any]]]) -> list[dict[str, Any]]:
    """The same events for ever: of each kind some hundred, several of most objects, each with most of its fields."""
    chance = Random(7)

    def one_of(values: Sequence[Any]) -> Any:
        return values[int(chance.random() * len(values))]

    found = []
    for kind, fields in values.items():
        for number in range(EVENTS_A_KIND):
            name = str(int(chance.random() * OBJECTS_A_KIND) + 1)
            given = {field: one_of(values) for field, values in fields.items() if chance.random() < 0.9}
            found.append(event(kind, name, one_of(AT) + number, event_id=f"{kind}-{number}", **given))
        found += [event(kind, str(n), NOON_MS, event_id=f"{kind}-gone-{n}", verb="deleted") for n in (4, 5)]
    found += [
        event(kind, n, NOON_MS, verb="merged", into="7") for kind in MERGEABLE if kind in values for n in ("6", "30")
    ]
    found += _put_off() + _shared() if "deal" in values else []
    return found + (_untimed() + _flapping() if "call" in values else [])


def _flapping() -> list[dict[str, Any]]:
    """A phone of a known rep, told of more often in an hour than anybody looks at."""
    began_ms = NOON_MS - NOON_MS % HOUR - 2 * HOUR
    return [
        event("agent", "rep-01", began_ms + n * 20_000, state=("available", "on_call")[n % 2], event_id=f"flap-{n}")
        for n in range(130)
    ]


def _untimed() -> list[dict[str, Any]]:
    """A caller who was answered, nobody says when."""
    told: dict[str, Any] = {"rep_id": "rep-01", "direction": "inbound", "state": "ended", "outcome": "answered"}
    return [event("call", "untimed", NOON_MS, started_at=AT[1], ended_at=AT[0], **told)]


def _put_off() -> list[dict[str, Any]]:
    """Deals that are to close later than was said first, or earlier: with an amount, without one, without a rate."""
    found: list[dict[str, Any]] = []
    own: dict[str, Any] = {"owner_id": "rep-01", "stage_id": "new", "created_at": AT[-1]}
    known: dict[str, Any] = {"amount_minor": 7}
    for money in (known, {}, known | {"currency": "JPY"}):
        for first, later in (("2025-11-20", "2025-12-20"), ("2025-12-20", "2025-11-20")):
            name = f"put-off-{len(found)}"
            found.append(event("deal", name, AT[3], expected_close_on=first, **own, **money))
            found.append(event("deal", name, AT[2], expected_close_on=later))
    return found


def _shared() -> list[dict[str, Any]]:
    """Deals of which reps share the money: open, qualified and won, of a split that changes and ends."""
    found: list[dict[str, Any]] = []
    halves = [{"rep_id": "rep-01", "share_bp": 5_000}, {"rep_id": "rep-02", "share_bp": 5_000}]
    thirds = [{"rep_id": rep, "share_bp": share} for rep, share in (("rep-02", 3_333), ("gone", 6_667))]
    own: dict[str, Any] = {"owner_id": "rep-01", "created_at": AT[-1], "amount_minor": 12_345}
    for stage in ("new", "offer", "won"):
        for splits in ((halves,), (halves, thirds), (thirds, None)):
            name = f"shared-{len(found)}"
            found.append(event("deal", name, AT[4], stage_id="new", **own, split=splits[0]))
            found += [event("deal", name, AT[3], split=each) for each in splits[1:]]
            found.append(event("deal", name, AT[2], stage_id=stage))
    return found


def _floor(values: Mapping[str, Mapping[str, Sequence[Any]]] = VALUES) -> World:
    moved = event("membership", "m3", 1000, rep_id="rep-01", team_id="south", valid_from=NOON_MS - 2 * DAY)
    return World(partitions=1).play([*organisation(), *RATES, moved], _events(values))


def test_rules_do_not_change_unseen() -> None:
    """What a fixed set of objects adds up to.

    Where this fails the rules changed: raise `RULES_VERSION`, add the new digest to `DIGESTS` beside the former ones,
    and tell in the changelog that a state of before is refused.
    """
    assert _digest(_floor()) == DIGESTS[RULES_VERSION]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name not in VALUES], ids=lambda kind: kind.name)
def test_rules_of_a_later_kind_do_not_change_unseen(kind: Kind) -> None:
    """The same of a kind that came since: objects drawn from its schema, a digest of its own in the file.

    A new kind changes nothing of the others and needs no new rules version: add its digest to the file.
    """
    met = {name for sums in _floor({kind.name: values_of(kind.name)}).total().values() for name in sums}

    assert LATER.get(kind.name, {}).get(str(RULES_VERSION)) == digest_of(kind)
    assert kind.measures <= met


def digest_of(kind: Kind) -> str:
    """What a fixed set of objects of one kind adds up to."""
    return _digest(_floor({kind.name: values_of(kind.name)}))


def _digest(world: World) -> str:
    """Of what all objects add up to, which is what was sent of them."""
    total = world.total()
    assert total == world.stated()
    text = repr(sorted((str(place), sorted(sums.items())) for place, sums in total.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_a_minute_holds_only_what_rolling_windows_are_about() -> None:
    """What KPIs of whole days alone are about is counted by the day: in no minute's pane, and not on the wire twice."""
    rolling = [kpi for kpi in KPIS if kpi.where in ("period", "always")]
    asked = {CALLERS_WAITING, *(stem for kpi in rolling for stem in (*kpi.numerator, *below(kpi)))}

    for (_, _, day, minute), sums in _floor().total().items():
        assert day is None or minute is None or {stem_of(name) for name in sums} <= asked


def test_the_objects_say_something_of_every_measure() -> None:
    """A rule that no object of the set meets could change unseen."""
    met = {name for sums in _floor().total().values() for name in sums}

    assert {stem for stem in SHARED if not any(_is_of(name, stem) for name in met)} == set()


def _is_of(measure: str, stem: str) -> bool:
    return measure == stem or (stem[-1] in ":~" and measure.startswith(stem))
