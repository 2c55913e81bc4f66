"""A deal: created, its way through the stages, won or lost, and what stands open."""

from functools import lru_cache
from typing import NamedTuple

from pipeline import measures
from pipeline.kernel import sketch
from pipeline.kinds.cells import Amount, Cells, Money, Place, add, add_money, by_day, merge, standing
from pipeline.kinds.deal_course import Course, Entry, course_of
from pipeline.kinds.deal_days import UNTOUCHED, add_closing, add_on_day
from pipeline.kinds.deal_effort import MEASURES, add_effort
from pipeline.kinds.deal_moves import add_moves
from pipeline.kinds.deal_split_moves import add_split_moves
from pipeline.kinds.deal_splits import Credit, credit_of, reps_of
from pipeline.kinds.deal_visits import ON, Left
from pipeline.kinds.kind import Kind, Retention, Said, heard_of_until_ms, never_late, over_for_ever
from pipeline.objects.histories import Timeline, known_at, value_at
from pipeline.objects.merge_links import first_said
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.days import DAY_MS, MINUTE_MS
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import DEFAULT_PROCESS, LOST, WON
from schemas.links import LAST, WIN
from schemas.types import LIMIT_MS

HISTORIES = ("process_id", "stage_id", "owner_id", "split", "amount_minor", "currency", "expected_close_on")
"""Fields of which every value is kept with its time."""
CREATED = Money(
    (measures.DEALS_CREATED_MINOR,),
    (measures.DEALS_CREATED_WITHOUT_AMOUNT,),
    (measures.DEALS_CREATED_UNCONVERTED, measures.UNCONVERTED),
)
CREATED_NOW = Money(
    (measures.DEALS_CREATED_NOW_MINOR,),
    (measures.DEALS_CREATED_NOW_WITHOUT_AMOUNT,),
    (measures.DEALS_CREATED_NOW_UNCONVERTED,),
)
CLOSED = {
    WON: Money((measures.WON_MINOR,), (measures.WON_WITHOUT_AMOUNT,), (measures.WON_UNCONVERTED, measures.UNCONVERTED)),
    LOST: Money(
        (measures.LOST_MINOR,), (measures.LOST_WITHOUT_AMOUNT,), (measures.LOST_UNCONVERTED, measures.UNCONVERTED)
    ),
}

TIMES = (
    (measures.STAGE_ONCE_MS, measures.STAGE_ONCE),
    (measures.STAGE_LATEST_MS, measures.STAGE_LATEST),
    (measures.STAGE_TOTAL_MS, measures.STAGE_TOTAL),
)
"""Of times in stages: the sum in milliseconds, and the sketch in whole minutes."""


class _StageMeasures(NamedTuple):
    entered: str
    closed: str
    converted: str
    lost: str
    skipped: str
    fell_back: str
    came_back: str
    left_on: str
    left_lost: str
    entered_money: Money
    converted_money: Money
    lost_money: Money
    left_money: Money
    left_on_money: Money
    once: tuple[str, str]
    latest: tuple[str, str]
    total: tuple[str, str]
    open: str
    open_money: Money
    qualified_money: Money


@lru_cache(maxsize=4096)
def _stage_measures(process: str, stage: str) -> _StageMeasures:
    """The names of what is counted by stage."""
    families = (
        measures.STAGE_ENTERED, measures.STAGE_CLOSED, measures.STAGE_CONVERTED, measures.STAGE_LOST,
        measures.STAGE_SKIPPED, measures.STAGE_FELL_BACK, measures.STAGE_CAME_BACK, measures.STAGE_LEFT_ON,
        measures.STAGE_LEFT_LOST, measures.OPEN_STAGE,
    )  # fmt: skip
    entered, closed, converted, lost, skipped, fell_back, came_back, left_on, left_lost, stands = (
        f"{family}{process}:{stage}" for family in families
    )
    once, latest, total = ((f"{ms}{process}:{stage}", f"{sketched}{process}:{stage}~") for ms, sketched in TIMES)
    left_minor, left_on_minor, *left_out = (
        f"{family}{process}:{stage}"
        for family in (
            measures.STAGE_LEFT_MINOR, measures.STAGE_LEFT_ON_MINOR, measures.STAGE_LEFT_WITHOUT_AMOUNT,
            measures.STAGE_LEFT_UNCONVERTED,
        )
    )  # fmt: skip
    left_money, left_on_money = (
        Money(sums, (left_out[0],), (left_out[1],)) for sums in ((left_minor,), (left_minor, left_on_minor))
    )
    entered_minor, converted_minor, lost_minor, *entered_out = (
        f"{family}{process}:{stage}"
        for family in (
            measures.STAGE_ENTERED_MINOR, measures.STAGE_CONVERTED_MINOR, measures.STAGE_LOST_MINOR,
            measures.STAGE_ENTERED_WITHOUT_AMOUNT, measures.STAGE_ENTERED_UNCONVERTED,
        )
    )  # fmt: skip
    entered_money, converted_money, lost_money = (
        Money(amounts, (entered_out[0],), (entered_out[1],))
        for amounts in ((entered_minor,), (entered_minor, converted_minor), (entered_minor, lost_minor))
    )
    sums = (measures.OPEN_MINOR, f"{measures.OPEN_STAGE_MINOR}{process}:{stage}")
    without, unconverted = (measures.OPEN_WITHOUT_AMOUNT,), (measures.OPEN_UNCONVERTED, measures.UNCONVERTED)
    qualified = Money(
        (*sums, measures.OPEN_QUALIFIED_MINOR),
        (*without, measures.OPEN_QUALIFIED_WITHOUT_AMOUNT),
        (*unconverted, measures.OPEN_QUALIFIED_UNCONVERTED),
    )
    return _StageMeasures(
        entered, closed, converted, lost, skipped, fell_back, came_back, left_on, left_lost,
        entered_money, converted_money, lost_money, left_money, left_on_money, once, latest, total,
        stands, Money(sums, without, unconverted), qualified,
    )  # fmt: skip


