"""Deals of the simulated quarter: the rules open on the days on which fractions say that fewer are won."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import comb
from random import Random

import pytest

from tests.quarter.clocks import DAY, days_of
from tests.quarter.company import FIRST
from tests.quarter.deals import deals, seen_on
from tests.quarter.drops import Drop
from tests.quarter.exits import Exit, Exits
from tests.quarter.quarter import Quarter
from tests.quarter.run import worked

WEEKS, DROP_WEEK = 13, 7


@pytest.mark.parametrize("seed", [3, 6])
def test_the_rules_see_it_on_the_same_day(seed: int) -> None:
    """Of one team with nothing but deals, looked at every half hour of its work."""
    quarter = Quarter(seed, {"ber-inside": 8, "ldn-sdr": 2, "ny-sdr": 2}, 0.1, 2)
    team, days = quarter.teams[0], days_of(FIRST, 7 * WEEKS)
    begin_ms = team.spans(days[7 * DROP_WEEK])[0][0]
    drop = Drop("win_rate_dropped", team, days[7 * DROP_WEEK], begin_ms, begin_ms + 400 * DAY)
    found = deals(Random(seed), team, days, [drop], [])
    exits = Exits(quarter.teams)
    exits.hear(sorted(found, key=lambda each: each.at_ms))
    deployment = worked(quarter, team, days, found)
    opened: dict[str, date] = {}
    for each in deployment.opened():
        rule, _, scope = each.id.partition(":")
        if scope == f"team:{team.name}":
            opened.setdefault(rule, datetime.fromtimestamp(each.opened_ms / 1000, UTC).date())
    at_work = [day for day in days if team.spans(day)]
    assert opened.get("win_rate_dropped") == seen_on([exits.closed(team.name)], at_work)
    assert opened.get("conversion_dropped") == seen_on(exits.left(team.name), at_work)
    assert "conversion_dropped" in opened


def test_fractions_by_hand() -> None:
    """Before 40 of 80 were won, of the last 20 one: of (0 or 1) of 41 among 20 of 100 that is one in 8,900."""
    today = date(2026, 5, 20)
    before = [Exit(today - timedelta(days=40), number % 2 == 0, 0) for number in range(80)]
    recent = [Exit(today - timedelta(days=5), number == 0, 0) for number in range(20)]
    chance = Fraction(comb(59, 20) + 41 * comb(59, 19), comb(100, 20))
    assert chance < Fraction(1, 8_900)
    assert seen_on([[*before, *recent]], [today]) == today
    assert seen_on([[*before, *recent[:19]]], [today]) is None
    assert seen_on([before], [today]) is None


@pytest.mark.slow
def test_a_team_of_which_two_drops_were_seeded_is_told_of_once() -> None:
    """Fewer of its deals are won from the first of them on."""
    quarter = Quarter(2, {"la-inside": 14, "ber-sdr": 6, "ldn-sdr": 6, "ny-sdr": 6})
    begun = [drop.team.name for drop in quarter.drops if drop.rule == "win_rate_dropped"]
    for _ in quarter.events():
        pass
    expected = [each.id for each in quarter.expected if each.id.startswith("win_rate_dropped:")]
    assert len(begun) > 1
    assert expected == ["win_rate_dropped:team:la-inside"]
