"""Money of one currency in another: integer minor units, dated rates, no binary fractions."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

from pipeline.organisation.minor_units import minor_digits

LARGEST_MINOR = 10**15
"""As schemas.types.AmountMinor has it."""
_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)


def convert(amount_minor: int, currency: str, into: str, rate: Decimal | None) -> int | None:
    """An amount in minor units of `into`, rounded half to even; None where no rate is known, or a rate of nothing.

    None also for more than any event may bring: such a rate is a mistake, and sums of such amounts would not fit the
    records that carry them. `rate` is how many units of `into` one unit of `currency` is worth; the same currency needs
    none.
    """
    if currency == into:
        return amount_minor
    if not rate:
        return None
    shift = minor_digits(into) - minor_digits(currency)
    exact = _EXACT.multiply(_EXACT.scaleb(Decimal(amount_minor), shift), rate)
    converted = int(exact.to_integral_value(ROUND_HALF_EVEN, _EXACT))
    return converted if abs(converted) <= LARGEST_MINOR else None


def spread(amount_minor: int, days: int) -> list[int]:
    """An amount divided over days as evenly as whole minor units allow, the first days taking what is over."""
    share, over = divmod(amount_minor, days)
    return [share + 1] * over + [share] * (days - over)