def references(deal: Object) -> set[str]:
    """Reps, processes and currencies whose change may move it."""
    found = {f"rep:{owner}" for _, owner in deal.timeline("owner_id") if owner}
    found.update(f"rep:{rep}" for rep in reps_of(deal.timeline("split")))
    found.update(f"currency:{currency}" for _, currency in deal.timeline("currency") if currency)
    found.update(f"process:{name or DEFAULT_PROCESS}" for _, name in deal.timeline("process_id") or [(0, None)])
    return found


def contribute(deal: Object, organisation: Organisation) -> Cells:
    """Each figure for the owner of its time, in the currency of the company at the rate of the company's day.

    Money is moved from the owner to the reps who share the deal at that time, and to the teams who share a rep.
    """
    cells: Cells = {}
    if not deal.has_events:
        return cells
    course = course_of(deal, organisation)
    began_ms, heard_ms = deal.get("created_at"), _heard_ms(deal)
    if began_ms is None:
        began_ms = heard_ms
    owners = deal.timeline("owner_id")
    credit = credit_of(deal, owners, organisation)
    if began_ms is not None:
        known_ms = began_ms if heard_ms is None else heard_ms
        add_moves(cells, deal, course, began_ms, known_ms, organisation)
        if credit is not None:
            add_split_moves(cells, deal, course, credit, began_ms, known_ms, organisation)
    if deal.live:
        amount = _amount(deal, course.state)
        created_ms = deal.get("created_at")
        if created_ms is not None:
            _created(cells, deal, created_ms, heard_ms, course.state, amount, credit, organisation)
            _stages(cells, course, owners, amount, organisation)
        for process, stage, reopened_ms in course.reopened:
            place = organisation.cell(value_at(owners, reopened_ms), reopened_ms)
            add(cells, place, measures.REOPENED)
            add(cells, by_day(place), f"{measures.STAGE_REOPENED}{process}:{stage}")
        if course.undeclared:
            owner = owners[-1][1] if owners else None
            add(cells, standing(organisation, owner), measures.UNKNOWN_STAGES)
        if course.closed_ms is None:
            _open(cells, deal, course, amount, credit, organisation)
        else:
            _closed(cells, deal, course.closed_ms, course.state, amount, credit, organisation)
    return cells


def _amount(deal: Object, state: str) -> Amount | None:
    """What a deal is worth: its latest amount; of a lost one the last above 0, since systems clear what is lost."""
    amounts, currencies = deal.timeline("amount_minor"), deal.timeline("currency")
    if state == LOST:
        return _last_above_nothing(amounts, currencies)
    if not amounts or amounts[-1][1] is None:
        return None
    return Amount(amounts[-1][1], currencies[-1][1] if currencies else None)


def _last_above_nothing(amounts: Timeline, currencies: Timeline) -> Amount | None:
    """In the currency of the last moment at which it stood: another one may have come with what followed."""
    until_ms = LIMIT_MS
    for at_ms, minor in reversed(amounts):
        if minor is not None and minor > 0:
            return Amount(minor, value_at(currencies, until_ms - 1))
        until_ms = at_ms
    return None


