"""Reads the live figures out of Redis, for the terminal, the page and scripts. Absent stays absent."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, cast

import msgspec
from redis import Redis

from pipeline.config.settings import SetupError
from pipeline.measures import COMPANY
from pipeline.scores.chosen import Chosen
from pipeline.scores.home import home_of
from pipeline.scores.kpis import KPIS
from pipeline.scores.ranks import RANKED
from pipeline.sinks.past_form import NoLegendError, read_legends, unpack
from pipeline.sinks.redis_heartbeat import HELD_SECONDS
from pipeline.sinks.redis_keys import ABSENT, CURRENT, INDUSTRY, LIMITS, RAMPING, SPECIAL_DAY, Keys, other_layout
from pipeline.topics.table import STAGES
from pipeline.views.asked import Asked
from pipeline.views.freshness import Beat, Place
from schemas.heartbeat import Heartbeat
from schemas.windows import CURRENT as CURRENT_WINDOWS
from schemas.windows import NOW

FAMILIES = tuple(sorted({kpi.family for kpi in KPIS}))
SCOPES_AT_ONCE = 200
WINDOWS_AT_ONCE = 200
CURRENT_KINDS = (*CURRENT_WINDOWS, NOW)
Kpis = dict[str, dict[str, Any]]


BESIDE = {"absent": ABSENT, "ramping": RAMPING, "special_day": SPECIAL_DAY, "limits": LIMITS}
"""What is read beside the figures of a team, with the field that holds it."""


@dataclass(frozen=True, slots=True)
class WindowReading:
    """All KPIs of one current window, by name. `start_ms` is its first instant, where it begins at a midnight."""

    id: str
    state: str
    as_of_ms: int
    kpis: Kpis
    start_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One scope as Redis has it now: its current windows by kind (`5m`, `day`, `90d`, `now`, …).

    Of a team, `absent` and `ramping` are those of its reps who are absent, and in ramp; `special_day` is today's where
    it is one, and `limits` are what rules of alerts hold its KPIs against. `in_ramp` is said of a rep on a board.
    """

    scope: str
    home: str
    currency: str = ""
    windows: Mapping[str, WindowReading] = field(default_factory=dict)
    absent: Sequence[str] = ()
    ramping: Sequence[str] = ()
    in_ramp: bool = False
    special_day: Mapping[str, str | None] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def as_of_ms(self) -> int:
        """The latest instant any of its figures is of; 0 where it has none."""
        return max((window.as_of_ms for window in self.windows.values()), default=0)

    def window_id(self, kind: str) -> str:
        """Which window of a kind is the current one here; '' where there is none yet."""
        window = self.windows.get(kind)
        return "" if window is None else window.id

    def value(self, kind: str, kpi: str) -> Any:
        """A KPI's value in a current window; None where it cannot be computed or there is no data yet."""
        window = self.windows.get(kind)
        return None if window is None else window.kpis.get(kpi, {}).get("value")


