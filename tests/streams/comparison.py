"""One stream through the pipeline and through the audit: wherever they differ."""

import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from pipeline.audit.database import Database
from pipeline.audit.relay_check import check_passing_on
from pipeline.organisation.days import EPOCH_DAY
from pipeline.scores.windows import utc_day
from tests.harness.industry import industry_differences, industry_fields
from tests.harness.mood_figures import mood_differences
from tests.harness.per_rep import per_rep_differences
from tests.harness.recognising_boards import RecognisingBoards, recognition_differences
from tests.streams.strand import DAYS, END, REPS, START
from tests.streams.stream import stream
from tests.unit.audit.logs_of import audited
from tests.unit.ledger.world import DAY, MINUTE, World, event, organisation

FORGOTTEN_MS = END - 34 * DAY
"""Of what happened before, moves concern activities only as long as these are remembered."""
FORGOTTEN_DAY = utc_day(FORGOTTEN_MS) + 1
"""The first day of what no minute has; a local day may begin half a day before that of UTC."""
SETTLED_DAY = utc_day(END) - 1
"""The same of what phones were set to."""
AT_ONCE = ("org.policy.changed", "org.policy.deleted")
"""Passed on without delay: days later there may be activities that are forgotten, and count as they did for ever."""
Cells = dict[tuple[object, ...], int]
Brief = tuple[frozenset[str], frozenset[str]]


class Compared(NamedTuple):
    """A stream that went through both: its events, how many of them came too late, and wherever the two differ."""

    seed: int
    events: int
    late: int
    differences: list[str]


def compare(seed: int) -> Compared:
    """Everything in which pipeline and audit differ over the stream of a seed."""
    world = play(seed)
    with audited(world) as database:
        brief = _measures(database, "briefly"), _measures(database, "shortly")
        unsure = _strangers_had_ids(seed)
        folded, expected = (
            _without_strangers(cells) if unsure else cells
            for cells in (_folded(world, brief), _worked_out(database, brief))
        )
        found = list(_unequal("cell", folded, expected))
        found += _unequal("dead letter", _letters(world), _left_out(database))
        found += [f"{each.where}: {each}" for each in check_passing_on(database, None)[0]]
        boards = RecognisingBoards(world, Random(seed)).read()
        found += [f"recognition: {each}" for each in recognition_differences(database, world, boards)[0]]
        found += [f"for each rep: {each}" for each in per_rep_differences(database, world, boards)[0]]
        found += [f"talks, ratings and surveys: {each}" for each in mood_differences(database, boards)[0]]
        found += [f"industry: {each}" for each in industry_differences(database, industry_fields(boards))]
    return Compared(seed, len(stream(seed)), world.reasons().count("late"), found)


def play(seed: int) -> World:
    """The stream through every ledger, in batches, with restarts; ticks let what is forgotten be swept, or do not."""
    random = Random(seed)
    world = World(partitions=2)
    world.now_ms = START
    world.play(organisation(), [event("rep", "rep-03", 1000, active=True)])
    swept = random.random() < 0.7
    for told in stream(seed):
        world.now_ms = max(world.now_ms, told.at_ms)
        for _ in range(random.choice((0, 1, 20)) if swept else 0):
            world.tick()
        for _ in range(random.choice((1, 1, 1, 1, 2))):
            world.produce([told.event], partition=random.choice((None, None, None, 0, 1)))
        if random.random() < 0.8 or told.event["type"] in AT_ONCE:
            world.run()
        if random.random() < 0.02:
            world.restart(*random.choice(sorted(world.stages)))
    world.now_ms = START + DAYS * DAY
    for _ in range(2):
        world.tick()
        world.run()
        world.now_ms += MINUTE
    return world


def _strangers_had_ids(seed: int) -> bool:
    """Whether an id, or the rep whom one means, is nobody's whom the organisation knows ever."""
    said = (told.event["data"] for told in stream(seed) if told.event["type"] == "org.identity.changed")
    return any(name not in REPS for data in said for name in (data.get("external_id"), data.get("rep_id")) if name)


def _without_strangers(cells: Cells) -> Cells:
    """Without states of phones of days ago: whoever was a stranger when these were settled has them in no timeline."""
    stretches = ("phone_stretch:", "phone_stretches_beyond")
    return {
        place: amount
        for place, amount in cells.items()
        if place[-1] != "days ago" or not str(place[0]).startswith(stretches)
    }


def _measures(database: Database, kept: str) -> frozenset[str]:
    """The measures of what is remembered so: briefly activities, shortly what phones are set to."""
    asked = f"""
        WITH brief AS (FROM definition JOIN kind_rule USING (kind) WHERE kept = '{kept}')
        SELECT unnest(list_concat(above, below)) FROM brief
        UNION SELECT measure FROM left_out JOIN brief USING (kpi)
    """
    return frozenset(measure for (measure,) in database.rows(asked))


def _folded(world: World, brief: Brief) -> Cells:
    found: Counter[tuple[object, ...]] = Counter()
    for place, sums in world.total().items():
        for measure, amount in sums.items():
            name, tilde, _ = measure.partition("~")
            found[_place(brief, *place, name + tilde)] += amount
    return found


def _worked_out(database: Database, brief: Brief) -> Cells:
    named = "measure || CASE WHEN stage IS NULL THEN '' ELSE ':' || stage END"
    cells = database.rows(f"SELECT team, rep, day, minute, {named}, amount FROM cell")
    cells += database.rows(f"SELECT team, rep, day, minute, {named} || '~', count(*) FROM sample GROUP BY ALL")
    found: Counter[tuple[object, ...]] = Counter()
    for *place, amount in cells:
        found[_place(brief, *place)] += amount
    return found


def _place(brief: Brief, team: str, rep: str, day: int | None, minute: int | None, measure: str) -> tuple[object, ...]:
    """The cell; of what counted long ago and is no longer remembered only the measure, as it stayed where it was."""
    briefly, shortly = brief
    is_forgotten = minute * MINUTE < FORGOTTEN_MS if minute is not None else day is not None and day < FORGOTTEN_DAY
    if measure.partition(":")[0] in briefly and is_forgotten:
        return (measure, "long ago")
    of_day = minute // 1440 + EPOCH_DAY if day is None and minute is not None else day
    if measure.partition(":")[0] in shortly and of_day is not None and of_day < SETTLED_DAY:
        return (measure, "days ago")
    return (team, rep, day, minute, measure)


def _letters(world: World) -> Counter[tuple[object, ...]]:
    """The ids of all events that the pipeline refused."""
    found: Counter[tuple[object, ...]] = Counter()
    for partition in range(world.partitions):
        for letter in world.logs.get(("dead-letters", partition), []):
            found[json.loads(letter.value or b"{}").get("id"),] += 1
    return found


def _left_out(database: Database) -> Counter[tuple[object, ...]]:
    """The ids of all events that the audit takes for refused."""
    read = "(SELECT log, pos, id FROM event UNION ALL SELECT log, pos, id FROM misplaced)"
    rows = database.rows(f"SELECT id, count(*) FROM {read} ANTI JOIN change USING (log, pos) GROUP BY id")
    return Counter({(name,): count for name, count in rows})


def _unequal(what: str, folded: Cells, worked_out: Cells) -> Iterator[str]:
    for place in sorted(folded.keys() | worked_out.keys(), key=str):
        shown, expected = folded.get(place, 0), worked_out.get(place, 0)
        if shown != expected:
            yield f"{what} {place}: the pipeline has {shown}, the audit {expected}"
