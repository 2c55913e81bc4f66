"""What was refused as `full`: found again by counting, record by record, what each object held before it.

That is done for the few objects of which so much was told; nothing else can be full.
"""

import json
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from pipeline.audit.database import Database
from pipeline.audit.records import Row

Place = tuple[str, int]
"""(log, position)."""

DEFAULT = 10_000
"""What every cap is where no policy says one."""
_FEWEST = """
    SELECT least(
        $1, min((payload::JSON ->> 'most_links')::BIGINT), min((payload::JSON ->> 'most_changes')::BIGINT)
    )
    FROM copy WHERE subject LIKE 'policy:%'
"""
_LINKS = """
    SELECT log, pos, subject, kind, origin, payload, append_ms FROM link
    SEMI JOIN (
        SELECT subject FROM link GROUP BY subject HAVING count(DISTINCT (kind, origin)) > $1
    ) USING (subject)
    ORDER BY subject, pos
"""
_EDITS = """
    SELECT key, log, pos, bool_or(by_time), max(value) FILTER (field = 'stage_id'),
        max(value) FILTER (field = 'process_id'), any_value(before_ms), time_ms, sequence, ingested, source, id_digest,
        digest
    FROM change SEMI JOIN (
        SELECT key FROM change WHERE by_time AND NOT astray GROUP BY key HAVING count(DISTINCT version) > $1
    ) USING (key) LEFT JOIN settled_at USING (log, pos)
    WHERE NOT astray
    GROUP BY key, log, pos, time_ms, sequence, ingested, source, id_digest, digest
    ORDER BY key, pos
"""
_DATED = """
    SELECT key, log, pos, field, value, time_ms,
        any_value(value) FILTER (field IN ('time_zone_from', 'week_start_from', 'role_from', 'valid_from')) OVER told
    FROM change SEMI JOIN (
        SELECT key FROM change
        WHERE kind IN ('team', 'company', 'rep', 'process') AND NOT astray
            AND field IN ('time_zone', 'week_start', 'role', 'stages')
        GROUP BY key HAVING sum(1 + length(value) - length(replace(value, '"', ''))) > $1
    ) USING (key)
    WHERE NOT astray
    WINDOW told AS (PARTITION BY key, log, pos)
    ORDER BY key, pos
"""
_COPIES = "SELECT log, pos, subject, payload FROM copy WHERE starts_with(subject, ?) ORDER BY log, pos"


def leave_out_full(database: Database) -> None:
    """Called once the events were judged: take what was refused as `full` out of `change` and of `link`.

    The links among it stay known, as `full_link`.
    """
    ((most_dated,),) = database.rows("SELECT most_dated FROM policy")
    # First, as what else is full follows from processes too.
    _leave_out(database, _full_records(database.rows(_DATED, [most_dated]), most_dated))
    ((fewest,),) = database.rows(_FEWEST, [DEFAULT])
    links, edits = database.rows(_LINKS, [fewest]), database.rows(_EDITS, [fewest])
    caps = _Caps(database.rows(_COPIES, ["policy:"]), fewest)
    database.fill("full_link", _full_links(links, caps))
    database.execute("DELETE FROM link l USING full_link f WHERE l.log = f.log AND l.pos = f.pos")
    if edits:
        processes = _Processes(database.rows(_COPIES, ["process:"]))
        _leave_out(database, _full_edits(edits, processes, caps))


def _leave_out(database: Database, full: Iterable[Row]) -> None:
    database.fill("full_edit", full)
    database.execute("DELETE FROM change c USING full_edit f WHERE c.log = f.log AND c.pos = f.pos AND NOT c.astray")


