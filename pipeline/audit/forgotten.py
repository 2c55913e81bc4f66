"""What came for an activity after it was forgotten: found by going through what was told of it, record by record.

That is done for the few of which something was told so long after the first time; nothing else can be forgotten then.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from pipeline.audit.database import Database
from pipeline.audit.records import Row

DAY_MS = 86_400_000
FIRST_ORDINAL = 719_163

_TOLD = """
    WITH told AS (SELECT log, pos, max(append_ms) OVER (PARTITION BY log ORDER BY pos) AS now_ms FROM appended),
    mention AS (
        SELECT c.log, c.pos, c.key, c.kind, time_ms, sequence, ingested, source, id_digest, digest,
            max(value) FILTER (a.field IS NOT NULL) AS anchor, max(value) FILTER (c.field = 'booked_at') AS booked,
            NULL AS origin, NULL AS payload
        FROM change c LEFT JOIN anchor a ON a.kind = c.kind AND a.field = c.field
        WHERE NOT astray
            AND c.kind IN (SELECT kind FROM kind_rule SEMI JOIN definition USING (kind) WHERE kept IS NOT NULL)
        GROUP BY ALL
        UNION ALL
        SELECT log, pos, subject, 'call', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, origin, payload
        FROM link WHERE kind = 'logged'
    ),
    kept AS (
        SELECT kind, CASE kept WHEN 'briefly' THEN activity_ms ELSE closed_ms END AS kept_ms, unit
        FROM kind_rule JOIN anchor USING (kind), policy
    ),
    timed AS (
        SELECT m.*, t.now_ms, k.kept_ms, k.unit, least(now_ms, time_ms, (payload::JSON ->> 'at_ms')::BIGINT, CASE unit
            WHEN 'instant' THEN (anchor::JSON ->> '$')::BIGINT
            WHEN 'day' THEN ((anchor::JSON ->> '$')::BIGINT - 719163) * 86400000
        END) AS least_ms
        FROM mention m JOIN told t USING (log, pos) JOIN kept k USING (kind)
    )
    SELECT
        key, log, pos, now_ms, kept_ms, unit = 'day', time_ms, sequence, ingested, source, id_digest, digest, anchor,
        booked, origin, payload
    FROM timed
    QUALIFY max(now_ms) OVER (PARTITION BY key) > min(least_ms) OVER (PARTITION BY key) + kept_ms
    ORDER BY key, pos
"""


class _Told(NamedTuple):
    """One record: an event with what it says of the times that matter, or what an `origin` logged of a call."""

    key: str
    log: str
    pos: int
    now_ms: int
    kept_ms: int
    of_days: bool
    time_ms: int | None
    sequence: int | None
    ingested: int | None
    source: str | None
    id_digest: str | None
    digest: str | None
    anchor: str | None
    booked: str | None
    origin: str | None
    payload: str | None


def leave_out_forgotten(database: Database) -> None:
    """Called once the events were judged: take out of `change` what came for an activity that was forgotten.

    Of a call that is known by what people logged of it alone the same is in `late_link`.
    """
    (pane_days,) = database.rows("SELECT pane_days FROM policy")[0]
    rows = map(_Told._make, database.rows(_TOLD))
    late = [told for _, each in groupby(rows, key=itemgetter(0)) for told in _late(each, pane_days)]
    for table, found in (
        ("late_event", [told for told in late if told.origin is None]),
        ("late_link", [told for told in late if told.origin is not None]),
    ):
        database.fill(table, [_place(told) for told in found])
    database.execute("DELETE FROM change c USING late_event l WHERE c.log = l.log AND c.pos = l.pos AND NOT c.astray")


def _place(told: _Told) -> Row:
    return {"log": told.log, "pos": told.pos}


def _late(told: Iterable[_Told], pane_days: int) -> Iterator[_Told]:
    """What came too late for one activity; and what is no longer counted, where it began anew since."""
    life = _Life()
    for each in told:
        until_ms = life.until_ms
        if until_ms is not None and until_ms < each.now_ms:
            if each.now_ms // DAY_MS <= until_ms // DAY_MS + pane_days:
                yield each
                continue
            yield from life.records
            life = _Life()
        life.add(each)


class _Life:
    """What is known of an activity from its first record on: until when it is remembered follows from that."""

    def __init__(self) -> None:
        self.records: list[_Told] = []
        self._anchor: tuple[tuple[Any, ...], int | None] | None = None
        self._booked: tuple[tuple[Any, ...], int | None] | None = None
        self._newest_ms: int | None = None
        self._logged: dict[str, int] = {}

    def add(self, told: _Told) -> None:
        """Take the next record in."""
        self.records.append(told)
        if told.origin is not None:
            said = json.loads(told.payload or "null")
            self._logged.pop(told.origin, None)
            if said is not None:
                self._logged[told.origin] = said["at_ms"]
            return
        version = told[6:12]
        self._newest_ms = max(self._newest_ms or 0, told.time_ms or 0)
        if told.anchor is not None and (self._anchor is None or self._anchor[0] < version):
            self._anchor = version, _instant(told.anchor, of_days=told.of_days)
        if told.booked is not None and (self._booked is None or self._booked[0] < version):
            self._booked = version, _instant(told.booked, of_days=False)

    @property
    def until_ms(self) -> int | None:
        """The last instant at which it is remembered; None where nothing is known of it."""
        at_ms = self._anchor[1] if self._anchor is not None else None
        if at_ms is None and self._logged:
            at_ms = max(self._logged.values())
        if at_ms is None and self._newest_ms is not None:
            at_ms = max(self._newest_ms, (self._booked[1] if self._booked is not None else None) or 0)
        return None if at_ms is None else at_ms + self.records[0].kept_ms


def _instant(value: str, *, of_days: bool) -> int | None:
    read = json.loads(value)
    if read is None:
        return None
    return (int(read) - FIRST_ORDINAL + 1) * DAY_MS if of_days else int(read)
