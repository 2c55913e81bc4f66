"""What a batch means for the keys of one home: figures, ranks, funnels, alerts and the note of what changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

import msgspec

from pipeline import clock
from pipeline.scores.beside import NOTHING, Beside
from pipeline.scores.chosen import WINDOWS
from pipeline.scores.definition import DEFINITION
from pipeline.scores.figures import Figure, quoted
from pipeline.scores.ranks import RANKED
from pipeline.scores.windows import CALENDAR, NOW
from pipeline.sinks.past_form import pack
from pipeline.sinks.redis_guard import Field, HomeWrites
from pipeline.sinks.redis_keys import (
    ABSENT,
    CURRENT,
    FUNNELS,
    INDUSTRY,
    LIMITS,
    RAMPING,
    SPECIAL_DAY,
    STREAM_LENGTH,
    Keys,
)
from pipeline.sinks.redis_ranks import Ranked
from pipeline.sinks.sink import Alert, Recognition

REFRESH_SECONDS = 3600
_encode = msgspec.json.Encoder().encode

BESIDE = (ABSENT, RAMPING, INDUSTRY, SPECIAL_DAY, LIMITS)
"""The fields that stand beside the own figures of a home, as texts: who is absent, who is in ramp, an industry's
figures, today, limits."""


@dataclass(slots=True)
class HomeBatch:
    """The part of a batch that belongs to one home; what is None it says nothing of."""

    figures: list[Figure] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    open_alerts: list[Alert] | None = None
    recognition: list[Recognition] = field(default_factory=list)
    all_recognition: list[Recognition] | None = None
    current: Mapping[str, str] | None = None
    beside: Beside | None = None


@dataclass(slots=True)
class HomeMemory:
    """What is known of a home's keys.

    These are the windows that are current, the processes that have a funnel key, what reps are ranked by, the texts
    `beside` its own figures by field, whether it has figures of its own, and the keys whose time to live was set anew
    since `refreshed`, in elapsed seconds. A home is `anew` while it is filled and may still hold what was told in
    another form: `begun` are the scopes that do no longer, `shown` the windows that were written as current since.
    `in_form` tells that it is said to be published in this one.
    """

    current: dict[str, str] = field(default_factory=dict)
    funnels: list[str] = field(default_factory=list)
    ranked: Ranked = field(default_factory=Ranked)
    beside: dict[str, str] = field(default_factory=dict)
    has_own: bool = False
    fresh: set[str] = field(default_factory=set)
    refreshed: float = float("-inf")
    anew: bool = False
    in_form: bool = False
    begun: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)

    @classmethod
    def read(
        cls, current: bytes | None, funnels: bytes | None, *beside: bytes | None, in_form: bool
    ) -> "HomeMemory":  # fmt: skip
        """As Redis has it; of the fields `BESIDE` in their order."""
        return cls(
            msgspec.json.decode(current, type=dict[str, str]) if current else {},
            msgspec.json.decode(funnels, type=list[str]) if funnels else [],
            beside={field: text.decode() for field, text in zip(BESIDE, beside, strict=True) if text},
            has_own=bool(current),
            anew=not in_form,
            in_form=in_form,
        )


def render(writes: HomeWrites, keys: Keys, home: str, batch: HomeBatch, memory: HomeMemory) -> HomeWrites:
    """Add everything that one home's part of a batch changes."""
    by_scope: dict[str, list[Figure]] = {}
    for figure in batch.figures:
        if figure.fresh or figure.gone:
            by_scope.setdefault(figure.scope, []).append(figure)
    if memory.anew and home not in memory.begun:
        _begin(writes, keys, home, memory)
    _turn(writes, keys, home, batch.current, memory)
    current = _json(memory.current)
    for scope, figures in by_scope.items():
        if memory.anew and scope not in memory.begun:
            _begin_scope(writes, keys, home, scope, memory)
        shown = [each for each in figures if not is_over(each)]
        _write_current(writes, keys.kpi(home, scope), shown, current)
        if memory.anew:  # Windows may have turned within the batch: not all of these are current by what it says.
            memory.shown.update(each.window for each in shown)
        _write_past(writes, keys, home, scope, figures, current, memory)
    if batch.beside is not None:
        _rank(writes, keys, home, batch.beside.ranked, by_scope, memory)
    _write_funnels(writes, keys, home, by_scope.get(home, ()), memory)
    _write_beside(writes, keys, home, batch, memory)
    _write_alerts(writes, keys.alerts(home), batch)
    _write_recognition(writes, keys.recognition(home), batch)
    for scope, figures in by_scope.items():
        _note(writes, keys.changes(home), scope, figures)
    _refresh(writes, memory)
    return writes


def _refresh(writes: HomeWrites, memory: HomeMemory) -> None:
    """Let the keys live on; once an hour is enough, but for a key that may have begun anew."""
    now = clock.elapsed_seconds()
    if now - memory.refreshed > REFRESH_SECONDS:
        memory.fresh.clear()
        memory.refreshed = now
    writes.live(memory.fresh)
    memory.fresh |= writes.keys
    memory.fresh -= writes.shrunk