def _first_amount(deal: Object, born_ms: int) -> Amount | None:
    """What a deal was worth at its creation: systems may say so a moment later, as a property of its own."""
    amounts, currencies = deal.timeline("amount_minor"), deal.timeline("currency")
    minor = known_at(amounts, born_ms)
    if minor is not None:
        return Amount(minor, value_at(currencies, born_ms))
    told = next(((at_ms, minor) for at_ms, minor in amounts if at_ms > born_ms and minor is not None), None)
    if told is None or told[0] > born_ms + DAY_MS:
        return None
    minor = value_at(amounts, told[0])
    return None if minor is None else Amount(minor, value_at(currencies, told[0]))


def _heard_ms(deal: Object) -> int | None:
    """When a deal was first heard of: an amount that came with it is the amount at creation.

    What was taken back since was never heard: entries that were corrected or told anew, fields that were only cleared.
    """
    heard_ms = None
    for field in HISTORIES:
        spans = deal.timeline(field)
        if spans and (heard_ms is None or spans[0][0] < heard_ms) and _ever_known(spans):
            heard_ms = spans[0][0]
    return heard_ms


def _ever_known(spans: Timeline) -> bool:
    return spans[0][1] is not None or any(value is not None for _, value in spans)


def _created(
    cells: Cells,
    deal: Object,
    created_ms: int,
    heard_ms: int | None,
    state: str,
    amount: Amount | None,
    credit: Credit | None,
    organisation: Organisation,
) -> None:
    born_ms = created_ms if heard_ms is None else max(created_ms, heard_ms)
    sums = {measures.DEALS_CREATED: 1}
    if state == WON:
        sums[measures.DEALS_CREATED_WON] = 1
    first = add_money(sums, CREATED, _first_amount(deal, born_ms), created_ms, organisation)
    latest = add_money(sums, CREATED_NOW, amount, created_ms, organisation)
    owner = value_at(deal.timeline("owner_id"), born_ms)
    place = organisation.cell(owner, created_ms)
    merge(cells, place, sums)
    if credit is not None:
        amounts = {measures.DEALS_CREATED_SPLIT_MINOR: first, measures.DEALS_CREATED_NOW_SPLIT_MINOR: latest}
        credit.add(cells, place, amounts, credit.shares(owner, born_ms), created_ms)


def _stages(cells: Cells, course: Course, owners: Timeline, amount: Amount | None, organisation: Organisation) -> None:
    """What a deal did in stages. Shares are of amounts of 0 and more: one of less counts as none."""
    places: dict[int, Place] = {}
    shared = None if amount is not None and amount.minor < 0 else amount

    def at(at_ms: int) -> Place:
        """A stage is mostly left when the next one is entered."""
        place = places.get(at_ms)
        if place is None:
            place = places[at_ms] = organisation.cell(value_at(owners, at_ms), at_ms)
        return place

    for entry in course.entries:
        _entry(cells, at(entry.at_ms), entry, shared, organisation)
    for left in course.left:
        merge(cells, by_day(at(left.at_ms)), _exit(left, shared, organisation))
    for process, stage, at_ms in course.fell_back:
        add(cells, by_day(at(at_ms)), _stage_measures(process, stage).fell_back)
    for process, stage, at_ms in course.came_back:
        add(cells, by_day(at(at_ms)), _stage_measures(process, stage).came_back)


def _entry(cells: Cells, place: Place, entry: Entry, amount: Amount | None, organisation: Organisation) -> None:
    """The cohort that a deal belongs to by a stage, and with what it is worth what came of it.

    A stage that was skipped is entered by implication, where its process says so.
    """
    names = _stage_measures(entry.process, entry.stage)
    if entry.closing:
        add(cells, place, names.closed)
        return
    if entry.skipped:
        add(cells, by_day(place), names.skipped)
        if not _implies(entry.process, organisation):
            return
    sums, money = {names.entered: 1}, names.entered_money
    if entry.converted:
        sums[names.converted], money = 1, names.converted_money
    elif entry.lost:
        sums[names.lost], money = 1, names.lost_money
    merge(cells, place, sums)
    if entry.stage != measures.UNASSIGNED:
        add_money(cells.setdefault(by_day(place), {}), money, amount, entry.at_ms, organisation)


def _implies(process: str, organisation: Organisation) -> bool:
    known = organisation.process(process)
    return known is None or known.implied


