"""Deals: opened, moved through the stages, their amounts changed, won, lost, reopened, deleted, merged."""

from pipeline.organisation.days import DAY_MS, MINUTE_MS
from pipeline.simulator.floor_plan import LOST, STAGES, STALLING, WON
from pipeline.simulator.world import Deal, Rep, World
from schemas.events import iso


def open_deal(world: World, rep: Rep, now_ms: int) -> Deal:
    """A rep opens a deal, out of one of the rep's leads where there is one."""
    random = world.random
    amount = random.randint(20, 400) * 10_000
    deal = Deal(world.new_id(), rep, _account(world, rep, now_ms), amount)
    data = {"owner_id": rep.id, "account_id": deal.account_id, "process_id": "default", "stage_id": STAGES[0]}
    money = {"amount_minor": amount, "currency": rep.team.currency, "created_at": iso(now_ms)}
    _change(world, deal, now_ms, data | money | _expected(deal, now_ms) | _split(world, rep))
    world.deals.append(deal)
    mine = [entry for entry in world.leads if entry[1] is rep]
    if mine:
        world.leads.remove(mine[0])
        converted = {"status": "converted", "closed_at": iso(now_ms), "deal_id": deal.id}
        world.send(f"lead:{mine[0][0]}", now_ms, converted)
    return deal


def advance(world: World, deal: Deal, now_ms: int) -> None:
    """A deal goes on to the next stage, now and then back by one; from the last one to won; or it is lost."""
    random = world.random
    stalls = deal.stage == STALLING and now_ms >= world.stalls_from_ms
    if random.random() < (0.6 if stalls else 0.14 + 0.02 * deal.stage):
        _close(world, deal, now_ms, LOST)
    elif deal.stage + 1 == len(STAGES):
        _close(world, deal, now_ms, WON)
    else:
        steps = random.choice((1, 1, 1, 1, 1, 1, 2, 2, -1))
        deal.stage = min(max(deal.stage + steps, 0), len(STAGES) - 1)
        _change(world, deal, now_ms, {"stage_id": STAGES[deal.stage]})
    if deal in world.deals and random.random() < 0.3:
        deal.amount_minor = max(10_000, deal.amount_minor + random.randint(-30, 40) * 10_000)
        money = {"amount_minor": deal.amount_minor, "currency": deal.rep.team.currency}
        _change(world, deal, now_ms, money | _expected(deal, now_ms))


def _split(world: World, rep: Rep) -> dict[str, object]:
    """Now and then a colleague, of whichever team, shares the credit."""
    colleague = world.random.choice(world.reps)
    if colleague is rep or world.random.random() > 0.1:
        return {}
    share_bp = world.random.choice((2_500, 3_333, 5_000))
    return {"split": [{"rep_id": rep.id, "share_bp": 10_000 - share_bp},
                      {"rep_id": colleague.id, "share_bp": share_bp}]}  # fmt: skip


def _expected(deal: Deal, now_ms: int) -> dict[str, object]:
    """When it is to close: the more it is worth the later, so that it is pushed or pulled with its amount."""
    days = 7 + deal.amount_minor // 50_000
    return {"expected_close_on": iso(now_ms + days * DAY_MS)[:10]}


def _close(world: World, deal: Deal, now_ms: int, stage: str) -> None:
    """Won or lost; some closings are corrected, reopened, deleted or merged away soon after."""
    random, disorder = world.random, world.disorder
    world.deals.remove(deal)
    closing = _change(world, deal, now_ms, {"stage_id": stage})
    later_ms = now_ms + random.randint(5_000, 10 * MINUTE_MS)
    if stage == WON and random.random() < disorder.corrected:
        deal.amount_minor += random.randint(1, 20) * 10_000
        money = {"amount_minor": deal.amount_minor, "currency": deal.rep.team.currency}
        _change(world, deal, now_ms, money)
    if random.random() < disorder.corrected:
        earlier = {"stage_id": LOST if stage == WON else WON}
        world.send(f"deal:{deal.id}", now_ms, earlier, sequence=deal.events + 1, corrects=closing)
        deal.events += 1
    elif random.random() < disorder.corrected:
        deal.events += 1
        world.send(f"deal:{deal.id}", later_ms, {"stage_id": STAGES[-1]}, sequence=deal.events)
    elif random.random() < disorder.deleted:
        world.send(f"deal:{deal.id}", later_ms, None, "deleted", sequence=deal.events + 1)
    elif random.random() < disorder.merged and world.deals:
        into = random.choice(world.deals).id
        world.send(f"deal:{deal.id}", later_ms, {"into": into}, "merged", sequence=deal.events + 1)


def _change(world: World, deal: Deal, now_ms: int, data: dict[str, object]) -> str:
    """Send a change of a deal; returns the event's id."""
    deal.events += 1
    return str(world.send(f"deal:{deal.id}", now_ms, data, sequence=deal.events).event["id"])


def _account(world: World, rep: Rep, now_ms: int) -> str:
    """The account of a new deal: one that is there, or, often, a new one."""
    if world.accounts and world.random.random() < 0.4:
        return world.random.choice(world.accounts)
    account_id = world.new_id()
    data = {"owner_id": rep.id, "created_at": iso(now_ms), "segment": world.random.choice(("small", "mid", "large"))}
    world.send(f"account:{account_id}", now_ms, data)
    world.accounts.append(account_id)
    return account_id
