"""The seeded stream of everything that befalls objects and the organisation, in the disorder of real systems."""

from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from random import Random
from typing import Any

from tests.faults.organisation import PROCESSES, Changes
from tests.faults.poison import any_poison, too_late
from tests.faults.sent import DAY_MS, HOUR_MS, MINUTE_MS, Sent, event

REMEMBERED = 3000
"""So many objects of a kind are still changed now and then."""
LATE, DOUBLED, BEYOND, ORGANISED = 0.06, 0.04, 0.002, 0.004
"""Shares: sent later than it happened, sent again, older than what is remembered, changes of the organisation."""
FIVE_TIMES = 0.002
DEAL_STAGES = ("new", "offer", "offer", "proposal", "due", "renewing", "won", "won", "lost", "closed-lost", "limbo")
"""Of either process, before and after they are renamed, and one that nobody declares."""
PLACEHOLDERS = ("none", "0", "Unknown", "n.a.")
NOBODY = 0.05
"""The share of activities whose lead stands for nobody."""
CHAIN = 100
"""So many leads are merged one into the next, again and again."""
PHONES_DAYS = 2
"""A history has no states of phones from before: told days later they are late, and refused."""


class Stream:
    """Makes records, one step after the other. The same seed makes the same decisions; times are those it is told.

    Beside the reps who work there are `idle` ones; one rep has so many `memberships` that are over. With `objects`
    there are at most so many of a kind: what would be one more is told of a known one instead. `poison`
    is the share of records that no schema reads. `sent` and `refused` count what was given out: all, and what must
    become dead letters, by its reason.
    """

    def __init__(
        self,
        seed: int,
        *,
        teams: int = 6,
        reps: int = 30,
        idle: int = 0,
        memberships: int = 0,
        poison: float = 0.0,
        objects: int | None = None,
    ) -> None:
        self._objects = objects
        self._random = Random(seed)
        self._poison = poison
        self._number = 0
        self._known: dict[str, list[str]] = {}
        self._chained = 0
        self._waiting: list[tuple[int, int, Sent]] = []
        self._changes = Changes(self._random, teams, reps, idle, memberships)
        self.sent = 0
        self.refused: Counter[str] = Counter()
        self._phones_since_ms = 0

    def organisation(self, now_ms: int) -> list[Sent]:
        """The company, its teams, most of its reps, its sales process and a rate: what is there from the start."""
        return self._given_out(self._changes.beginning(now_ms - 200 * DAY_MS, self._next))

    def at(self, now_ms: int) -> list[Sent]:
        """What is sent at an instant: something new, and what was held back until now."""
        for sent in self._happened(now_ms):
            self._deliver(now_ms, sent)
        due = []
        while self._waiting and self._waiting[0][0] <= now_ms:
            due.append(heappop(self._waiting)[2])
        return self._given_out(due)

    def rest(self) -> list[Sent]:
        """All that is still held back."""
        held = [sent for _, _, sent in sorted(self._waiting)]
        self._waiting.clear()
        return self._given_out(held)

    def history(self, records: int, now_ms: int, days: int) -> Iterator[Sent]:
        """So many records, or a few more, that spread over the days before now, out of order; all are sent now."""
        self._phones_since_ms = now_ms - PHONES_DAYS * DAY_MS
        enough = self.sent + records
        while self.sent < enough:
            yield from self.at(now_ms - self._random.randrange(days * DAY_MS))
        yield from self.rest()

    def _given_out(self, records: Iterable[Sent]) -> list[Sent]:
        given = list(records)
        self.sent += len(given)
        self.refused.update(sent.refused for sent in given if sent.refused is not None)
        return given

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _deliver(self, now_ms: int, sent: Sent) -> None:
        """At once or later, once or several times."""
        random = self._random
        due_ms = now_ms + random.randint(1000, 45_000) if random.random() < LATE else now_ms
        times = 5 if random.random() < FIVE_TIMES else 1
        while random.random() < DOUBLED:
            times += 1
        for _ in range(times):
            heappush(self._waiting, (due_ms, self._next(), sent))
            due_ms += random.randint(0, 20_000)

    def _happened(self, now_ms: int) -> list[Sent]:
        chance = self._random.random()
        if chance < self._poison:
            return [any_poison(self._random, now_ms, self._next())]
        if chance < self._poison + BEYOND:
            return [too_late(now_ms, self._next())]
        if chance < self._poison + BEYOND + ORGANISED:
            return self._changes.one(now_ms, self._next)
        kinds = (
            self._call, self._call, self._call, self._call_again, self._deal, self._deal_again, self._deal_again,
            self._lead, self._lead_again, self._email, self._meeting, self._activity, self._account, self._cost,
            self._agent, self._chain,
        )  # fmt: skip
        return self._random.choices(kinds, (20, 10, 10, 10, 6, 6, 6, 5, 4, 8, 5, 5, 2, 0.3, 2, 1))[0](now_ms)

    def _earlier(self, now_ms: int) -> int:
        """When something happened that is told now: mostly just before, at times minutes, hours or days ago."""
        spread = self._random.choices((3000, 10 * MINUTE_MS, 20 * HOUR_MS, 9 * DAY_MS), (84, 10, 4, 2))[0]
        return now_ms - self._random.randint(0, spread)

    def _new(self, kind: str) -> str:
        known = self._known.setdefault(kind, [])
        if len(known) == self._objects:
            return self._random.choice(known)
        name = f"{kind}-{self._next()}"
        if len(known) < REMEMBERED:
            known.append(name)
        else:
            known[self._random.randrange(REMEMBERED)] = name
        return name

    def _any(self, kind: str) -> str | None:
        """One that was told of before; recent ones more often."""
        known = self._known.get(kind)
        return known[-1 - int(len(known) * self._random.random() ** 2)] if known else None

    def _on(self) -> dict[str, Any]:
        """What an activity is on: mostly a lead or a deal, at times one that nobody told of yet, or nobody at all."""
        if self._random.random() < NOBODY:
            return {"lead_id": self._random.choice(PLACEHOLDERS)}
        kind = self._random.choice(("lead", "deal", "none", "none"))
        about = self._any(kind) if kind != "none" else None
        return {} if about is None else {f"{kind}_id": about}

    def _call(self, now_ms: int) -> list[Sent]:
        random, began_ms = self._random, self._earlier(now_ms)
        name, talk_seconds = self._new("call"), random.randrange(5, 600)
        answered = random.random() < 0.5
        about: dict[str, Any] = {
            "direction": random.choice(("outbound", "outbound", "inbound")),
            "started_at": began_ms,
            **self._on(),
        }
        if random.random() < 0.9:
            about["rep_id"] = self._changes.somebody()
        else:
            about |= {"team_id": self._changes.team(), "direction": "inbound", "queue_id": "main", "wait_seconds": 20}
        outcome = "answered" if answered else random.choice(("no_answer", "busy", "voicemail", "abandoned"))
        # An event says nothing of what lies ahead: such a call has ended already.
        ended_ms = min(began_ms + talk_seconds * 1000 + 8000, now_ms)
        ended: dict[str, Any] = {"state": "ended", "outcome": outcome, "ended_at": ended_ms}
        if answered:
            ended |= {"answered_at": min(began_ms + 8000, ended_ms), "talk_seconds": talk_seconds}
        if random.random() < 0.3:
            first = event("call", name, began_ms, self._next(), source="dialer-1", state="ringing", **about)
            return [first, event("call", name, ended_ms, self._next(), source="dialer-1", **ended)]
        return [event("call", name, ended_ms, self._next(), source="dialer-1", **about, **ended)]

    def _call_again(self, now_ms: int) -> list[Sent]:
        """Corrected, given to another rep, moved in time, deleted, restored."""
        name = self._any("call")
        if name is None:
            return []
        what = self._random.choice(("rep", "rep", "talk", "time", "outcome", "deleted", "restored"))
        changes: dict[str, dict[str, Any]] = {
            "rep": {"rep_id": self._changes.somebody()},
            "talk": {"talk_seconds": self._random.randrange(5, 900)},
            "time": {"started_at": self._earlier(now_ms)},
            "outcome": {"outcome": self._random.choice(("answered", "no_answer"))},
        }
        data = changes.get(what, {})
        verb = what if what in ("deleted", "restored") else "changed"
        return [event("call", name, self._earlier(now_ms), self._next(), verb=verb, source="dialer-1", **data)]

    def _deal(self, now_ms: int) -> list[Sent]:
        created_ms = now_ms - self._random.randint(0, 60 * DAY_MS)
        return [
            event(
                "deal", self._new("deal"), created_ms, self._next(), created_at=created_ms, stage_id="new",
                owner_id=self._changes.somebody(), account_id=self._any("account"), **self._amount(),
            )
        ]  # fmt: skip

    def _amount(self) -> dict[str, Any]:
        currency = self._random.choice(("EUR", "EUR", "USD", "CHF"))
        return {"amount_minor": self._random.randrange(1000, 5_000_000), "currency": currency}

    def _deal_again(self, now_ms: int) -> list[Sent]:
        """Another stage (won, lost, reopened), owner or amount, corrected, merged, deleted, restored."""
        name, into = self._any("deal"), self._any("deal")
        if name is None or into is None:
            return []
        what = self._random.choices(
            ("stage", "owner", "amount", "close", "process", "corrected", "merged", "deleted", "restored"),
            (10, 3, 4, 1, 1.5, 1, 1, 0.7, 0.5),
        )[0]
        at_ms = self._earlier(now_ms)
        if what == "merged":
            return [event("deal", name, at_ms, self._next(), verb=what, into=into)] if name != into else []
        if what in ("deleted", "restored"):
            return [event("deal", name, at_ms, self._next(), verb=what)]
        number = self._next()
        stage = {"stage_id": self._random.choice(DEAL_STAGES)}
        if what == "corrected":
            wrong = event("deal", name, at_ms, number, stage_id="won")
            right = event("deal", name, at_ms + 1, self._next(), corrects=f"e{number}", **stage)
            return [wrong, right]
        data: dict[str, Any] = {
            "stage": stage,
            "owner": {"owner_id": self._changes.somebody()},
            "amount": self._amount(),
            "close": {"expected_close_on": "2026-12-31"},
            "process": {"process_id": self._random.choice(list(PROCESSES)), **stage},
        }[what]
        return [event("deal", name, at_ms, number, **data)]

    def _lead(self, now_ms: int) -> list[Sent]:
        created_ms = self._earlier(now_ms)
        owner = self._changes.somebody()
        return [
            event(
                "lead", self._new("lead"), created_ms, self._next(), created_at=created_ms, owner_id=owner,
                status="open", channel="web",
            )
        ]  # fmt: skip

    def _lead_again(self, now_ms: int) -> list[Sent]:
        name, into = self._any("lead"), self._any("lead")
        if name is None or into is None:
            return []
        at_ms = self._earlier(now_ms)
        what = self._random.choice(("working", "converted", "disqualified", "owner", "merged", "deleted", "restored"))
        if what == "merged":
            return [event("lead", name, at_ms, self._next(), verb=what, into=into)] if name != into else []
        if what in ("deleted", "restored"):
            return [event("lead", name, at_ms, self._next(), verb=what)]
        if what == "owner":
            return [event("lead", name, at_ms, self._next(), owner_id=self._changes.somebody())]
        closed: dict[str, Any] = {} if what == "working" else {"closed_at": at_ms}
        return [event("lead", name, at_ms, self._next(), status=what, deal_id=self._any("deal"), **closed)]

    def _chain(self, now_ms: int) -> list[Sent]:
        """One lead more of a chain is called and then merged into the next; the last one into the first."""
        number = self._chained
        self._chained = (number + 1) % CHAIN
        name, into, at_ms = f"chain-{number}", f"chain-{self._chained}", self._earlier(now_ms)
        rep = self._changes.somebody()
        called = event(
            "activity", self._new("activity"), at_ms, self._next(), rep_id=rep, occurred_at=at_ms, kind="call",
            direction="outbound", lead_id=name,
        )  # fmt: skip
        return [called, event("lead", name, now_ms, self._next(), verb="merged", into=into)]

    def _email(self, now_ms: int) -> list[Sent]:
        sent_ms = self._earlier(now_ms)
        again = self._random.random() < 0.15
        name = (self._any("email") if again else None) or self._new("email")
        return [
            event(
                "email", name, sent_ms, self._next(), source="mailbox-1", rep_id=self._changes.somebody(),
                sent_at=sent_ms, direction=self._random.choice(("outbound", "inbound")),
                bulk=self._random.random() < 0.1, **self._on(),
            )
        ]  # fmt: skip

    def _meeting(self, now_ms: int) -> list[Sent]:
        booked_ms = self._earlier(now_ms)
        again = self._random.random() < 0.4
        name = (self._any("meeting") if again else None) or self._new("meeting")
        return [
            event(
                "meeting", name, booked_ms, self._next(), rep_id=self._changes.somebody(), booked_at=booked_ms,
                starts_at=now_ms + self._random.randint(-DAY_MS, 10 * MINUTE_MS),
                status=self._random.choice(("scheduled", "held", "no_show", "cancelled")), **self._on(),
            )
        ]  # fmt: skip

    def _activity(self, now_ms: int) -> list[Sent]:
        """Other activities, and calls logged by hand, some of which the dialer tells of too."""
        occurred_ms, random = self._earlier(now_ms), self._random
        about: dict[str, Any] = {"kind": random.choice(("task", "note", "visit")), **self._on()}
        if random.random() < 0.5:
            about |= {"kind": "call", "direction": "outbound", "connected": True, "talk_seconds": 60}
            if random.random() < 0.6:
                about["call_id"] = self._any("call")
        again = random.random() < 0.2
        name = (self._any("activity") if again else None) or self._new("activity")
        rep = self._changes.somebody()
        return [event("activity", name, occurred_ms, self._next(), rep_id=rep, occurred_at=occurred_ms, **about)]

    def _account(self, now_ms: int) -> list[Sent]:
        known, into = self._any("account"), self._any("account")
        if known is not None and known != into and self._random.random() < 0.1:
            return [event("account", known, self._earlier(now_ms), self._next(), verb="merged", into=into)]
        created_ms = self._earlier(now_ms)
        owner = self._changes.somebody()
        return [event("account", self._new("account"), created_ms, self._next(), created_at=created_ms, owner_id=owner)]

    def _cost(self, now_ms: int) -> list[Sent]:
        day = self._random.randrange(1, 28)
        return [
            event(
                "cost", self._new("cost"), now_ms, self._next(), period_start=f"2026-10-{day:02d}",
                period_end=f"2026-11-{day:02d}", team_id=self._random.choice((None, self._changes.team())),
                **self._amount(),
            )
        ]  # fmt: skip

    def _agent(self, now_ms: int) -> list[Sent]:
        if now_ms < self._phones_since_ms:
            return []
        state = self._random.choice(("available", "on_call", "wrap_up", "break", "offline"))
        rep = self._changes.somebody()
        told_ms = max(self._earlier(now_ms), now_ms - 20 * HOUR_MS)  # What is told days later is late.
        return [event("agent", rep, told_ms, self._next(), source="dialer-1", state=state)]
