"""What a batch means for the keys of one home: figures, ranks, funnels, alerts and the note of what changed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from pipeline import clock
from pipeline.scores.figures import Figure
from pipeline.scores.kpis import by_family
from pipeline.sinks.redis_guard import Field, HomeWrites
from pipeline.sinks.redis_keys import CURRENT, FUNNELS, Keys
from pipeline.sinks.redis_sent import FAMILIES, RANKED, Sent
from pipeline.sinks.sink import Alert

STREAM_LENGTH = 10_000
REFRESH_SECONDS = 3600
OUT = "out"
"""Sent instead of a rank's value: the rep is not on the board."""
_json = msgspec.json.Encoder().encode


@dataclass(slots=True)
class HomeBatch:
    """The part of a batch that belongs to one home."""

    figures: list[Figure] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    open_alerts: list[Alert] | None = None
    ranked: frozenset[str] = frozenset()


@dataclass(slots=True)
class HomeMemory:
    """What is known of a home's keys.

    These are the windows that are current, the processes that have a funnel key, what was sent last, and the keys whose
    time to live was set anew since `refreshed`, in elapsed seconds.
    """

    current: dict[str, str] = field(default_factory=dict)
    funnels: list[str] = field(default_factory=list)
    sent: Sent = field(default_factory=Sent)
    fresh: set[str] = field(default_factory=set)
    refreshed: float = float("-inf")

    @classmethod
    def read(cls, current: bytes | None, funnels: bytes | None) -> "HomeMemory":
        """As Redis has it."""
        return cls(
            msgspec.json.decode(current, type=dict[str, str]) if current else {},
            msgspec.json.decode(funnels, type=list[str]) if funnels else [],
        )


def render(writes: HomeWrites, keys: Keys, home: str, batch: HomeBatch, memory: HomeMemory) -> HomeWrites:
    """Add everything that one home's part of a batch changes."""
    _turn_windows(writes, keys, home, batch.figures, memory)
    by_scope: dict[str, list[Figure]] = {}
    for figure in batch.figures:
        by_scope.setdefault(figure.scope, []).append(figure)
    for scope, figures in by_scope.items():
        _write_scope(writes, keys.kpi(home, scope), figures, memory)
    _rank(writes, keys, home, batch, memory)
    _write_funnels(writes, keys, home, batch.figures, memory)
    _write_alerts(writes, keys.alerts(home), batch)
    for scope, figures in by_scope.items():
        _note(writes, keys.changes(home), scope, figures)
    _refresh(writes, memory)
    return writes


def _refresh(writes: HomeWrites, memory: HomeMemory) -> None:
    """Let the keys live on; once an hour is enough."""
    now = clock.elapsed_seconds()
    if now - memory.refreshed > REFRESH_SECONDS:
        memory.fresh.clear()
        memory.refreshed = now
    writes.live(memory.fresh)
    memory.fresh |= writes.keys


def kind_of(figure: Figure) -> str:
    """The kind a reader asks for: `day`, `now`, and for rolling windows their length."""
    return figure.window if figure.kind == "rolling" else figure.kind


def _turn_windows(writes: HomeWrites, keys: Keys, home: str, figures: Iterable[Figure], memory: HomeMemory) -> None:
    """Where another window has become current, the ranks of the former one are over."""
    for figure in figures:
        kind = kind_of(figure)
        before = memory.current.get(kind)
        if figure.current and not figure.gone and before != figure.window:
            memory.current[kind] = figure.window
            if before is not None:
                memory.sent.forget(before)
                for kpi in RANKED:
                    writes.add("DEL", keys.rank(home, kpi, kind))


