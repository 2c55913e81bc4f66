"""`python -m benchmarks.rate_history`: what it costs to tell the exchange rates of many days, with deals already there.

One ledger and one roster in one process, without a broker. The rates come oldest first: until the next one is there,
each holds for all later days. Printed are processor time in all, and how often each deal was stated.
"""

import argparse
import time
from collections import Counter
from datetime import date
from random import Random
from typing import Any

from pipeline.ledger.ledger_policy import LedgerPolicy
from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation

TODAY = date(2025, 11, 3).toordinal()
DAYS = 1000
"""Deals are spread over so many days."""
APART_MS = 10
"""Between two rates: an import tells a hundred in a second."""
RATES = (30, 100, 300, 1_000)


def world(deals: int) -> World:
    """A ledger that remembers so many won deals in dollars, of as many days as there may be rates for."""
    chance = Random(7)
    made = World(1, LedgerPolicy(swept_objects=0), batch=5000).play(organisation())
    return made.play(one for number in range(deals) for one in _deal(number, chance))


def _deal(number: int, chance: Random) -> list[dict[str, Any]]:
    created, won = (NOON_MS - days * DAY for days in sorted(chance.sample(range(1, DAYS), 2), reverse=True))
    made: dict[str, Any] = {"owner_id": "rep-01", "stage_id": "new", "amount_minor": 100 + number, "currency": "USD"}
    return [
        event("deal", f"d{number}", created, created_at=created, **made),
        event("deal", f"d{number}", won, stage_id="won"),
    ]


def _rate(days_ago: int) -> dict[str, Any]:
    day = date.fromordinal(TODAY - days_ago).isoformat()
    return event("rate", f"r{TODAY - days_ago}", 2000, currency="USD", effective_on=day, rate=f"{1 + days_ago}.5")


def told(of: World, rates: int) -> float:
    """Processor seconds until rates of so many days, one after the other, are worked off."""
    first_ms = of.now_ms
    for number in range(rates):
        of.now_ms = first_ms + number * APART_MS
        of.produce([_rate(DAYS - number * DAYS // rates)])
    began = time.process_time()
    of.settle()
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rate_history", description=__doc__)
    parser.add_argument("--deals", type=int, default=2000)
    asked = parser.parse_args()
    for rates in RATES:
        of = world(asked.deals)
        facts = Counter(topic for topic, _ in of.logs for _ in of.logs[topic, 0])
        seconds = told(of, rates)
        written = sum(len(record.value or b"") for record in of.logs["facts", 0][facts["facts"] :])
        print(f"{rates:5} rates over {asked.deals} deals: {seconds:.2f} s, {written / 1e6:.2f} MB of facts", flush=True)


if __name__ == "__main__":
    main()
