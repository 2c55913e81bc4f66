"""What `org.changes` says now: every object as all that was told of it makes it, and its record."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import copy
from itertools import chain
from typing import Any

import msgspec

from pipeline.config.settings import Settings
from pipeline.importing.logs import records_of, told_of
from pipeline.intake.verdicts import Accepted, Judge, Refused
from pipeline.ledger.roster import TOPIC, RosterPolicy, changes_of, record_of
from pipeline.ledger.roster_capacity import is_full
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation, Record
from pipeline.policies import roster_policy
from schemas.ids import PLAIN, kept_id, written_id


class Told:
    """All that the deployment took in of its organisation. Events may come in any order, and twice."""

    def __init__(self, policy: RosterPolicy) -> None:
        self.policy = policy
        self.objects: dict[str, Object] = {}
        """By key, `team:north`; deleted ones too."""
        self._judge = Judge("org", policy.future_tolerance_ms)
        self._written: dict[str, str] = {}

    def take(self, value: bytes, append_ms: int) -> None:
        """Take in an event that was appended at an instant, if the pipeline did."""
        judged = self._judge.judge(value, append_ms)
        if not isinstance(judged, Refused):
            self._merge(self.objects.setdefault(judged.key, Object(judged.key)), judged)
            self._note_names(value)

    def after(self, item: Object, values: Iterable[bytes], append_ms: int) -> Object:
        """An object once these events of it were appended as well; it stays as it is."""
        found = copy(item)
        for value in values:
            judged = self._judge.judge(value, append_ms)
            if not isinstance(judged, Refused):
                self._merge(found, judged)
        return found

    def _merge(self, item: Object, event: Accepted) -> None:
        changes = changes_of(event)
        if not is_full(item, changes, self.policy.most_dated):
            item.merge(event.version, changes)

    def _note_names(self, value: bytes) -> None:
        """Remember how ids are written: of one that is kept cut nothing else tells."""
        event = msgspec.json.decode(value)
        data = (event.get("data") or {}).values()
        names = [str(event["subject"]).partition(":")[2], *data]
        for name in (*names, *chain(*(each for each in data if isinstance(each, list)))):
            if isinstance(name, str) and not PLAIN(name):
                with suppress(ValueError):
                    self._written[kept_id(name)] = name

    def written(self, kept: str) -> str:
        """An id as its source writes it: what `kept_id` makes the same of again."""
        name = self._written.get(kept)
        return written_id(kept) if name is None else name

    def records(self) -> Iterator[tuple[str, Record]]:
        """The record of each object that has one, by key, in order."""
        for key, item in sorted(self.objects.items()):
            record = record_of(item)
            if record is not None:
                yield key, record

    def organisation(self, currency: str, now_ms: int) -> Organisation:
        """The organisation that these are."""
        return organisation_of(dict(self.records()), currency, now_ms)


def organisation_of(records: Mapping[str, Record], currency: str, now_ms: int) -> Organisation:
    """An organisation of records."""
    found = Organisation(currency, now_ms)
    for key, record in sorted(records.items()):
        found.put(key, record)
    return found


def told_in(settings: Settings) -> Told:
    """Read the topic to its present end; SetupError where no broker answers or it may not be read."""
    told = Told(roster_policy(settings))
    for value, append_ms in told_of(records_of(settings, TOPIC)):
        told.take(value, append_ms)
    return told


def compared(key: str, record: Record | None) -> Any:
    """A record as two of them are compared: what makes no difference is the same.

    An instant of an absence stands in place of its day. The first edition of a process holds for all time before it
    too, and a membership or identity that ends before it begins, as one that was deleted before, never held, as one
    that ends when it begins.
    """
    if record is None:
        return None
    if key.startswith("process:") and record["editions"]:
        (_, stages), *later = record["editions"]
        return {**record, "editions": [[0, stages], *later]}
    if key.startswith("absence:"):
        return _without_days(record)
    begin, end = record.get("valid_from"), record.get("valid_to")
    return {**record, "valid_to": begin} if begin is not None and end is not None and end < begin else record


def _without_days(absence: Record) -> Record:
    """An absence without the days in place of which instants stand, and halves of days that it does not name."""
    dropped: set[str] = set()
    for instant, day, half in (("starts_at", "first_day", "from_noon"), ("ends_at", "last_day", "until_noon")):
        if absence.get(instant) is not None:
            dropped |= {day, half}
        elif absence.get(day) is None or not absence.get(half):
            dropped.add(half)
    return {name: value for name, value in absence.items() if name not in dropped}
