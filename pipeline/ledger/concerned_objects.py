"""Which objects a change of the organisation concerns: all others say what they said before."""

from collections.abc import Collection

from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.rates import RateSpan

Concern = str | RateSpan
"""What objects refer to (`rep:7`, `team:north`, `process:p`), what stands at the rate of now (`currency:USD`), or
amounts that are converted at the rate of one of these days."""
NAMING = {"membership": "rep_id", "identity": "external_id"}
"""By kind of record: the field that says whose objects it concerns."""


def concerned(change: Change, before: Organisation, after: Organisation) -> set[Concern] | None:
    """What all objects refer to that may count elsewhere or otherwise once a record changed.

    None: all objects. It may name too many, never too few.
    """
    kind, _, name = change.subject.partition(":")
    if kind == "company":
        return None if change.differs("time_zone", "currency") else set()
    if kind == "policy":
        return None if _reads_otherwise(change) else set()
    if kind == "team":
        return _team(name, change, after)
    if kind == "rate":
        return _rates(change, before, after)
    if kind in NAMING:
        return {f"rep:{named}" for named in change.said(NAMING[kind])}
    itself = (kind == "rep" and change.is_there_otherwise) or (
        kind == "process" and change.differs("editions", "implied")
    )
    return {change.subject} if itself else set()


def _reads_otherwise(change: Change) -> bool:
    """Whether ids may mean somebody now that did not, or activities count, or the other way round.

    A cap holds for what is told later.
    """
    given = [record for record in (change.old, change.new) if record]
    named = (field for field in ("nobody", "counted_activities") if any(each.get(field) is not None for each in given))
    return any(change.differs(field, "valid_from") for field in named)


def rates_only(concerns: Collection[Concern]) -> bool:
    """Whether nothing but rates may be another one: then no object counts on another day or stands otherwise."""
    return all(isinstance(each, RateSpan) or each.startswith("currency:") for each in concerns)


def _team(name: str, change: Change, organisation: Organisation) -> set[Concern]:
    if not change.is_there_otherwise and not change.differs("time_zones", "ended_at"):
        return set()
    return {f"team:{name}", *(f"rep:{rep}" for rep in organisation.ever_in(name))}


def _rates(change: Change, before: Organisation, after: Organisation) -> set[Concern]:
    """The days that the record decided for, those that it decides for, and what stands if today is one of them."""
    found: set[Concern] = set()
    for record, organisation in ((change.old, before), (change.new, after)):
        span = organisation.rate_span(record) if record else None
        if span:
            found.add(span)
            if span.has(organisation.today):
                found.add(f"currency:{span.currency}")
    return found
