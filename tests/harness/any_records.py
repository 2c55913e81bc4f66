"""Records made from the schemas: valid and nearly valid ones, in long series on few keys.

The same seed makes the same records. What a field takes comes from its JSON schema, so a new kind or field is in it
without being put there.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, NamedTuple

from schemas.control import ANSWER, FORWARDED, KIND_HEADER, LINK, ORG, TICK
from schemas.events import CHANGES, MERGEABLE, iso
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS

TOPICS = {"crm": "crm.events", "telephony": "telephony.events", "org": "org.changes"}
KINDS = [(domain, kind) for domain, kinds in CHANGES.items() for kind in kinds]
WEIGHTS = {
    "deal": 120, "call": 80, "email": 80, "activity": 60, "lead": 60, "meeting": 40, "agent": 40, "account": 20,
    "cost": 5, "membership": 2, "rate": 2,
}  # fmt: skip
"""The others have one: what the organisation says costs all objects something."""
NAMES: Mapping[str, Sequence[str]] = {
    "company": ("company",), "process": ("default", "long"), "team": ("north", "south", "floor"),
    "rep": ("rep-01", "rep-02", "rep-03"), "deal": ("1", "2", "3"), "lead": ("1", "2", "unknown"),
    "account": ("1", "walk-in"),
}  # fmt: skip
"""Few of what everybody names; of all else there are as many as `FRESH`."""
FRESH = 5_000
PLACES = {"owner_id": "rep", "parent_id": "team", "into": "lead"}
STAGES = ("new", "qualified", "offer", "won", "lost", "s" * 64)
BY_NAME: Mapping[str, Sequence[Any]] = {
    "stage_id": STAGES, "process_id": ("default", "long", "gone"), "currency": ("EUR", "USD", "JPY", "XXX"),
    "time_zone": ("Europe/Berlin", "America/Havana", "Pacific/Apia", "UTC"), "holidays": ("DE", "US-CA"),
    "rate": ("0.9", "1", "10000000000", "0.000000000001"), "nobody": ([], ["unknown"], ["1"]),
    "calendar": ({}, {"monday": [["09:00", "17:00"]], "friday": [["22:00", "06:00"]]}),
    "open_from": ("09:00", "13:30"), "open_until": ("12:00", "02:00", "24:00"),
    "kind": ("open", "won", "lost", "call", "visit", "note"),
}  # fmt: skip
LISTS = {"stages": 8, "legs": 6}
"""How many parts a list has at most, in most cases."""
ODD: Sequence[Any] = (
    None, "", " ", "x" * 65, "ü", "\u202e", -1, 0, 1.5, 2**53 + 1, 2**63, -(2**70), True, [], {}, [[]], "1E99999999",
    "2026-02-30", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-28T24:00:00+99:99", {"id": {"id": {}}},
)  # fmt: skip
CONTROL = (TICK, LINK, ORG, FORWARDED, ANSWER, b"orgs", b"sung")


class Given(NamedTuple):
    """One record for a source log; with `astray` it comes to another partition than its key's."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    append_ms: int
    astray: bool