def kind_of(figure: Figure) -> str:
    """The kind a reader asks for: `day`, `now`, and for rolling windows their length."""
    return figure.window if figure.kind == "rolling" else figure.kind


def is_over(figure: Figure) -> bool:
    """Whether a figure is of a window that is over: these lie apart."""
    return not figure.current and not figure.gone


def _begin(writes: HomeWrites, keys: Keys, home: str, memory: HomeMemory) -> None:
    """What stands beside the figures of a home is published anew."""
    for kpi, kind in product(_ranked_by(home), WINDOWS):
        writes.add("DEL", keys.rank(home, kpi, kind))
    for process in memory.funnels:
        writes.add("DEL", keys.funnel(home, process))
    memory.funnels, memory.beside = [], {}
    _begin_scope(writes, keys, home, home, memory)


def _ranked_by(home: str) -> tuple[str, ...]:
    """The KPIs by which a home ranks: a team its reps, a larger scope nobody."""
    return RANKED if home.startswith("team:") else ()


def _begin_scope(writes: HomeWrites, keys: Keys, home: str, scope: str, memory: HomeMemory) -> None:
    """Another form may have had other windows or families of a scope: all of it is published anew."""
    writes.add("DEL", keys.kpi(home, scope))
    writes.add("DEL", keys.past(home, scope))
    memory.begun.add(scope)


def _turn(
    writes: HomeWrites, keys: Keys, home: str, current: Mapping[str, str] | None, memory: HomeMemory
) -> None:  # fmt: skip
    """Ranks of what is no longer current are over; where it is not known what they are of, they go too."""
    if current is None or current == memory.current:
        return
    for kind in {**memory.current, **current}:
        if memory.current.get(kind) != current.get(kind):
            memory.ranked.forget(kind)
            for kpi in _ranked_by(home):
                writes.add("DEL", keys.rank(home, kpi, kind))
    memory.current = dict(current)


def _write_current(writes: HomeWrites, key: str, figures: Sequence[Figure], current: str) -> None:
    pairs: list[Field] = []
    for figure in figures:
        if figure.gone:
            writes.add_each("HDEL", key, _fields(figure.window))
            if figure.kind == NOW:
                writes.add("HDEL", key, CURRENT)  # A scope has this window as long as it has any that is current.
            continue
        generation, offset = figure.version
        version = f'"version":[{generation},{offset}],"currency":{quoted(figure.currency)}'
        version += f',"definition":{quoted(figure.definition)}'
        head = f'{{"as_of":{figure.as_of_ms},{_start(figure)}"state":"{figure.state}",{_fixed(figure)}{version}'
        for family in figure.fresh:
            pairs += (f"{figure.window}:{family}", f'{head},"kpis":{{{figure.families[family]}}}}}')
    if pairs:
        pairs += (CURRENT, current)
        writes.add_each("HSET", key, pairs)


def _write_past(
    writes: HomeWrites, keys: Keys, home: str, scope: str, figures: Sequence[Figure], current: str, memory: HomeMemory
) -> None:  # fmt: skip
    """Windows that are over lie in a hash of their own, one field each; they leave the one of the current windows."""
    pairs: list[Field] = []
    gone: list[Field] = []
    left: list[Field] = []
    for figure in figures:
        if figure.gone and figure.kind in CALENDAR:
            gone.append(figure.window)
        elif is_over(figure):
            pairs += (figure.window, pack(figure))
            if not memory.anew or figure.window in memory.shown:
                left += _fields(figure.window)
    writes.add_each("HDEL", keys.past(home, scope), gone)
    writes.add_each("HSET", keys.past(home, scope), pairs)
    if left:
        writes.add_each("HDEL", keys.kpi(home, scope), left)
        writes.add("HSET", keys.kpi(home, scope), CURRENT, current)


@lru_cache(maxsize=256)
def _fields(window: str) -> list[Field]:
    """All that a current window may have: to delete a field that is not there is harmless."""
    return [f"{window}:{family}" for family in DEFINITION.table.families]


def _rank(
    writes: HomeWrites, keys: Keys, home: str, reps: frozenset[str], by_scope: Mapping[str, Sequence[Figure]],
    memory: HomeMemory,
) -> None:  # fmt: skip
    """Place the reps on the boards of the current windows; who belongs there no more goes, and who does comes back."""
    concerned = dict.fromkeys(memory.ranked.regroup(reps))
    for scope, figures in by_scope.items():
        if not (rep := _rep_of(scope, home)):
            continue
        for figure in figures:
            kind = kind_of(figure)
            if figure.window == memory.current.get(kind) and (figure.gone or figure.ranks is not None):
                memory.ranked.note(kind, rep, figure.ranks)
                concerned[kind, rep] = None
    _place(writes, keys, home, concerned, memory.ranked)