def _full_records(rows: Iterable[tuple[Any, ...]], most: int) -> Iterator[Row]:
    """What told of one more day, instant, stage or former name of a stage than a record has room for."""
    for key, of_key in groupby(rows, key=itemgetter(0)):
        dated = {"team": "time_zone", "company": "week_start", "rep": "role"}.get(key.partition(":")[0])
        held: dict[tuple[str, str], int] = {}
        for (log, pos), fields in groupby(of_key, key=itemgetter(1, 2)):
            told: dict[tuple[str, str], int] = {}
            for *_, field, value, time_ms, since in fields:
                if field == dated:
                    told[field, since or "null"] = 1
                elif field == "stages":
                    told["from", since if since not in (None, "null") else str(time_ms)] = 1
                    if value != "null":
                        told["stages", value] = sum(1 + len(each.get("former_ids") or ()) for each in json.loads(value))
            adds = sum(weight for place, weight in told.items() if place not in held)
            if adds and adds + sum(held.values()) > most:
                yield {"log": log, "pos": pos}
            else:
                held |= told


class _Caps:
    """How much one object took, at any position of a log and of any time."""

    def __init__(self, copies: Iterable[tuple[Any, ...]], fewest: int) -> None:
        self.fewest = fewest
        self._policies: dict[str, list[tuple[int, str, Mapping[str, Any]]]] = {}
        last: dict[tuple[str, str], str] = {}
        for log, pos, subject, payload in copies:
            if last.get((log, subject)) != payload:
                self._policies.setdefault(log, []).append((pos, subject, json.loads(payload) or {}))
                last[log, subject] = payload

    def at(self, place: Place, at_ms: int, cap: str) -> int:
        """The cap that what was known there gives what happened at a time: that of the policy that began last."""
        log, position = place
        last = {subject: policy for pos, subject, policy in self._policies.get(log, ()) if pos < position}
        begun = [
            (policy.get("valid_from", -1), subject, policy[cap])
            for subject, policy in last.items()
            if policy.get(cap) is not None and policy.get("valid_from", -1) <= at_ms
        ]
        return int(max(begun)[2]) if begun else DEFAULT


def _full_links(rows: Iterable[tuple[Any, ...]], caps: _Caps) -> Iterator[Row]:
    for subject, told in groupby(rows, key=itemgetter(2)):
        held: set[tuple[str, str]] = set()
        for log, pos, _, kind, origin, payload, append_ms in told:
            if payload == "null":
                held.discard((kind, origin))
            elif (
                (kind, origin) in held
                or len(held) < caps.fewest
                or len(held) < caps.at((log, pos), _when(payload, append_ms), "most_links")
            ):
                held.add((kind, origin))
            else:
                yield {"log": log, "pos": pos, "subject": subject, "kind": kind, "origin": origin}


def _when(payload: str, append_ms: int) -> int:
    """When what a link says happened; where it does not say so, when it was told."""
    said = json.loads(payload)
    return int(said.get("won_ms", said.get("at_ms", append_ms)))


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


def _full_edits(rows: Iterable[tuple[Any, ...]], processes: _Processes, caps: _Caps) -> Iterator[Row]:
    for _, edits in groupby(rows, key=itemgetter(0)):
        held: set[tuple[Any, ...]] = set()
        processes_told: list[tuple[tuple[Any, ...], str | None]] = []
        settled_ms = None
        for _, log, pos, by_time, stage, given, before_ms, *version in edits:
            place, told = (log, pos), tuple(version)
            if before_ms != settled_ms:
                settled_ms, held = before_ms, {each for each in held if each[0] >= before_ms}
            if by_time and told not in held and len(held) >= caps.fewest:
                name = json.loads(given) if given is not None else _process_at(processes_told, told)
                closes = processes.closes(place, name or "default", json.loads(stage or "null"), told[0])
                most = caps.at(place, version[0], "most_changes")
                if len(held) >= most + closes * caps.at(place, version[0], "most_closings"):
                    yield {"log": log, "pos": pos}
                    continue
            if by_time:
                held.add(told)
            if given is not None:
                insort(processes_told, (told, json.loads(given)), key=itemgetter(0))


def _process_at(told: list[tuple[tuple[Any, ...], str | None]], version: tuple[Any, ...]) -> str | None:
    """The process told last before a version, else the first one told after; `told` is in the order of versions."""
    return told[max(bisect_left(told, version, key=itemgetter(0)) - 1, 0)][1] if told else None
