"""What the simulated sales floor knows at one moment, and how its systems write events."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from pipeline.sending.event import Outgoing, domain_of
from pipeline.simulator.disorder import Disorder
from pipeline.simulator.floor_plan import Floor, Team
from pipeline.simulator.rhythm import busyness
from pipeline.simulator.timeline import Timeline
from schemas.events import iso

SOURCES = {"crm": "sim-crm", "telephony": "sim-dialer", "org": "sim-hr"}


@dataclass(slots=True)
class Rep:
    """A rep as it is now. It does nothing before `quiet_until_ms`."""

    id: str
    team: Team
    quiet_until_ms: int = 0


@dataclass(slots=True)
class Deal:
    """An open deal as it is now; `stage` counts from 0."""

    id: str
    rep: Rep
    account_id: str
    amount_minor: int
    stage: int = 0
    events: int = 0


@dataclass(slots=True)
class World:
    """The state of the simulation. Everything that happens is drawn from `random`, so a seed gives one world."""

    floor: Floor
    random: Random
    prefix: str
    disorder: Disorder
    stalls_from_ms: int
    """From then on many deals are lost in one of the stages."""
    timeline: Timeline = field(default_factory=Timeline)
    reps: list[Rep] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    leads: list[tuple[str, Rep]] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    objects: int = 0
    events: int = 0

    def new_id(self) -> str:
        """An id for a new object; no other run of the simulator with another seed or start has it."""
        self.objects += 1
        return f"{self.prefix}-{self.objects}"

    def working_rep(self, now_ms: int, inbound: bool | None = None) -> Rep | None:
        """Somebody who is at work now, the likelier the busier the team is; None while everybody is quiet."""
        able = [
            rep
            for rep in self.reps
            if rep.quiet_until_ms <= now_ms and (inbound is None or rep.team.inbound == inbound)
        ]
        weights = [busyness(rep.team, now_ms) for rep in able]
        return self.random.choices(able, weights)[0] if able else None

    def event(
        self, subject: str, time_ms: int, data: dict[str, Any] | None, verb: str = "changed", **more: Any
    ) -> Outgoing:
        """Write an event of the system that owns the subject; `more` are further attributes of the envelope."""
        self.events += 1
        kind = subject.partition(":")[0]
        domain = domain_of(kind)
        event = {
            "specversion": "1.0",
            "id": f"{self.prefix}-e{self.events}",
            "source": SOURCES[domain],
            "type": f"{domain}.{kind}.{verb}",
            "subject": subject,
            "time": iso(time_ms),
            **more,
            "data": data or {},
        }
        return Outgoing(event)

    def send(
        self, subject: str, time_ms: int, data: dict[str, Any] | None, verb: str = "changed", **more: Any
    ) -> Outgoing:
        """Write an event and have it sent when it happened, unless the systems are in disorder."""
        outgoing = self.event(subject, time_ms, data, verb, **more)
        for delay_ms in self.disorder.delays_ms(self.random):
            self.timeline.add(time_ms + delay_ms, outgoing)
        return outgoing
