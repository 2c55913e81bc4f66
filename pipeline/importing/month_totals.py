"""What an export adds up to, month by month, by the pipeline's own rules and the deployment's organisation. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from pipeline import measures
from pipeline.importing.logged import LOGGED
from pipeline.intake.verdicts import Judge, Refused
from pipeline.kinds import contributions, kind_named
from pipeline.kinds.kind import Retention
from pipeline.ledger.roster import changes_of, record_of
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from schemas.types import LIMIT_MS

COLUMNS = {
    "won": measures.WON, "lost": measures.LOST, "bookings": measures.WON_MINOR, "activities": measures.ACTIVITIES,
}  # fmt: skip
"""KPIs that are compared, and the measure that each adds up."""
EVER = Retention(LIMIT_MS, LIMIT_MS, LIMIT_MS // 86_400_000)


def organisation_of(told: Iterable[tuple[bytes, int]], currency: str, now_ms: int) -> Organisation:
    """The organisation by its events, each with when it was appended."""
    judge, items = Judge("org", LIMIT_MS), dict[str, Object]()
    for value, append_ms in told:
        event = judge.judge(value, append_ms)
        if not isinstance(event, Refused):
            items.setdefault(event.key, Object(event.key)).merge(event.version, changes_of(event))
    found = Organisation(currency, now_ms)
    for key, item in items.items():
        record = record_of(item)
        if record is not None:
            found.put(key, record)
    return found


def totals_of(
    objects: Iterable[tuple[str, list[bytes]]], organisation: Organisation, now_ms: int
) -> dict[str, Counter[str]]:
    """By month (`2017-03`) what the objects of an export count."""
    judges = {domain: Judge(domain, LIMIT_MS, EVER) for domain in LOGGED}
    found: dict[str, Counter[str]] = {}
    for subject, values in objects:
        item = Object(subject)
        for value in values:
            judged = judges["telephony" if item.kind in ("call", "agent") else "crm"].judge(value, now_ms)
            if not isinstance(judged, Refused):
                item.merge(judged.version, judged.changes, judged.corrects, 0, kind_named(item.kind).histories)
        for (_, _, day, _), sums in contributions(item, organisation).items():
            if day is not None:
                _add(found.setdefault(date.fromordinal(day).isoformat()[:7], Counter()), sums)
    return {month: totals for month, totals in sorted(found.items()) if any(totals.values())}


def _add(totals: Counter[str], sums: Mapping[str, int]) -> None:
    for name, measure in COLUMNS.items():
        totals[name] += sums.get(measure, 0)
