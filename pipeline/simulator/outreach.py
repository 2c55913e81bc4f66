"""Emails, meetings, leads and other activities."""

from typing import Any

from pipeline.simulator.world import Rep, World
from schemas.events import iso

CHANNELS = ("web", "event", "referral", "partner")


def email(world: World, rep: Rep, now_ms: int) -> None:
    """A rep writes to somebody, or a sequence does in the rep's name."""
    data: dict[str, Any] = {"rep_id": rep.id, "sent_at": iso(now_ms), "direction": "outbound"}
    if world.random.random() < 0.2:
        data["bulk"] = True
    elif (lead := _lead_of(world, rep)) is not None:
        data["lead_id"] = lead
    subject = f"email:{world.new_id()}"
    world.send(subject, now_ms, data)
    if world.random.random() < world.disorder.deleted:
        world.send(subject, now_ms + world.random.randint(5_000, 120_000), None, "deleted")


def meeting(world: World, rep: Rep, now_ms: int) -> None:
    """A rep books a meeting, soon or in some days; later it is held, missed or cancelled."""
    random = world.random
    subject = f"meeting:{world.new_id()}"
    ahead_ms = random.choice((random.randint(60_000, 1_800_000), random.randint(3_600_000, 5 * 86_400_000)))
    starts_ms = now_ms + ahead_ms
    booked = {"rep_id": rep.id, "booked_at": iso(now_ms), "starts_at": iso(starts_ms), "status": "scheduled"}
    world.send(subject, now_ms, {**booked, **_deal_of(world, rep)})
    status = random.choices(("held", "no_show", "cancelled"), (78, 12, 10))[0]
    known_ms = starts_ms + random.randint(600_000, 2_400_000)
    if status == "cancelled":
        known_ms = now_ms + ahead_ms // 2
    world.send(subject, known_ms, {"status": status})


def lead(world: World, rep: Rep, now_ms: int) -> None:
    """A new lead comes in for a rep."""
    lead_id = world.new_id()
    data = {"owner_id": rep.id, "created_at": iso(now_ms), "status": "open"}
    world.send(f"lead:{lead_id}", now_ms, {**data, "channel": world.random.choice(CHANNELS)})
    world.leads.append((lead_id, rep))
    if world.random.random() < world.disorder.merged and len(world.leads) > 3:
        other = world.random.choice(world.leads[:-1])[0]
        world.leads.pop()
        world.send(f"lead:{lead_id}", now_ms + world.random.randint(5_000, 240_000), {"into": other}, "merged")


def other_activity(world: World, rep: Rep, now_ms: int) -> None:
    """A task, note or visit."""
    kind = world.random.choice(("task", "note", "visit"))
    data = {"kind": kind, "rep_id": rep.id, "occurred_at": iso(now_ms), **_deal_of(world, rep)}
    world.send(f"activity:{world.new_id()}", now_ms, data)


def _lead_of(world: World, rep: Rep) -> str | None:
    mine = [lead_id for lead_id, owner in world.leads[-60:] if owner is rep]
    return world.random.choice(mine) if mine else None


def _deal_of(world: World, rep: Rep) -> dict[str, str]:
    mine = [deal.id for deal in world.deals if deal.rep is rep]
    return {"deal_id": world.random.choice(mine)} if mine else {}