def _write_scope(writes: HomeWrites, key: str, figures: Sequence[Figure], memory: HomeMemory) -> None:
    pairs: list[tuple[Field, Field]] = []
    for figure in figures:
        if figure.gone:
            # All families it may have had: a HDEL of a field that is not there is harmless.
            writes.add_each("HDEL", key, [f"{figure.window}:{family}" for family in FAMILIES])
            continue
        pairs += _changed_families(figure, memory.sent)
    if pairs:
        pairs.append((CURRENT, _json(memory.current)))
        writes.add_pairs("HSET", key, pairs)


def _changed_families(figure: Figure, sent: Sent) -> Iterator[tuple[Field, Field]]:
    """Field and value of each family that changed; of past windows, of all families."""
    head = _json(
        {
            "as_of": figure.as_of_ms,
            "state": figure.state,
            "version": figure.version,
            "currency": figure.currency,
        }
    )[:-1]
    for family, kpis in by_family(figure.kpis).items():
        rendered = _json(kpis)
        if not figure.current or sent.news(
            figure.window, figure.scope, f"family {family}", figure.currency.encode() + rendered
        ):
            yield f"{figure.window}:{family}", b'%b,"kpis":%b}' % (head, rendered)


def _rank(writes: HomeWrites, keys: Keys, home: str, batch: HomeBatch, memory: HomeMemory) -> None:
    """Place the reps on the boards of the current windows; who no longer belongs there goes."""
    placed: dict[str, list[tuple[Field, Field]]] = {}
    for figure in batch.figures:
        rep = _rep_of(figure.scope, home)
        if not rep or figure.window != memory.current.get(kind_of(figure)):
            continue
        out = figure.gone or rep not in batch.ranked
        for kpi in RANKED:
            value = OUT if out else figure.kpis.get(kpi, {}).get("value")
            if value is None or not memory.sent.news(figure.window, figure.scope, kpi, value):
                continue
            key = keys.rank(home, kpi, kind_of(figure))
            if out:
                writes.add("ZREM", key, rep)
            else:
                placed.setdefault(key, []).append((value, rep))
    for key, pairs in placed.items():
        writes.add_pairs("ZADD", key, pairs)


def _write_funnels(writes: HomeWrites, keys: Keys, home: str, figures: Iterable[Figure], memory: HomeMemory) -> None:
    """Stages with an open deal, of each process; what is no longer open goes."""
    for figure in figures:
        if figure.scope != home or figure.kind != "now" or "stage_open" not in figure.kpis:
            continue
        funnels: dict[str, list[tuple[Field, Field]]] = {process: [] for process in memory.funnels}
        for name, stage in figure.kpis["stage_open"]["stages"].items():
            process, _, stage_id = name.partition(":")
            funnels.setdefault(process, []).append((stage_id, stage["value"]))
        for process, stages in funnels.items():
            key = keys.funnel(home, process)
            writes.add("DEL", key)
            writes.add_pairs("HSET", key, stages)
        memory.funnels = [process for process, stages in funnels.items() if stages]
        writes.add("HSET", keys.kpi(home, home), FUNNELS, _json(memory.funnels))


def _write_alerts(writes: HomeWrites, key: str, batch: HomeBatch) -> None:
    if batch.open_alerts is not None:
        writes.add("DEL", key)
    for alert in (*(batch.open_alerts or ()), *batch.alerts):
        if alert.is_open:
            writes.add("HSET", key, alert.id, _json(alert.record()))
        else:
            writes.add("HDEL", key, alert.id)


def _note(writes: HomeWrites, key: str, scope: str, figures: Sequence[Figure]) -> None:
    """Tell stream and channel which windows of a scope changed."""
    note = _json({"scope": scope, "windows": [figure.window for figure in figures], "version": figures[-1].version})
    writes.add("XADD", key, "MAXLEN", "~", STREAM_LENGTH, "*", "change", note)
    writes.add("PUBLISH", key, note)


def _rep_of(scope: str, home: str) -> str:
    """The rep of `rep:7@north` in the home `team:north`; '' for any other scope."""
    if not scope.startswith("rep:") or scope == home:
        return ""
    return scope[len("rep:") :].partition("@")[0]
