"""The simulated sales floor as a stream of timed events: a pure function of seed, start and rate."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random

from pipeline.organisation.days import DAY_MS
from pipeline.simulator.calls import inbound_call, outbound_call
from pipeline.simulator.deals import advance, open_deal
from pipeline.simulator.disorder import Disorder
from pipeline.simulator.floor_plan import Floor, introduced_at, organisation
from pipeline.simulator.history import STALLED_DAYS, write_history
from pipeline.simulator.moves import go_quiet, move_rep
from pipeline.simulator.outreach import email, lead, meeting, other_activity
from pipeline.simulator.timeline import Timed
from pipeline.simulator.world import Rep, World
from schemas.types import LIMIT_MS, to_ms

EVENTS_PER_ACTION = 2.9
"""Events that one action of a rep gives, on average: measured, so that the rate comes out about right."""
WEIGHTS = {"outbound": 46, "email": 22, "meeting": 5, "lead": 8, "open": 3, "advance": 11, "other": 5}


def sales_floor(
    floor: Floor,
    seed: int,
    start_ms: int,
    rate: Callable[[int], float],
    *,
    disorder: Disorder = Disorder(),  # noqa: B008 (immutable)
    history: bool = True,
    away: Sequence[tuple[str, int, int]] = (),
) -> Iterator[Timed]:
    """Endless events with the instants they are sent at, from `start_ms` on, in order.

    First comes the organisation and, with `history`, what happened in the weeks before. `rate` tells the events per
    second at an instant, `away` who does nothing from one instant to another. The same arguments give the same events.
    """
    world = _world(floor, seed, start_ms, disorder)
    if history:
        write_history(world, start_ms, deals_per_rep=8, calls_per_day=3)
    yield from _introduction(world, start_ms)
    now_ms = start_ms
    while True:
        now_ms += max(1, int(world.random.expovariate(rate(now_ms) / EVENTS_PER_ACTION / 1000)))
        for timed in world.timeline.until(now_ms):
            yield Timed(max(timed.at_ms, start_ms), timed.number, timed.outgoing)
        for rep_id, from_ms, until_ms in away:
            _leave(world, rep_id, from_ms, until_ms, now_ms)
        _act(world, now_ms)


def _world(floor: Floor, seed: int, start_ms: int, disorder: Disorder) -> World:
    world = World(floor, Random(seed), f"{seed}-{start_ms // 1000:x}", disorder, start_ms - STALLED_DAYS * DAY_MS)
    world.reps = [Rep(rep_id, team) for rep_id, team in floor.members()]
    for rep in world.reps:
        if rep.id in floor.absent():
            rep.quiet_until_ms = LIMIT_MS
    return world


def _introduction(world: World, start_ms: int) -> Iterator[Timed]:
    today = datetime.fromtimestamp(start_ms / 1000, UTC).date()
    for subject, data in organisation(world.floor, today):
        yield Timed(start_ms, 0, world.event(subject, to_ms(introduced_at(today)), data))


def _leave(world: World, rep_id: str, from_ms: int, until_ms: int, now_ms: int) -> None:
    rep = next(rep for rep in world.reps if rep.id == rep_id)
    if from_ms <= now_ms < until_ms and rep.quiet_until_ms < until_ms:
        go_quiet(world, rep, now_ms, until_ms)


def _act(world: World, now_ms: int) -> None:
    """One thing happens: somebody calls in, or one of those who are at work does something."""
    random = world.random
    if random.random() < 1 / 2000 and (rep := world.working_rep(now_ms)) is not None:
        go_quiet(world, rep, now_ms, now_ms + random.randint(4, 9) * 60_000)
    if random.random() < 1 / 1500 and (rep := world.working_rep(now_ms, inbound=False)) is not None:
        move_rep(world, rep, now_ms)
    rep = world.working_rep(now_ms)
    if rep is None:
        return
    if rep.team.inbound:
        inbound_call(world, rep, now_ms, phones=True)
        return
    action = random.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
    mine = [deal for deal in world.deals if deal.rep is rep]
    if action == "advance" and mine:
        advance(world, random.choice(mine), now_ms)
    elif action in ("open", "advance"):
        open_deal(world, rep, now_ms)
    else:
        {"outbound": outbound_call, "email": email, "meeting": meeting, "lead": lead, "other": other_activity}[action](
            world, rep, now_ms
        )