def _exit(left: Left, amount: Amount | None, organisation: Organisation) -> dict[str, int]:
    """Where to, with what it is worth, and how long a deal was in a stage: in full of those there more than once."""
    names = _stage_measures(left.process, left.stage)
    several = ((names.latest, left.latest_ms), (names.total, left.total_ms))
    sums: dict[str, int] = {}
    for (summed, sketched), spent_ms in ((names.once, left.total_ms),) if left.once else several:
        sums[f"{sketched}{sketch.bucket(spent_ms // MINUTE_MS)}"] = 1
        if spent_ms:
            sums[summed] = spent_ms
    if left.how == ON:
        sums[names.left_on] = 1
    elif left.how == LOST:
        sums[names.left_lost] = 1
    add_money(sums, names.left_on_money if left.how == ON else names.left_money, amount, left.at_ms, organisation)
    return sums


def _open(
    cells: Cells, deal: Object, course: Course, amount: Amount | None, credit: Credit | None, organisation: Organisation
) -> None:
    names = _stage_measures(course.process, course.stage)
    sums = {measures.OPEN_DEALS: 1, names.open: 1}
    qualified = _qualified(course, organisation)
    if qualified:
        sums[measures.OPEN_QUALIFIED] = 1
    money = names.qualified_money if qualified else names.open_money
    converted = add_money(sums, money, amount, None, organisation)
    owners = deal.timeline("owner_id")
    owner = owners[-1][1] if owners else None
    place = standing(organisation, owner)
    add_on_day(sums, UNTOUCHED, _untouched_since(deal, organisation, place[0]), amount, converted)
    add_closing(sums, deal, amount, converted)
    merge(cells, place, sums)
    if credit is not None:
        amounts = {measures.OPEN_SPLIT_MINOR: converted}
        if qualified:
            amounts[measures.OPEN_QUALIFIED_SPLIT_MINOR] = converted
        credit.add(cells, place, amounts, credit.shares(owner, None), None)


def _untouched_since(deal: Object, organisation: Organisation, team: str) -> int:
    """The team's day on which anybody last was in touch, or will meet: how long ago that is, a board knows.

    One that nobody was in touch with counts from its creation; where that is not known, it always was.
    """
    last = first_said(deal, LAST)
    last_ms = max(deal.get("created_at") or 0, 0 if last is None else last[0])
    return organisation.local_day(team, last_ms)


def _qualified(course: Course, organisation: Organisation) -> bool:
    """Whether the stage counts as qualified pipeline by the process of now."""
    process = None if course.undeclared else organisation.process(course.process)
    return process is not None and process.qualified(course.stage, organisation.now_ms)


def _closed(
    cells: Cells,
    deal: Object,
    closed_ms: int,
    state: str,
    amount: Amount | None,
    credit: Credit | None,
    organisation: Organisation,
) -> None:
    owner = value_at(deal.timeline("owner_id"), closed_ms)
    place = organisation.cell(owner, closed_ms)
    sums = {measures.WON if state == WON else measures.LOST: 1}
    add_effort(cells.setdefault(by_day(place), {}), deal, closed_ms, won=state == WON)
    created_ms = deal.get("created_at")
    if created_ms is not None:
        _cycle(sums, place, created_ms, state, organisation)
    converted = add_money(sums, CLOSED[state], amount, closed_ms, organisation)
    if state == WON and converted is not None:
        _sized(sums, converted)
    merge(cells, place, sums)
    if credit is not None and state == WON:
        amounts = {measures.WON_SPLIT_MINOR: converted}
        credit.add(cells, place, amounts, credit.shares(owner, closed_ms), closed_ms)


def _sized(sums: dict[str, int], converted: int) -> None:
    """What is won below 0, a credit that is booked as a deal, is no size of one: it is told apart."""
    size = sketch.bucket(converted)
    if size is not None:
        sums[f"{measures.DEAL_SIZE}{size}"] = 1
    else:
        sums[measures.WON_ADJUSTMENTS] = 1
        sums[measures.WON_ADJUSTMENTS_MINOR] = -converted


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

    So an import of old deals in any order does not find half of a deal forgotten. One in a stage that nobody declares
    is kept until somebody does, as it is shown as that.
    """
    if not deal.has_events:
        return heard_of_until_ms(deal, retention)
    if deal.get(LIFE) not in (None, "live"):  # also where a later merge revived it: so its own log tells all of it
        return None
    course = course_of(deal, organisation)
    if course.closed_ms is None or course.undeclared:
        return None
    return max(course.closed_ms, deal.heard_day * DAY_MS) + retention.closed_ms


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
        "split": 11,
    },
    measures=MEASURES,
    histories=frozenset(HISTORIES),
    past=("created_at",),
    names=frozenset({"account_id"}),
    limit_ms=never_late,
    until_ms=_until_ms,
    over_days=over_for_ever,
    contribute=contribute,
    references=references,
    say=say,
)
