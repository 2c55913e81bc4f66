"""A deal: created, its way through the stages, won or lost, and what stands open."""

from functools import lru_cache
from typing import NamedTuple

from pipeline import measures
from pipeline.kernel import sketch
from pipeline.kinds.cells import Cells, Place, add, add_money, merge, standing
from pipeline.kinds.deal_course import Course, course_of
from pipeline.kinds.kind import Kind, Retention, Said, never_late
from pipeline.objects.histories import Timeline, known_at, value_at
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.days import DAY_MS
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import DEFAULT_PROCESS, LOST, WON
from schemas.links import WIN


class _StageMeasures(NamedTuple):
    entered: str
    converted: str
    lost: str
    open: str
    open_minor: str


@lru_cache(maxsize=4096)
def _stage_measures(process: str, stage: str) -> _StageMeasures:
    """The names of what is counted by stage."""
    families = (
        measures.STAGE_ENTERED, measures.STAGE_CONVERTED, measures.STAGE_LOST, measures.OPEN_STAGE,
        measures.OPEN_STAGE_MINOR,
    )  # fmt: skip
    return _StageMeasures(*(f"{family}{process}:{stage}" for family in families))


def references(deal: Object) -> set[str]:
    """Reps, process and currencies whose change may move it."""
    found = {f"rep:{owner}" for _, owner in deal.timeline("owner_id") if owner}
    found.update(f"currency:{currency}" for _, currency in deal.timeline("currency") if currency)
    found.add(f"process:{deal.get('process_id') or DEFAULT_PROCESS}")
    return found


def contribute(deal: Object, organisation: Organisation) -> Cells:
    """Each figure for the owner of its time, in the currency of the company at the rate of its day."""
    cells: Cells = {}
    if deal.live:
        course = course_of(deal, organisation)
        owners = deal.timeline("owner_id")
        created_ms = deal.get("created_at")
        if created_ms is not None:
            _created(cells, deal, created_ms, owners, organisation)
            _stages(cells, course, owners, organisation)
        for reopened_ms in course.reopened_ms:
            add(cells, organisation.cell(value_at(owners, reopened_ms), reopened_ms), measures.REOPENED)
        if course.closed_ms is None:
            _open(cells, deal, course, owners, organisation)
        else:
            _closed(cells, deal, course.closed_ms, course.state, organisation)
    return cells


def _amount(deal: Object, at_ms: int | None) -> tuple[int | None, str | None]:
    """Amount and currency as known at an instant; the latest for None."""
    amounts, currencies = deal.timeline("amount_minor"), deal.timeline("currency")
    if at_ms is None:
        return (amounts[-1][1] if amounts else None), (currencies[-1][1] if currencies else None)
    return known_at(amounts, at_ms), value_at(currencies, at_ms)


def _born_ms(deal: Object, created_ms: int) -> int:
    """When the deal, created before, was first heard of: an amount that came with it is the amount at creation."""
    return max(created_ms, deal.history[0][0][0]) if deal.history else created_ms


def _created(cells: Cells, deal: Object, created_ms: int, owners: Timeline, organisation: Organisation) -> None:
    born_ms = _born_ms(deal, created_ms)
    place = organisation.cell(value_at(owners, born_ms), created_ms)
    sums = {measures.DEALS_CREATED: 1}
    amount_minor, currency = _amount(deal, born_ms)
    if amount_minor is not None:
        add_money(sums, (measures.DEALS_CREATED_MINOR,), amount_minor, currency, place[2], organisation)
    merge(cells, place, sums)


def _stages(cells: Cells, course: Course, owners: Timeline, organisation: Organisation) -> None:
    for entry in course.entries:
        names = _stage_measures(course.process, entry.stage)
        sums = {names.entered: 1}
        if entry.converted:
            sums[names.converted] = 1
        if entry.lost:
            sums[names.lost] = 1
        merge(cells, organisation.cell(value_at(owners, entry.at_ms), entry.at_ms), sums)