def _place(writes: HomeWrites, keys: Keys, home: str, concerned: Iterable[tuple[str, str]], ranked: Ranked) -> None:
    placed: dict[str, list[Field]] = {}
    for kind, rep in concerned:
        if ranked.belongs(kind, rep):
            for kpi, value in ranked.news(kind, rep):
                placed.setdefault(keys.rank(home, kpi, kind), []).extend((value, rep))
        elif ranked.goes(kind, rep):
            for kpi in RANKED:
                writes.add("ZREM", keys.rank(home, kpi, kind), rep)
    for key, pairs in placed.items():
        writes.add_each("ZADD", key, pairs)


def _write_funnels(writes: HomeWrites, keys: Keys, home: str, figures: Iterable[Figure], memory: HomeMemory) -> None:
    """Stages with an open deal, of each process; what is no longer open goes, and all of a home that is gone."""
    for figure in figures:
        if figure.kind != NOW or not (figure.gone or "funnel" in figure.fresh):
            continue
        funnels: dict[str, list[Field]] = {process: [] for process in memory.funnels}
        for name, stage in {} if figure.gone else figure.kpis["stage_open"]["stages"].items():
            process, _, stage_id = name.partition(":")
            funnels.setdefault(process, []).extend((stage_id, stage["value"]))
        for process, stages in funnels.items():
            key = keys.funnel(home, process)
            writes.add("DEL", key)
            writes.add_each("HSET", key, stages)
        memory.funnels = sorted(process for process, stages in funnels.items() if stages)
        key = keys.kpi(home, home)
        if figure.gone:
            writes.add("HDEL", key, FUNNELS)
        else:
            writes.add("HSET", key, FUNNELS, _json(memory.funnels))


def _write_beside(writes: HomeWrites, keys: Keys, home: str, batch: HomeBatch, memory: HomeMemory) -> None:
    """What stands beside a home's own figures: with the first of them it comes, and with the last it goes."""
    own = [figure for figure in batch.figures if figure.scope == home and not is_over(figure)]
    gone = any(figure.gone and figure.kind == NOW for figure in own)
    memory.has_own = not gone and (memory.has_own or any(not figure.gone for figure in own))
    if batch.beside is None and memory.has_own:
        return
    told = batch.beside if batch.beside is not None and memory.has_own else NOTHING
    texts = (_listed(told.absent), _listed(told.ramping), told.industry, told.special_day, told.limits)
    for field_, text in zip(BESIDE, texts, strict=True):
        if gone or text != memory.beside.get(field_, ""):
            _set(writes, keys.kpi(home, home), field_, text)
            memory.beside[field_] = text


def _listed(reps: frozenset[str]) -> str:
    """As JSON; empty where there is nobody."""
    return _json(sorted(reps)) if reps else ""


def _set(writes: HomeWrites, key: str, field: str, text: str) -> None:
    """Have a text in a field, or, where it is empty, no field."""
    if text:
        writes.add("HSET", key, field, text)
    else:
        writes.add("HDEL", key, field)


def _write_alerts(writes: HomeWrites, key: str, batch: HomeBatch) -> None:
    if batch.open_alerts is not None:
        writes.add("DEL", key)
    for alert in (*(batch.open_alerts or ()), *batch.alerts):
        if alert.is_open:
            writes.add("HSET", key, alert.id, _json(alert.record()))
        else:
            writes.add("HDEL", key, alert.id)


def _write_recognition(writes: HomeWrites, key: str, batch: HomeBatch) -> None:
    """What was taken back stands no more."""
    if batch.all_recognition is not None:
        writes.add("DEL", key)
    for each in (*(batch.all_recognition or ()), *batch.recognition):
        if each.stands:
            writes.add("HSET", key, each.id, _json(each.record()))
        else:
            writes.add("HDEL", key, each.id)


def _note(writes: HomeWrites, key: str, scope: str, figures: Sequence[Figure]) -> None:
    """Tell stream and channel which windows of a scope changed, or went; with the latest of their versions."""
    version = max(figure.version for figure in figures)
    note = _json({"scope": scope, "windows": [figure.window for figure in figures], "version": version})
    writes.add("XADD", key, "MAXLEN", "~", STREAM_LENGTH, "*", "change", note)
    writes.add("PUBLISH", key, note)


def _fixed(figure: Figure) -> str:
    return '"activities_fixed":true,' if figure.activities_fixed else ""


def _start(figure: Figure) -> str:
    """Where the window begins, for one that begins at somebody's midnight; a rolling one moves on unwritten."""
    return "" if figure.kind in ("rolling", NOW) else f'"start":{figure.start_ms},'


def _json(value: Any) -> str:
    return _encode(value).decode()


def _rep_of(scope: str, home: str) -> str:
    """The rep of `rep:7@north` in the home `team:north`; '' for any other scope."""
    if not scope.startswith("rep:") or scope == home:
        return ""
    return scope[len("rep:") :].partition("@")[0]
