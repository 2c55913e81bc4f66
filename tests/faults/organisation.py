"""What befalls an organisation: backdated moves, other zones and stages, reps that become known late, leave, return."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from schemas.events import iso
from tests.faults.sent import DAY_MS, HOUR_MS, Sent, event

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC", "America/Sao_Paulo")
STAGES: list[dict[str, Any]] = [
    {"id": "new"},
    {"id": "offer", "qualified": True},
    {"id": "won", "kind": "won"},
    {"id": "lost", "kind": "lost"},
]
RENEWAL: list[dict[str, Any]] = [
    {"id": "due", "qualified": True},
    {"id": "won", "kind": "won"},
    {"id": "churned", "kind": "lost"},
]
PROCESSES: Mapping[str, list[dict[str, Any]]] = {"default": STAGES, "renewal": RENEWAL}
RENAMED = {"offer": "proposal", "lost": "closed-lost", "due": "renewing"}
"""What stages are called after a while, or no longer."""
UNKNOWN = 0.02
Numbers = Callable[[], int]


class Changes:
    """Makes organisation events. Every sixth rep is not known at first: that comes after their activity.

    Beside those who work there are so many `idle` reps, and so many `memberships` of one rep that are long over.
    """

    def __init__(self, random: Random, teams: int, reps: int, idle: int = 0, memberships: int = 0) -> None:
        self._random = random
        self._idle = [f"idle-{n:04d}" for n in range(idle)]
        self._memberships = memberships
        self._teams = [f"team-{n:02d}" for n in range(teams)]
        self._reps = [f"rep-{n:03d}" for n in range(reps)]
        self._hidden = self._reps[5::6]
        self._moves = 0

    def somebody(self) -> str:
        """A rep, known or not yet, at times one that nobody will ever know."""
        if self._random.random() < UNKNOWN:
            return f"ghost-{self._random.randrange(20)}"
        return self._random.choice(self._reps)

    def team(self) -> str:
        """A team."""
        return self._random.choice(self._teams)

    def beginning(self, since_ms: int, number: Numbers) -> list[Sent]:
        """What is there from the start. The last two teams belong to a larger one."""
        zone = "Europe/Berlin"
        sent = [
            event("company", "company", since_ms, number(), time_zone=zone, currency="EUR"),
            *(event("process", name, since_ms, number(), stages=stages) for name, stages in PROCESSES.items()),
            event("rate", "usd", since_ms, number(), currency="USD", effective_on="2026-01-01", rate="0.91"),
        ]
        for index, team in enumerate(self._teams):
            parent = self._teams[0] if index >= len(self._teams) - 2 else None
            zone = ZONES[index % len(ZONES)]
            sent.append(event("team", team, since_ms, number(), time_zone=zone, parent_id=parent))
        for index, rep in enumerate([*self._reps, *self._idle]):
            if rep not in self._hidden:
                sent += self._joins(rep, self._teams[index % len(self._teams)], since_ms, since_ms, number)
        return [*sent, *self._former(since_ms, number)]

    def one(self, now_ms: int, number: Numbers) -> list[Sent]:
        """One change."""
        kinds = (self._move, self._zone, self._parent, self._known, self._gone, self._rate, self._process)
        return self._random.choices(kinds, (6, 2, 1, 2, 2, 1, 2))[0](now_ms, number)

    def _former(self, since_ms: int, number: Numbers) -> list[Sent]:
        """The first rep has changed the team every hour, for a while before everything else."""
        begins = [since_ms - (n + 1) * HOUR_MS for n in range(self._memberships)]
        return [
            event(
                "membership", f"former-{n}", since_ms, number(), rep_id=self._reps[0],
                team_id=self._teams[n % len(self._teams)], valid_from=from_ms, valid_to=from_ms + HOUR_MS,
            )
            for n, from_ms in enumerate(begins)
        ]  # fmt: skip

    def _joins(self, rep: str, team: str, from_ms: int, at_ms: int, number: Numbers) -> list[Sent]:
        return [
            event("rep", rep, at_ms, number(), active=True),
            event("membership", f"{rep}-0", at_ms, number(), rep_id=rep, team_id=team, valid_from=from_ms),
        ]

    def _move(self, now_ms: int, number: Numbers) -> list[Sent]:
        """A rep has been in another team since some while ago; half of the moves end, or are taken back."""
        rep, team = self._random.choice(self._reps), self.team()
        self._moves += 1
        from_ms = now_ms - self._random.choice((0, HOUR_MS, DAY_MS, 5 * DAY_MS))
        ends: dict[str, Any] = {"valid_to": from_ms + 7 * HOUR_MS} if self._random.random() < 0.3 else {}
        name = f"{rep}-{self._random.randint(1, 3)}"
        if self._random.random() < 0.15:
            return [event("membership", name, now_ms, number(), verb="deleted")]
        return [event("membership", name, now_ms, number(), rep_id=rep, team_id=team, valid_from=from_ms, **ends)]

    def _zone(self, now_ms: int, number: Numbers) -> list[Sent]:
        """A team's days are cut by another zone: since ever, or from a day a short while ago or ahead."""
        data: dict[str, Any] = {"time_zone": self._random.choice(ZONES)}
        if self._random.random() < 0.6:
            data["time_zone_from"] = iso(now_ms + self._random.randint(-6, 1) * DAY_MS)[:10]
        return [event("team", self.team(), now_ms, number(), **data)]

    def _parent(self, now_ms: int, number: Numbers) -> list[Sent]:
        """A team comes under another one, or stands alone; larger ones come first, so that there is no circle."""
        index = self._random.randrange(1, len(self._teams))
        parent = self._random.choice((None, *self._teams[:index]))
        return [event("team", self._teams[index], now_ms, number(), parent_id=parent)]

    def _known(self, now_ms: int, number: Numbers) -> list[Sent]:
        """A rep becomes known who has been at work for long."""
        if not self._hidden:
            return self._move(now_ms, number)
        return self._joins(self._hidden.pop(0), self.team(), now_ms - 30 * DAY_MS, now_ms, number)

    def _gone(self, now_ms: int, number: Numbers) -> list[Sent]:
        """A rep is deleted, comes back, or leaves the company."""
        rep = self._random.choice(self._reps)
        verb = self._random.choice(("deleted", "restored", "restored", "changed"))
        data: dict[str, Any] = {"active": self._random.random() < 0.5} if verb == "changed" else {}
        return [event("rep", rep, now_ms, number(), verb=verb, **data)]

    def _rate(self, now_ms: int, number: Numbers) -> list[Sent]:
        """A rate is corrected, or one more becomes known."""
        currency = self._random.choice(("USD", "CHF"))
        rate = f"{self._random.uniform(0.8, 1.2):.4f}"
        day = iso(now_ms - self._random.randrange(40) * DAY_MS)[:10]
        name = f"{currency.lower()}-{self._random.randrange(3)}"
        return [event("rate", name, now_ms, number(), currency=currency, effective_on=day, rate=rate)]

    def _process(self, now_ms: int, number: Numbers) -> list[Sent]:
        """A process has other stages since a while ago: some are called otherwise, or one is gone for now."""
        name = self._random.choice(list(PROCESSES))
        stages = [self._renamed(stage) for stage in PROCESSES[name]]
        if self._random.random() < 0.3:
            stages = [stage for stage in stages if not stage.get("qualified")]
        from_ms = now_ms - self._random.choice((0, HOUR_MS, DAY_MS, 5 * DAY_MS))
        return [event("process", name, now_ms, number(), stages=stages, valid_from=from_ms)]

    def _renamed(self, stage: Mapping[str, Any]) -> dict[str, Any]:
        former = str(stage["id"])
        if former not in RENAMED or self._random.random() < 0.5:
            return dict(stage)
        return {**stage, "id": RENAMED[former], "former_ids": [former]}
