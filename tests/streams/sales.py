"""Strands of deals, leads and accounts: told in parts, long after they were first spoken of, merged, deleted."""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.streams.strand import (
    ACCOUNTS,
    DEALS,
    END,
    GAPS,
    IDS,
    LEADS,
    NAMED,
    PROCESSES,
    STAGES,
    Told,
    given,
    maybe,
    moment,
)
from tests.unit.ledger.world import DAY, event

ANY_STAGE = (*STAGES, *STAGES, *(f"{stage}-2" for stage in STAGES), "nowhere")


def leads(random: Random, _: str) -> Iterator[Told]:
    """Every lead that activities may name: one in five never comes itself, the others come in several parts."""
    for lead in LEADS:
        if random.random() < 0.2:
            continue
        at_ms = moment(random)
        parts: list[dict[str, Any]] = [{"owner_id": random.choice(NAMED)}, {"created_at": at_ms - random.choice(GAPS)}]
        parts.append(given(status=maybe(random, ("open", "working", "disqualified"))))
        parts.append(given(deal_id=maybe(random, DEALS)))
        random.shuffle(parts)
        for part in parts:
            yield Told(at_ms, event("lead", lead, at_ms, **part))
            at_ms += random.choice(GAPS)
        yield from _end(random, "lead", lead, LEADS, at_ms)


def deals(random: Random, _: str) -> Iterator[Told]:
    """Every deal that activities may name, on its way through the stages."""
    for deal in DEALS:
        if random.random() < 0.2:
            continue
        at_ms = created_ms = moment(random)
        content = {
            "created_at": created_ms,
            "amount_minor": random.randrange(10**6),
            "account_id": maybe(random, ACCOUNTS),
            "split": maybe(random, (_split(random),), 0.3),
        }
        for stage in random.choices(ANY_STAGE, k=random.randrange(1, 5)):
            said = given(stage_id=stage if random.random() < 0.8 else None, process_id=maybe(random, PROCESSES, 0.2))
            due = maybe(random, ("2026-01-31", "2026-06-30", "2026-09-30"), 0.4)
            data = said | given(owner_id=maybe(random, NAMED, 0.7), expected_close_on=due, **content)
            yield Told(at_ms, event("deal", deal, at_ms, **data))
            content = {
                "amount_minor": maybe(random, (0, -70_000, 5_000_01), 0.3),
                "split": maybe(random, (_split(random),), 0.3),
            }
            at_ms += random.choice(GAPS)
        yield from _end(random, "deal", deal, DEALS, at_ms)


def _split(random: Random) -> list[dict[str, Any]]:
    """Two or three reps, or one who is not the owner, or the end of a split."""
    reps = random.sample((*IDS, "rep-99"), k=random.randrange(4))
    first = random.randrange(1, 9_000)
    shares = {0: (), 1: (10_000,), 2: (first, 10_000 - first), 3: (first, 1, 9_999 - first)}[len(reps)]
    return [{"rep_id": rep, "share_bp": share} for rep, share in zip(reps, shares, strict=True)]


def _end(random: Random, kind: str, name: str, others: tuple[str, ...], at_ms: int) -> Iterator[Told]:
    roll = random.random()
    if at_ms >= END or roll > 0.3:
        return
    if roll < 0.1:
        yield Told(at_ms, event(kind, name, at_ms, verb="deleted"))
    elif (into := random.choice(others)) != name:
        yield Told(at_ms, event(kind, name, at_ms, verb="merged", into=into))
    if random.random() < 0.3:
        yield Told(at_ms + DAY, event(kind, name, at_ms + DAY, verb="restored"))
