"""What was refused as `full`: found again by counting, record by record, what each object held before it.

That is done for the few objects of which so much was told; nothing else can be full.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from pipeline.audit.database import Database
from pipeline.audit.records import Row

Place = tuple[str, int]
"""(log, position)."""

_LINKS = """
    SELECT log, pos, subject, kind, origin, payload FROM link
    SEMI JOIN (
        SELECT subject FROM link GROUP BY subject
        HAVING count(DISTINCT (kind, origin)) > (SELECT most_links FROM policy)
    ) USING (subject)
    ORDER BY subject, pos
"""
_EDITS = """
    SELECT key, log, pos, bool_or(by_time), max(value) FILTER (field = 'stage_id'),
        max(value) FILTER (field = 'process_id'), time_ms, sequence, ingested, source, id_digest, digest
    FROM change SEMI JOIN (
        SELECT key FROM change WHERE by_time AND NOT astray GROUP BY key
        HAVING count(DISTINCT version) > (SELECT most_entries FROM policy)
    ) USING (key)
    WHERE NOT astray
    GROUP BY key, log, pos, time_ms, sequence, ingested, source, id_digest, digest
    ORDER BY key, pos
"""
_PROCESSES = "SELECT log, pos, subject, payload FROM copy WHERE subject LIKE 'process:%' ORDER BY log, pos"


def leave_out_full(database: Database) -> None:
    """Called once the events were judged: take what was refused as `full` out of `change` and of `link`.

    The links among it stay known, as `full_link`.
    """
    ((most_links, most_entries),) = database.rows("SELECT most_links, most_entries FROM policy")
    database.fill("full_link", _full_links(database.rows(_LINKS), most_links))
    database.execute("DELETE FROM link l USING full_link f WHERE l.log = f.log AND l.pos = f.pos")
    edits = database.rows(_EDITS)
    if edits:
        processes = _Processes(database.rows(_PROCESSES))
        database.fill("full_edit", _full_edits(edits, processes, most_entries))
        database.execute(
            "DELETE FROM change c USING full_edit f WHERE c.log = f.log AND c.pos = f.pos AND NOT c.astray"
        )


def _full_links(rows: Iterable[tuple[Any, ...]], most: int) -> Iterator[Row]:
    for subject, told in groupby(rows, key=itemgetter(2)):
        held: set[tuple[str, str]] = set()
        for log, pos, _, kind, origin, payload in told:
            if payload == "null":
                held.discard((kind, origin))
            elif (kind, origin) in held or len(held) < most:
                held.add((kind, origin))
            else:
                yield {"log": log, "pos": pos, "subject": subject, "kind": kind, "origin": origin}


class _Processes:
    """Which stages close a deal, by process, at any position of a log."""

    def __init__(self, copies: Iterable[tuple[Any, ...]]) -> None:
        self._editions: dict[tuple[str, str], list[tuple[int, list[tuple[int, Mapping[str, str]]]]]] = {}
        for log, pos, subject, payload in copies:
            editions = (json.loads(payload) or {}).get("editions") or []
            kinds = [(from_ms, _kinds(stages)) for from_ms, stages in editions]
            self._editions.setdefault((log, subject.partition(":")[2]), []).append((pos, kinds))

    def closes(self, place: Place, process: str, stage: str | None, time_ms: int) -> bool:
        """Whether the process, as it is known there, ends with the stage when that is told at an instant."""
        known = [editions for pos, editions in self._editions.get((place[0], process), ()) if pos < place[1]]
        having = [(from_ms, kind) for from_ms, kinds in (known or [[]])[-1] if (kind := kinds.get(stage or ""))]
        before = [kind for from_ms, kind in having if from_ms <= time_ms]
        return bool(having) and (before[-1] if before else having[0][1]) in ("won", "lost")


def _kinds(stages: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """The kind of each stage by its id, and by its former ones where no other stage has them."""
    own = {stage["id"]: stage.get("kind") or "open" for stage in stages}
    former = {name: own[stage["id"]] for stage in stages for name in stage.get("former_ids") or ()}
    return {**former, **own}


def _full_edits(rows: Iterable[tuple[Any, ...]], processes: _Processes, most: int) -> Iterator[Row]:
    for _, edits in groupby(rows, key=itemgetter(0)):
        held: set[tuple[Any, ...]] = set()
        processes_told: list[tuple[tuple[Any, ...], str | None]] = []
        for _, log, pos, by_time, stage, given, *version in edits:
            place, told = (log, pos), tuple(version)
            name = json.loads(given) if given is not None else _process_at(processes_told, told)
            if by_time and told not in held and len(held) >= most:
                closes = processes.closes(place, name or "default", json.loads(stage or "null"), told[0])
                if not closes or len(held) >= 2 * most:
                    yield {"log": log, "pos": pos}
                    continue
            if by_time:
                held.add(told)
            if given is not None:
                processes_told.append((told, name))


def _process_at(told: list[tuple[tuple[Any, ...], str | None]], version: tuple[Any, ...]) -> str | None:
    """The process told last before a version, else the first one told after."""
    before = [entry for entry in told if entry[0] < version]
    return max(before)[1] if before else min(told)[1] if told else None