class AnyRecords:
    """Makes records, one after the other; time goes on with them, now and then by hours or days.

    Without `policies` nothing lowers the caps: series grow as long as they are.
    """

    def __init__(self, seed: int, *, odd: float = 0.15, policies: bool = True) -> None:
        self._random = Random(seed)
        self._odd = odd
        self._number = 0
        self.now_ms = NOON_MS
        kinds = [(place, WEIGHTS.get(place[1], 1)) for place in KINDS if policies or place[1] != "policy"]
        self._kinds, self._weights = [place for place, _ in kinds], [weight for _, weight in kinds]

    def some(self, count: int) -> Iterator[Given]:
        """So many more."""
        for _ in range(count):
            yield self._one()

    def _one(self) -> Given:
        random = self._random
        self._number += 1
        self.now_ms += random.choices((0, random.randrange(20_000), HOUR, DAY), (50, 50, 0.2, 0.02))[0]
        domain, kind = random.choices(self._kinds, self._weights)[0]
        event = self._event(domain, kind)
        odd = random.random() < self._odd
        value = self._spoilt(event) if odd else json.dumps(event).encode()
        key = str(event.get("subject")).encode() if not odd or random.random() < 0.9 else random.choice((None, b"x"))
        headers = self._headers() if odd and random.random() < 0.2 else ()
        return Given(TOPICS[domain], key, value, headers, self._append_ms(), random.random() < 0.02)

    def _append_ms(self) -> int:
        """Mostly now, at times what another clock says."""
        return self.now_ms + self._random.choices((0, -30_000, 20_000), (96, 2, 2))[0]

    def _headers(self) -> tuple[tuple[str, bytes], ...]:
        random = self._random
        odd = (("dlq.attempt", b"99999999999"), ("dlq.topic", b"\xff"), ("x", b""))
        return random.choice((((KIND_HEADER, random.choice(CONTROL)),), odd, odd[:1]))

    # Events.

    def _event(self, domain: str, kind: str) -> dict[str, Any]:
        random = self._random
        verbs = ("changed", "deleted", "restored", *(("merged",) if kind in MERGEABLE else ()))
        verb = random.choices(verbs, (90, 4, 5, 1)[: len(verbs)])[0]
        time_ms = self.now_ms - random.choices((0, random.randrange(HOUR), random.randrange(40 * DAY)), (60, 30, 10))[0]
        event: dict[str, Any] = {
            "specversion": "1.0", "id": self._id(), "source": random.choice(("crm-1", "dialer", "import")),
            "type": f"{domain}.{kind}.{verb}", "subject": f"{kind}:{self._name(kind)}", "time": iso(time_ms),
            "sequence": random.choices((0, 1, 2**53), (90, 8, 2))[0], "data": {},
        }  # fmt: skip
        if random.random() < 0.05:
            event["ingested"] = iso(time_ms)
        if random.random() < 0.03:
            event["corrects"] = f"e-{random.randrange(self._number)}"
        if verb == "merged":
            event["data"] = {"into": self._name(kind)}
        elif verb == "changed":
            event["data"] = self._data(_schema(domain, kind))
        return event

    def _id(self) -> str:
        """Mostly a new one; one in fifty is of an earlier event."""
        return f"e-{self._random.randrange(self._number) if self._random.random() < 0.02 else self._number}"

    def _name(self, kind: str) -> str:
        names = NAMES.get(kind)
        if names is None:
            few = FRESH if kind in ("call", "email", "activity", "meeting") else 40
            return str(self._random.randrange(few))
        return self._random.choice(names)

    def _data(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        share = self._random.choice((0.3, 0.7, 1.0))
        return {
            name: self._value(name, field, schema.get("$defs", {}))
            for name, field in schema["properties"].items()
            if self._random.random() < share
        }

    def _value(self, name: str, field: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
        random = self._random
        options = field.get("anyOf", [field])
        if len(options) > 1 and random.random() < 0.05:
            return None
        kind = options[0]
        if "$ref" in kind:
            kind = defs[kind["$ref"].rpartition("/")[2]]
        if "enum" in kind:
            return random.choice(kind["enum"])
        if name in BY_NAME:
            return random.choice(BY_NAME[name])
        return self._plain(name, kind, defs)

    def _plain(self, name: str, kind: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
        made: Mapping[str, Callable[[], Any]] = {
            "boolean": lambda: self._random.random() < 0.5,
            "integer": lambda: self._number_of(kind),
            "number": lambda: self._number_of(kind),
            "array": lambda: self._list(name, kind, defs),
            "object": lambda: self._data({"properties": kind.get("properties", {}), "$defs": defs}),
            "string": lambda: self._text(name, kind),
        }
        return made[kind["type"]]()

    def _number_of(self, kind: Mapping[str, Any]) -> int:
        low, high = int(kind.get("minimum", 0)), int(kind.get("maximum", 1000))
        return self._random.choice((low, high, self._random.randint(low, high), self._random.randint(low, low + 9)))

    def _list(self, name: str, kind: Mapping[str, Any], defs: Mapping[str, Any]) -> list[Any]:
        if name == "split":
            return self._split()
        most = kind.get("maxItems", 20) if self._random.random() < 0.05 else LISTS.get(name, 3)
        parts = [self._value("", kind["items"], defs) for _ in range(self._random.randint(1, max(most, 1)))]
        for part, stage in zip(parts, (*STAGES, *(f"stage-{n}" for n in range(50))), strict=False):
            if name == "stages":
                part.update(id=stage, kind={"won": "won", "lost": "lost"}.get(stage, "open"))
        return parts

    def _split(self) -> list[dict[str, Any]]:
        """Shares of two reps, mostly ones that come to the whole."""
        first = self._random.randrange(1, 10_000)
        shares = (first, 10_000 - first) if self._random.random() < 0.95 else (first, first)
        reps = self._random.sample(NAMES["rep"], k=2)
        return [{"rep_id": rep, "share_bp": share} for rep, share in zip(reps, shares, strict=True)]

    def _text(self, name: str, kind: Mapping[str, Any]) -> str:
        random = self._random
        at_ms = self.now_ms - random.choice((0, random.randrange(HOUR), random.randrange(60 * DAY), 800 * DAY))
        if kind.get("format") == "date-time":
            return iso(at_ms + random.choice((0, 0, 0, MINUTE, DAY if name in ("valid_to", "starts_at") else 0)))
        if kind.get("format") == "date":
            return iso(at_ms)[:10]
        place = PLACES.get(name) or name.removesuffix("_id")
        return self._name(place) if name.endswith("_id") or place in NAMES else random.choice(("web", "x" * 64, "1"))

    # What is nearly one.

    def _spoilt(self, event: dict[str, Any]) -> bytes | None:
        """Another event, or none any more: one thing in it is wrong."""
        random = self._random
        return random.choice((self._odd_field, self._odd_data, self._without, self._cut, self._flipped, self._raw))(
            event
        )

    def _odd_field(self, event: dict[str, Any]) -> bytes:
        return json.dumps({**event, self._random.choice(sorted(event)): self._random.choice(ODD)}).encode()

    def _odd_data(self, event: dict[str, Any]) -> bytes:
        data = event["data"]
        name = self._random.choice(sorted(data)) if data else "id"
        return json.dumps({**event, "data": {**data, name: self._random.choice(ODD)}}).encode()

    def _without(self, event: dict[str, Any]) -> bytes:
        gone = self._random.choice(sorted(event))
        return json.dumps({name: value for name, value in event.items() if name != gone}).encode()

    def _cut(self, event: dict[str, Any]) -> bytes:
        value = json.dumps(event).encode()
        return value[: self._random.randrange(len(value))]

    def _flipped(self, event: dict[str, Any]) -> bytes:
        value = bytearray(json.dumps(event).encode())
        value[self._random.randrange(len(value))] ^= 1 << self._random.randrange(8)
        return bytes(value)

    def _raw(self, event: dict[str, Any]) -> bytes | None:
        long = json.dumps({**event, "more": "x" * 70_000}).encode()
        deep = b'{"a":' * 2000
        return self._random.choice((None, b"", b"null", b"[]", b"1e400", b"\x00\xff", deep, long))


@cache
def _schema(domain: str, kind: str) -> Mapping[str, Any]:
    return CHANGES[domain][kind].model_json_schema()
