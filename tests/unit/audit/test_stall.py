"""Where prospects stall: the audit works out the same stage and figures from the same cells."""

from random import Random

import pytest

from pipeline.audit.database import Database
from pipeline.scores.stall import LOOKED_AT_DAYS, Exits, where_stalled

TODAY = 740_000
STAGES = ("default:new", "default:offer", "default:qualified", "default:unassigned")
TABLES = """
    CREATE TABLE member AS SELECT 'team:north' AS scope, 'team:north' AS home, 'north' AS team, '7' AS rep
        UNION ALL SELECT 'rep:7@north', 'team:north', 'north', '7';
    CREATE TABLE asked AS SELECT DISTINCT scope, home, 'now' AS kind, 'now' AS win, scope LIKE 'rep:%' AS rep
        FROM member;
    CREATE TABLE calendar AS SELECT 'team:north' AS home, 740000 AS today;
    CREATE TABLE scope_cell (scope VARCHAR, home VARCHAR, day BIGINT, minute BIGINT, measure VARCHAR, stage VARCHAR,
        amount HUGEINT);
    CREATE TABLE expected (scope VARCHAR, home VARCHAR, kind VARCHAR, win VARCHAR, kpi VARCHAR, path VARCHAR,
        number DOUBLE, family VARCHAR, formula VARCHAR);
"""


def _exits(random: Random) -> Exits:
    """A stage that goes its way, or that fewer leave, or that lose their way at some time."""
    deals, onward, spent = ([0] * LOOKED_AT_DAYS for _ in range(3))
    busy, share, hours = random.choice((0.2, 1, 3)), random.random(), random.randrange(1, 400)
    for day in range(random.choice((0, 0, 60, 120)), LOOKED_AT_DAYS):
        if random.random() < 0.01:
            share, hours = random.random(), random.randrange(1, 400)
        deals[day] = random.randrange(int(busy * 4) + 1)
        onward[day] = sum(random.random() < share for _ in range(deals[day]))
        spent[day] = sum(random.randrange(hours * 3_600_000) for _ in range(deals[day]))
    return Exits(deals, onward, spent)


@pytest.mark.parametrize("seed", range(8))
def test_the_audit_names_the_same_stage(seed: int) -> None:
    """Number by number, and nothing of reps."""
    random = Random(seed)
    stages = {stage: _exits(random) for stage in STAGES}
    samples, cells = [], []
    for stage, exits in stages.items():
        for number, (deals, onward, spent_ms) in enumerate(zip(*exits, strict=True)):
            day = TODAY - LOOKED_AT_DAYS + number
            samples += [
                {"team": "north", "rep": "7", "day": day, "measure": measure, "stage": stage, "value": 0}
                for measure in random.choices(("stage_once", "stage_latest"), k=deals)
            ]
            sums = {"stage_left_on": onward, random.choice(("stage_once_ms", "stage_latest_ms")): spent_ms}
            cells += [
                {
                    "scope": scope, "home": "team:north", "day": day, "measure": name, "stage": stage,
                    "amount": amount,
                }
                for name, amount in sums.items() if amount
                for scope in ("team:north", "rep:7@north")
            ]  # fmt: skip
    with Database() as database:
        database.run("definition")
        database.execute(TABLES)
        database.fill("counted_sample", samples)
        database.fill("scope_cell", cells)
        database.run("stall")
        told = {
            (scope, path): number for scope, path, number in database.rows("SELECT scope, path, number FROM expected")
        }

    found = where_stalled(stages)
    wanted = {("team:north", "value"): found["value"]}
    for stage, judged in found["stages"].items():
        wanted |= {("team:north", f"stages.{stage}.{name}"): number for name, number in judged.items()}
    assert told == wanted
