"""The organisation: exchange rates, the stages of sales processes, and what holds for all objects."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from schemas.types import Change, Currency, Id, Instant, LocalDate, Slug, WireModel

LARGEST_RATE = 10**10
"""At a higher one a thousand units in hundredths would be more than any amount may be: a mistake."""


def _usable_rate(rate: str) -> str:
    if not 0 < Decimal(rate) <= LARGEST_RATE:
        raise PydanticCustomError("rate_out_of_range", "an exchange rate is above 0 and at most 10^10")
    return rate


Rate = Annotated[str, StringConstraints(pattern=r"^\d{1,12}(\.\d{1,12})?$"), AfterValidator(_usable_rate)]


class RateChange(Change):
    """Exchange rate from a day on: units of the company's currency per unit of `currency`."""

    currency: Currency | None = None
    """The currency to convert."""
    effective_on: LocalDate | None = None
    """The first day on which it holds, in the company's time zone."""
    rate: Rate | None = None
    """Decimal number as text, so that it is exact; above 0 and at most 10^10."""


class ProcessStage(WireModel):
    """One stage of a sales process, in its order."""

    id: Slug
    """The stage, unique within its process."""
    kind: Literal["open", "won", "lost"] = "open"
    """Whether deals in it are open, won or lost."""
    qualified: bool = False
    """Whether open deals in it count as qualified pipeline."""
    former_ids: Annotated[list[Slug], Field(max_length=20)] = []
    """What it was called before: it is the same stage ever since, and has its newest id in every window."""


class ProcessChange(Change):
    """A sales process: its stages in order, from an instant on. What a deal was told before is read as it was then.

    The earliest edition holds for all time before it too. A deleted process is read on as it was.
    """

    stages: Annotated[list[ProcessStage], Field(min_length=1, max_length=50)] | None = None
    """All stages in order; won and lost stages end a deal. Null takes the edition of that `valid_from` back."""
    valid_from: Instant | None = None
    """The instant from which these stages hold; the time of the event if absent."""
    implied: bool | None = None
    """False if a stage that a deal skips does not count as entered; true by default. It holds for all time."""


MOST_OF_ANYTHING = 20_000
"""The largest cap: up to there it is measured what an object of so many links or changes costs."""
Cap = Annotated[int, Field(ge=1, le=MOST_OF_ANYTHING)]


AdministrativeKind = Literal["note", "task"]


class PolicyChange(Change):
    """What holds for the objects of the company from an instant on; by the time of each event, whenever it comes.

    Of several policies that name a field, the one that began last decides it, then the greater id. Where none does,
    the default holds.
    """

    valid_from: Instant | None = None
    """Unbounded if absent."""
    most_links: Cap | None = None
    """Of how many touches, wins, merges and logged calls one object is told at most; 10,000 by default."""
    most_changes: Cap | None = None
    """How many changes of stage, owner, split, amount, currency and expected close a deal takes; 10,000 by default."""
    most_closings: Cap | None = None
    """How many more a full deal takes that close it; 10,000 by default."""
    nobody: Annotated[list[Id], Field(max_length=1000)] | None = None
    """Ids that stand for no lead, deal or account, in small or capital letters; `-`, `0`, `n/a`, `n.a.`, `na`, `nil`,
    `none`, `null`, `undefined` and `unknown` by default."""
    counted_activities: Annotated[list[AdministrativeKind], Field(max_length=2)] | None = None
    """Which of notes and tasks count as activities of their rep, as calls and visits do; none by default."""