class Readings:
    """The figures of one deployment in one Redis. The client decodes its answers."""

    def __init__(self, client: "Redis", namespace: str) -> None:
        self.namespace = namespace
        self._client = client
        self._keys = Keys(namespace)
        self._partitions = 0
        self._achieved: dict[str, dict[str, Any]] = {}
        """What was achieved by its text: thousands of them change seldom, and are looked at every few seconds."""

    def check_layout(self) -> None:
        """SetupError where workers of another release publish here, in a layout that this one would misread."""
        if line := other_layout(cast("str | None", self._client.get(self._keys.layout))):
            raise SetupError(line)

    def homes(self) -> list[str]:
        """All homes that were ever published."""
        return sorted(cast("set[str]", self._client.smembers(self._keys.homes)))

    def scopes(self) -> dict[str, str]:
        """Every scope that has figures, with its home."""
        keys = map(self._keys.parse, self._client.scan_iter(self._keys.pattern("kpi"), count=2000))
        return dict(sorted((key.rest[0], key.home) for key in keys if key is not None))

    def read(self, scopes: Mapping[str, str]) -> dict[str, Reading]:
        """The current figures of scopes given with their homes; one without figures is left out."""
        names = sorted(scopes)
        found: dict[str, Reading] = {}
        for start in range(0, len(names), SCOPES_AT_ONCE):
            part = names[start : start + SCOPES_AT_ONCE]
            keys = {scope: self._keys.kpi(scopes[scope], scope) for scope in part}
            heads = self._all(("HMGET", key, CURRENT, *BESIDE.values()) for key in keys.values())
            windows = {scope: json.loads(text) for scope, (text, *_) in zip(part, heads, strict=True) if text}
            beside = {scope: _told(texts) for scope, (_, *texts) in zip(part, heads, strict=True) if any(texts)}
            fields = {scope: _fields(kinds) for scope, kinds in windows.items()}
            answers = self._all(("HMGET", keys[scope], *names) for scope, names in fields.items())
            for scope, answer in zip(fields, answers, strict=True):
                reading = _reading(scope, scopes[scope], windows[scope], fields[scope], answer)
                found[scope] = replace(reading, **beside[scope]) if scope in beside else reading
        return found

    def history(self, scope: str, question: Asked) -> tuple[Reading, list[str]] | None:
        """The windows of a scope that are asked for, past ones too, by id; and the ids of all that are kept.

        None where there is no such scope. May be called by another thread than the rest.
        """
        home = home_of(scope)
        key, past_key = self._keys.kpi(home, scope), self._keys.past(home, scope)
        names, over, text = self._all((("HKEYS", key), ("HKEYS", past_key), ("HGET", key, CURRENT)))
        if not names:
            return None
        held = {name.rpartition(":")[0] for name in names if ":" in name}
        kept = sorted(held.union(over))
        wanted = question.of(kept)
        if question.window in CURRENT_KINDS:
            current = json.loads(text or "{}")
            wanted = [current[question.window]] if question.window in current else []
        # A window in both is current: it may have been over for a moment, by another zone.
        past = self._past(scope, home, [window for window in wanted if window not in held])
        part = {window: window for window in wanted if window in held}
        fields = _fields(part)
        now = _reading(scope, home, part, fields, self._all((("HMGET", key, *fields),))[0]) if part else past
        windows = {window: found for window in wanted if (found := now.windows.get(window) or past.windows.get(window))}
        return Reading(scope, home, past.currency or now.currency, windows), kept

    def _past(self, scope: str, home: str, windows: Sequence[str]) -> Reading:
        """Windows of a scope that are over, by id."""
        found: dict[str, WindowReading] = {}
        currency = ""
        if not windows:
            return Reading(scope, home)
        texts: list[str | None] = []
        for start in range(0, len(windows), WINDOWS_AT_ONCE):
            part = list(windows[start : start + WINDOWS_AT_ONCE])
            texts += cast("list[str | None]", self._client.hmget(self._keys.past(home, scope), part))
        # After the windows: a legend is written before what is read by it.
        legends = read_legends(cast("dict[str, str]", self._client.hgetall(self._keys.legend)))
        for window, text in zip(windows, texts, strict=True):
            if text is None:
                continue
            with suppress(NoLegendError):  # It is lost, and comes with the next survey.
                kept = unpack(text, scope, legends)
                found[window] = WindowReading(window, kept.state, kept.as_of_ms, kept.kpis, kept.start_ms)
                currency = currency or kept.currency
        return Reading(scope, home, currency, found)

    def board(self, home: str, kind: str) -> dict[str, Reading]:
        """The current figures of the present reps of a team, or of all teams for `company`, by rep.

        Who has left or is elsewhere is not here. Who is in ramp has no ranks, and is said to be. May be called by
        another thread.
        """
        homes = [home] if home != COMPANY else [each for each in self.homes() if each.startswith("team:")]
        keys = [self._keys.rank(each, kpi, kind) for each in homes for kpi in RANKED]
        reps = {rep for ranked in self._all(("ZRANGE", key, 0, -1) for key in keys) for rep in ranked}
        told = self._all(("HGET", self._keys.kpi(each, each), RAMPING) for each in homes)
        ramping = {rep for text in told if text for rep in json.loads(text)} - reps
        team = "" if home == COMPANY else f"@{home.partition(':')[2]}"
        scopes = {f"rep:{rep}{team}": rep for rep in reps | ramping}
        found = self.read({scope: home_of(scope) for scope in scopes})
        return {
            rep: replace(reading, in_ramp=True) if rep in ramping else reading
            for scope, reading in found.items()
            if (rep := scopes[scope]) in reps or kind in reading.windows
        }

    def industry(self, home: str) -> list[dict[str, Any]]:
        """An industry's figures beside a team, or `company`: the team's own first, then all others, the latest first.

        May be called by another thread.
        """
        homes = dict.fromkeys((home, COMPANY))
        held = self._all(("HGET", self._keys.kpi(each, each), INDUSTRY) for each in homes)
        return [each for text in held if text for each in json.loads(text)]

    def chosen(self) -> Chosen:
        """What is published; everything, where no worker has said so yet."""
        text = cast("str | None", self._client.get(self._keys.chosen))
        return msgspec.json.decode(text, type=Chosen) if text else Chosen()

    def alerts(self) -> list[dict[str, Any]]:
        """All open alerts, the latest first (schemas/alerts.py describes them)."""
        homes = self.homes()
        answers = self._all(("HGETALL", self._keys.alerts(home)) for home in homes)
        found = [json.loads(text) for alerts in answers for _, text in _pairs(alerts)]
        return sorted(found, key=lambda alert: (-alert["opened_ms"], alert["id"]))

    def contests(self) -> list[dict[str, Any]]:
        """All contests, by id (schemas/recognition.py describes them)."""
        (held,) = self._all([("HGETALL", self._keys.recognition(COMPANY))])
        return [json.loads(text) for id_, text in _pairs(held) if id_.startswith("contest:")]

    def achievements(self, scope: str | None = None) -> list[dict[str, Any]]:
        """What all reps and teams achieved, or one of them (schemas/recognition.py describes it)."""
        homes = self.homes() if scope is None else [scope]
        answers = self._all(("HGETALL", self._keys.recognition(home)) for home in homes)
        texts = (text for answer in answers for id_, text in _pairs(answer) if not id_.startswith("contest:"))
        found = {text: self._achieved.get(text) or json.loads(text) for text in texts}
        if scope is None:
            self._achieved = found
        return list(found.values())

    def beats(self) -> dict[Place, Beat]:
        """The last heartbeat of every partition that was held within a day."""
        known = [Place(stage, number) for stage in STAGES for number in range(self._partitions)]
        places = known or self._found_places()
        keys = [self._keys.held(*place) for place in places]
        answers = self._all(command for key in keys for command in (("GET", key), ("PTTL", key)))
        pairs = zip(places, answers[::2], answers[1::2], strict=True)
        found = {place: beat for place, text, left_ms in pairs if (beat := _beat(text, left_ms)) is not None}
        self._partitions = max((beat.said.partitions for beat in found.values()), default=0)
        return found

    def _found_places(self) -> list[Place]:
        """Every partition that has a heartbeat, where it is not known yet how many there are."""
        found = map(self._keys.parse, self._client.scan_iter(self._keys.pattern("held"), count=2000))
        return sorted(Place(key.rest[0], int(key.rest[1])) for key in found if key and key.rest[0] in STAGES)

    def alive(self) -> bool:
        """Whether any worker was heard within half a minute."""
        return self._client.get(self._keys.alive) is not None

    def filling(self) -> tuple[frozenset[str], frozenset[str]]:
        """All homes that were published, and those of them whose keys are not whole."""
        homes = self.homes()
        held = self._all(("HGET", self._keys.owner(home), "published") for home in homes)
        return frozenset(homes), frozenset(home for home, text in zip(homes, held, strict=True) if int(text or -1) < 0)

    def changed_scope(self, channel: str, note: str) -> tuple[str, str] | None:
        """The scope and home that a message on a channel of changes is about; None on a channel of nobody's."""
        key = self._keys.parse(channel)
        return None if key is None else (str(json.loads(note)["scope"]), key.home)

    @property
    def changes_pattern(self) -> str:
        """What to subscribe to for the changes of all homes."""
        return self._keys.pattern("changes")

    def _all(self, commands: Iterable[Sequence[Any]]) -> list[Any]:
        """The answers to several commands, in one round trip."""
        with self._client.pipeline(transaction=False) as pipe:
            for command in commands:
                cast("Any", pipe).execute_command(*command)
            return pipe.execute()


