"""A kind of object: everything that is particular to it, declared in one place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.kinds.cells import Cells
from pipeline.objects.field_numbers import Numbers
from pipeline.objects.firsts import Told
from pipeline.objects.object import Object, anchor_of
from pipeline.organisation.organisation import Organisation
from schemas.links import TOUCH

Said = dict[tuple[str, str], Any]
"""(kind of link, key of the object it is for) to the payload: all that an object has to say of others now."""


class Retention(NamedTuple):
    """How long a deployment remembers: activities after their time, closed deals and cost after their end.

    Days stay counted for `pane_days`, whether what was counted is still remembered or not.
    """

    activity_ms: int
    closed_ms: int
    pane_days: int


class Settling(NamedTuple):
    """How histories of a kind are kept short: what is told of before an instant comes too late, and is let go of.

    What it counted stays counted, as of what is forgotten. `before_ms` gives that instant at a time; `settle` lets go,
    and says whether there was anything.
    """

    before_ms: Callable[[int], int]
    settle: Callable[[Object, int], bool]


def nothing(_: Object, __: Organisation) -> Cells:
    """For a kind that counts nothing."""
    return {}


def nobody(_: Object) -> set[str]:
    """For a kind that depends on nothing in the organisation."""
    return set()


def silent(_: Object, __: Organisation) -> Said:
    """For a kind that says nothing of others."""
    return {}


def no_anchor(_: Mapping[str, Any]) -> int | None:
    """For a kind whose events name no time of their own."""
    return None


def anchored_by(*fields: str) -> Callable[[Mapping[str, Any]], int | None]:
    """The first of these times that an event or an object tells."""

    def anchor_ms(values: Mapping[str, Any]) -> int | None:
        for field in fields:
            at_ms: int | None = values.get(field)
            if at_ms is not None:
                return at_ms
        return None

    return anchor_ms


def activity_limit_ms(retention: Retention) -> int | None:
    """Events are late once they are as old as forgotten activities."""
    return retention.activity_ms


def closed_limit_ms(retention: Retention) -> int | None:
    """Events are late once they are as old as forgotten deals."""
    return retention.closed_ms


def never_late(_: Retention) -> int | None:
    """Events are taken in however old they are."""
    return None


def never_over(_: Retention) -> int | None:
    """For a kind that counts nothing, or is never forgotten."""
    return None


def over_while_counted(retention: Retention) -> int | None:
    """Over as long as any window may still count it."""
    return retention.pane_days


def over_for_ever(_: Retention) -> int | None:
    """Over for good, for a kind whose events are never late."""
    return 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of object of the CRM or of telephony.

    - `name` is what keys begin with, `domain` tells the log that owns it (`<domain>.events`);
    - `fields` are the numbers that its fields have in stored objects, from 2 on: each is given once and for ever;
    - `measures` are those that only it counts, beside those of `pipeline/measures.py`;
    - `histories` are the fields of which every value is kept with its time; all others are registers;
    - `settling` says how they are kept short, None for those of which everything is kept;
    - `past` are the times that tell what has happened: they cannot lie ahead (`legs.ended_at`: of each part of a list);
    - `names` are the fields that name other objects: without any of them there is nothing to `say`;
    - `anchor_ms` is how old an event is by what it tells, None for as old as the event itself;
    - `limit_ms` is how old an event may be when it is appended, None where none is ever late;
    - `until_ms` is the instant after which an object counts as absent, None where it is never forgotten;
    - `over_days` is for how long a forgotten object is known to be over, so that what comes for it is late and nothing
      counts twice; None where it begins anew;
    - `contribute` gives the cells it fills, `references` what these depend on in the organisation (`rep:7`), `say` what
      it tells other objects. All three are pure.
    """

    name: str
    domain: str
    fields: Numbers
    measures: frozenset[str] = frozenset()
    histories: frozenset[str] = frozenset()
    settling: Settling | None = None
    past: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    anchor_ms: Callable[[Mapping[str, Any]], int | None] = no_anchor
    limit_ms: Callable[[Retention], int | None] = activity_limit_ms
    until_ms: Callable[[Object, Organisation, Retention], int | None]
    over_days: Callable[[Retention], int | None] = never_over
    contribute: Callable[[Object, Organisation], Cells] = nothing
    references: Callable[[Object], set[str]] = nobody
    say: Callable[[Object, Organisation], Said] = silent

    @property
    def log(self) -> str:
        """The logical topic of the log that owns such objects."""
        return f"{self.domain}.events"


def activity_until_ms(
    anchor_ms: Callable[[Object], int | None],
) -> Callable[[Object, Organisation, Retention], int | None]:
    """Remembered so long after its time; after its newest event where that is not known."""

    def until_ms(item: Object, _: Organisation, retention: Retention) -> int | None:
        at_ms = anchor_ms(item)
        return (item.newest_ms if at_ms is None else at_ms) + retention.activity_ms

    return until_ms


def closed_until_ms(
    anchor_ms: Callable[[Mapping[str, Any]], int | None],
) -> Callable[[Object, Organisation, Retention], int | None]:
    """Remembered as long after its time as a closed deal; after its newest event where that is not known."""

    def until_ms(item: Object, _: Organisation, retention: Retention) -> int | None:
        at_ms = anchor_ms(item.values)
        return (item.newest_ms if at_ms is None else at_ms) + retention.closed_ms

    return until_ms


def heard_of_until_ms(item: Object, retention: Retention) -> int | None:
    """Called for an object known by links alone: remembered as the activities are that told them, to the last one.

    What others than activities tell, a win or a merge, is never forgotten.
    """
    last = item.first(TOUCH, _latest)
    if last is None or len(item.links) > 1:
        return None
    return -last[0] + retention.activity_ms


def _latest(told: Told) -> int:
    return -anchor_of(told)


def for_ever(_: Object, __: Organisation, ___: Retention) -> int | None:
    """Never forgotten."""
    return None
