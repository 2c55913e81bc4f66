"""What a currency is worth in the company's, from a day on: exchange rates, and who asked for which of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, MutableMapping, Set
from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.organisation.overlay import Groups, Overlay

Record = dict[str, Any]


class Asked(NamedTuple):
    """A rate that was asked for: of a currency on a day, None for the day of now."""

    currency: str
    day: int | None


class RateSpan(NamedTuple):
    """The days that one record decides the rate of a currency for: from the first until another one's, if any."""

    currency: str
    first_day: int
    end_day: int | None

    def has(self, day: int) -> bool:
        """Whether a day is one of them."""
        return self.first_day <= day and (self.end_day is None or day < self.end_day)

    def among(self, days: Set[int]) -> Iterable[int]:
        """Those of these days that are of the span; mostly it is a day long, and there are thousands of them."""
        if self.end_day is not None and self.end_day - self.first_day <= len(days):
            return (day for day in range(self.first_day, self.end_day) if day in days)
        return (day for day in days if self.has(day))


class Rates:
    """The newest rate of each currency that is effective on a day; of two from one day on, that with the greater id."""

    def __init__(self, below: "Rates | None" = None) -> None:
        self._given: Groups[tuple[str, int], Decimal] = below._given.over() if below else Groups()
        """By currency and first day."""
        self._days: MutableMapping[str, list[int]] = Overlay(below._days) if below else {}
        """By currency: the days from which a rate is given, in order. A list is replaced, never changed."""

    def over(self) -> "Rates":
        """Rates that begin as these are, and change without them; these stay as they are meanwhile."""
        return Rates(self)

    def put(self, name: str, old: Record | None, record: Record | None) -> None:
        """Replace one rate; one without its currency, day or rate says nothing."""
        before, after = (place_of(each) if each else None for each in (old, record))
        if before and before != after:
            self._take(before, name)
        if record and after:
            self._add(after, name, Decimal(record["rate"]))

    def _add(self, place: tuple[str, int], name: str, rate: Decimal) -> None:
        currency, day = place
        if not self._given.of(place):
            known = self._days.get(currency, [])
            at = bisect_left(known, day)
            self._days[currency] = [*known[:at], day, *known[at:]]
        self._given.put(place, name, rate)

    def _take(self, place: tuple[str, int], name: str) -> None:
        currency, day = place
        if self._given.take(place, name) is not None and not self._given.of(place):
            self._days[currency] = [known for known in self._days[currency] if known != day]

    def on(self, currency: str, day: int) -> Decimal | None:
        """The rate on a day."""
        known = self._days.get(currency, ())
        effective = bisect_right(known, day)
        if not effective:
            return None
        given = self._given.of((currency, known[effective - 1]))
        return given[max(given)]

    def at(self, currency: str, today: int) -> Decimal | None:
        """The rate of now, which is on a day."""
        return self.on(currency, today)

    def span(self, record: Record) -> RateSpan | None:
        """The days for which a record decides, or would if its id is not the greatest; None for one that says nothing.

        It is one of these rates.
        """
        place = place_of(record)
        if place is None:
            return None
        currency, day = place
        known = self._days.get(currency, ())
        following = bisect_right(known, day)
        return RateSpan(currency, day, known[following] if following < len(known) else None)


class AskedRates(Rates):
    """Rates that note which of them were asked for, in `asked`."""

    def __init__(self, rates: Rates) -> None:
        super().__init__(rates)
        self.asked: set[Asked] = set()

    def on(self, currency: str, day: int) -> Decimal | None:
        self.asked.add(Asked(currency, day))
        return super().on(currency, day)

    def at(self, currency: str, today: int) -> Decimal | None:
        self.asked.add(Asked(currency, None))
        return super().on(currency, today)


def place_of(record: Record) -> tuple[str, int] | None:
    """The currency and first day of a rate; None of one that says nothing."""
    currency, day = record.get("currency"), record.get("effective_on")
    return (currency, day) if currency and day and record.get("rate") else None