def _told(texts: Sequence[str | None]) -> dict[str, Any]:
    """What stands beside the figures of a team, by name."""
    return {name: json.loads(text) for name, text in zip(BESIDE, texts, strict=True) if text}


def _beat(text: str | None, left_ms: int) -> Beat | None:
    """A heartbeat and its age; None where the key is gone by now, or another release wrote it."""
    if text is None or left_ms < 0:
        return None
    try:
        return Beat(msgspec.json.decode(text, type=Heartbeat), HELD_SECONDS * 1000 - left_ms)
    except msgspec.MsgspecError:
        return None


def _fields(kinds: Mapping[str, str]) -> list[str]:
    return [f"{window}:{family}" for window in kinds.values() for family in FAMILIES]


def _reading(
    scope: str, home: str, kinds: Mapping[str, str], fields: Sequence[str], answer: Sequence[str | None]
) -> Reading:
    entries = {name: json.loads(text) for name, text in zip(fields, answer, strict=True) if text}
    windows = {}
    for kind, window in kinds.items():
        parts = [entries[name] for family in FAMILIES if (name := f"{window}:{family}") in entries]
        if parts:
            latest = max(parts, key=lambda part: part["version"])
            kpis = {name: value for part in parts for name, value in part["kpis"].items()}
            windows[kind] = WindowReading(window, latest["state"], latest["as_of"], kpis, latest.get("start"))
    currency = next((entry["currency"] for entry in entries.values()), "")
    return Reading(scope, home, currency, windows)


def _pairs(answer: Any) -> list[tuple[str, str]]:
    """The pairs of a hash, whichever way the protocol delivers them."""
    if isinstance(answer, dict):
        return sorted(answer.items())
    return sorted(zip(answer[::2], answer[1::2], strict=True))
