"""Calls: rung, answered or not, talked, held, passed on, ended; logged a second time in the CRM now and then."""

from typing import Any

from pipeline.simulator.world import Rep, World
from schemas.events import iso

MISSED = ("voicemail", "no_answer", "busy", "bad_number")


def outbound_call(world: World, rep: Rep, now_ms: int) -> None:
    """A rep dials a lead or the contact of a deal."""
    random = world.random
    call_id = world.new_id()
    ringing_ms = random.randint(3_000, 25_000)
    answered = random.random() < 0.42
    talk_ms = min(1_500_000, int(random.lognormvariate(4.6, 0.9) * 1000)) if answered else 0
    about = _about(world, rep)
    start = {"rep_id": rep.id, "direction": "outbound", "state": "ringing", "started_at": iso(now_ms), **about}
    end_ms = now_ms + ringing_ms + talk_ms
    end: dict[str, Any] = {"state": "ended", "ended_at": iso(end_ms), "ringing_seconds": ringing_ms / 1000}
    world.send(f"call:{call_id}", now_ms, start)
    if answered:
        answered_at = {"state": "answered", "outcome": "answered", "answered_at": iso(now_ms + ringing_ms)}
        world.send(f"call:{call_id}", now_ms + ringing_ms, answered_at)
        end |= {"outcome": "answered", "talk_seconds": talk_ms / 1000, "wrap_up_seconds": random.randint(0, 60)}
        if random.random() < 0.06:
            end["hold_seconds"] = random.randint(5, 90)
            end_ms += int(end["hold_seconds"] * 1000)
            end["ended_at"] = iso(end_ms)
    else:
        end["outcome"] = random.choices(MISSED, (30, 50, 12, 8))[0]
    world.send(f"call:{call_id}", end_ms, end)
    _afterwards(world, call_id, end_ms, {"rep_id": rep.id, "connected": answered, **about})


def inbound_call(world: World, rep: Rep, now_ms: int, *, phones: bool = False) -> None:
    """Somebody calls the queue; a rep answers, or the caller gives up. With `phones` the dialer tells of those too."""
    random = world.random
    subject = f"call:{world.new_id()}"
    wait_ms = int(random.expovariate(1 / 22_000))
    queued = {"direction": "inbound", "state": "queued", "started_at": iso(now_ms), "queue_id": "hotline"}
    world.send(subject, now_ms, {**queued, "team_id": rep.team.id})
    waited = {"wait_seconds": wait_ms / 1000}
    if random.random() < 0.12:
        gone_ms = now_ms + wait_ms
        rang = {"legs": [{"rep_id": rep.id, "ended_at": iso(gone_ms)}]} if random.random() < 0.3 else {}
        gone = {"state": "ended", "outcome": "abandoned", "ended_at": iso(gone_ms), **waited, **rang}
        world.send(subject, gone_ms, gone)
        return
    answered_ms = now_ms + wait_ms
    legs = _missed(world, rep, now_ms, wait_ms)
    took: dict[str, Any] = {"rep_id": rep.id, "answered_at": iso(answered_ms)}
    answer = {"state": "answered", "outcome": "answered", **took, **waited}
    world.send(subject, answered_ms, answer | ({"legs": [*legs, took]} if legs else {}))
    talk_ms = min(1_500_000, int(random.lognormvariate(4.9, 0.7) * 1000))
    hold_ms = random.randint(8_000, 120_000) if random.random() < 0.15 else 0
    end_ms = answered_ms + talk_ms + hold_ms
    ended: dict[str, Any] = {"ended_at": iso(end_ms), "talk_seconds": talk_ms / 1000, "hold_seconds": hold_ms / 1000}
    world.send(subject, end_ms, {"state": "ended", **ended} | ({"legs": [*legs, took | ended]} if legs else {}))
    wrapped_up_ms = _wrap_up(world, subject, end_ms, [*legs, took | ended] if legs else None)
    if phones:
        for at_ms, state in ((answered_ms, "on_call"), (end_ms, "wrap_up"), (wrapped_up_ms, "available")):
            set_phone(world, rep, at_ms, state)


def _missed(world: World, rep: Rep, now_ms: int, wait_ms: int) -> list[dict[str, Any]]:
    """At whom it rang in vain before the rep took it."""
    if wait_ms < 25_000 or world.random.random() > 0.4:
        return []
    colleagues = [other for other in world.reps if other.team is rep.team and other is not rep]
    if not colleagues:
        return []
    return [{"rep_id": world.random.choice(colleagues).id, "ended_at": iso(now_ms + 20_000)}]


def _wrap_up(world: World, subject: str, end_ms: int, legs: list[dict[str, Any]] | None) -> int:
    """The dialer knows how long the rep worked on it once that is done; gives when that is."""
    wrap_up_ms = world.random.randint(5_000, 90_000)
    worked = {"wrap_up_seconds": wrap_up_ms / 1000}
    told: dict[str, Any] = dict(worked) if legs is None else {"legs": [*legs[:-1], legs[-1] | worked]}
    world.send(subject, end_ms + wrap_up_ms, told)
    return end_ms + wrap_up_ms


def set_phone(world: World, rep: Rep, at_ms: int, state: str, **reason: str) -> None:
    """The dialer tells what the phone of a rep is set to from an instant on."""
    world.send(f"agent:{rep.id}", at_ms, {"state": state, **reason})


def _about(world: World, rep: Rep) -> dict[str, str]:
    """Whom the call is with: an open lead or deal of the rep, or nobody the CRM knows."""
    leads = [lead for lead, owner in world.leads[-60:] if owner is rep]
    deals = [deal.id for deal in world.deals if deal.rep is rep]
    if leads and world.random.random() < 0.5:
        return {"lead_id": world.random.choice(leads)}
    return {"deal_id": world.random.choice(deals)} if deals and world.random.random() < 0.6 else {}


def _afterwards(world: World, call_id: str, end_ms: int, note: dict[str, Any]) -> None:
    """What follows some calls: a note of it in the CRM, a correction by the dialer, a deletion."""
    random, disorder = world.random, world.disorder
    if random.random() < 0.12:
        logged = {"kind": "call", "occurred_at": iso(end_ms), "call_id": call_id, "direction": "outbound", **note}
        world.send(f"activity:{world.new_id()}", end_ms + random.randint(10_000, 120_000), logged)
    if random.random() < disorder.corrected:
        other = "voicemail" if note["connected"] else "answered"
        world.send(f"call:{call_id}", end_ms + random.randint(1_000, 180_000), {"outcome": other})
    if random.random() < disorder.deleted:
        world.send(f"call:{call_id}", end_ms + random.randint(5_000, 300_000), None, "deleted")