def _open(cells: Cells, deal: Object, course: Course, owners: Timeline, organisation: Organisation) -> None:
    place = standing(organisation, owners[-1][1] if owners else None)
    names = _stage_measures(course.process, course.stage)
    sums = {measures.OPEN_DEALS: 1, names.open: 1}
    amounts = [measures.OPEN_MINOR, names.open_minor]
    if course.qualified:
        sums[measures.OPEN_QUALIFIED] = 1
        amounts.append(measures.OPEN_QUALIFIED_MINOR)
    amount_minor, currency = _amount(deal, None)
    if amount_minor is not None:
        add_money(sums, amounts, amount_minor, currency, None, organisation)
    merge(cells, place, sums)


def _closed(cells: Cells, deal: Object, closed_ms: int, state: str, organisation: Organisation) -> None:
    owner = value_at(deal.timeline("owner_id"), closed_ms)
    place = organisation.cell(owner, closed_ms)
    sums = {measures.WON if state == WON else measures.LOST: 1}
    created_ms = deal.get("created_at")
    if created_ms is not None:
        _cycle(sums, place, created_ms, state, organisation)
    amount_minor, currency = _amount(deal, None)
    if state == LOST and not amount_minor:
        amount_minor = next((amount for _, amount in reversed(deal.timeline("amount_minor")) if amount), None)
    if amount_minor is not None:
        given = (measures.WON_MINOR if state == WON else measures.LOST_MINOR,)
        converted = add_money(sums, given, amount_minor, currency, place[2], organisation)
        size = None if converted is None else sketch.bucket(converted)
        if state == WON and size is not None:
            sums[f"{measures.DEAL_SIZE}{size}"] = 1
    merge(cells, place, sums)


def _cycle(sums: dict[str, int], place: Place, created_ms: int, state: str, organisation: Organisation) -> None:
    """From the local day of creation to that of closing, both in the closing team's zone."""
    count, days, buckets = (
        (measures.WON_CYCLES, measures.WON_CYCLE_DAYS, measures.WON_CYCLE)
        if state == WON
        else (measures.LOST_CYCLES, measures.LOST_CYCLE_DAYS, measures.LOST_CYCLE)
    )
    team, _, closing_day, _ = place
    length = (closing_day or 0) - organisation.local_day(team, created_ms)
    if length < 0:
        sums[measures.NEGATIVE_CYCLES] = 1
        length = 0
    sums[count] = 1
    sums[days] = length
    sums[f"{buckets}{sketch.bucket(length)}"] = 1


def say(deal: Object, organisation: Organisation) -> Said:
    """A win on its account, by the owner of that time."""
    account = deal.get("account_id")
    if account is None:
        return {}
    course = course_of(deal, organisation)
    if course.state != WON or course.closed_ms is None:
        return {}
    owner = value_at(deal.timeline("owner_id"), course.closed_ms)
    return {(WIN, f"account:{account}"): {"won_ms": course.closed_ms, "rep": owner}}


def _until_ms(deal: Object, organisation: Organisation, retention: Retention) -> int | None:
    """From its closing or from when it was last heard of, whichever is later.

    So an import of old deals in any order does not find half of a deal forgotten.
    """
    if not deal.has_events:
        return deal.newest_ms + retention.activity_ms
    if deal.get(LIFE) not in (None, "live"):  # also where a later merge revived it: so its own log tells all of it
        return None
    closed_ms = course_of(deal, organisation).closed_ms
    return None if closed_ms is None else max(closed_ms, deal.heard_day * DAY_MS) + retention.closed_ms


DEAL = Kind(
    name="deal",
    domain="crm",
    fields={
        "owner_id": 2,
        "account_id": 3,
        "process_id": 4,
        "stage_id": 5,
        "amount_minor": 6,
        "currency": 7,
        "created_at": 8,
        "expected_close_on": 9,
        "product": 10,
    },
    histories=frozenset({"stage_id", "owner_id", "amount_minor", "currency", "expected_close_on"}),
    past=("created_at",),
    names=frozenset({"account_id"}),
    limit_ms=never_late,
    until_ms=_until_ms,
    stays_over=True,
    contribute=contribute,
    references=references,
    say=say,
)
