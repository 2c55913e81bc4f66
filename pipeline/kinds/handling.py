"""What one leg of a call, or a call without legs, took of whoever had it: talk, hold, and the work after it."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures

Told = Mapping[str, Any]
"""A call or one leg of it, as `schemas/telephony.py` has them."""


def was_taken(leg: Told) -> bool:
    """Whether its rep answered: some dialers say of a leg that only rang that 0 seconds were talked."""
    return leg.get("answered_at") is not None or bool(leg.get("talk_seconds"))


def talk_ms(told: Told, ended_ms: int | None) -> int | None:
    """What was talked until an end; None where that is not known, below 0 where clocks differ."""
    given: int | None = told.get("talk_seconds")
    if given is not None:
        return given
    answered_ms: int | None = told.get("answered_at")
    if ended_ms is None or answered_ms is None:
        return None
    return ended_ms - answered_ms - (told.get("hold_seconds") or 0)


def handled(told: Told, ended_ms: int | None) -> dict[str, int]:
    """Talk, hold and wrap-up of what a person answered; empty where the talk is not known.

    Who says nothing of a hold had none. Who says nothing of the wrap-up may do so yet.
    """
    talked_ms = talk_ms(told, ended_ms)
    if talked_ms is None:
        return {}
    sums = {measures.TALK_LEGS: 1, measures.TALK_MS: max(talked_ms, 0)}
    if talked_ms < 0:
        sums[measures.NEGATIVE_TALK] = 1
    if hold_ms := told.get("hold_seconds"):
        sums[measures.HOLD_MS] = hold_ms
    wrap_up_ms = told.get("wrap_up_seconds")
    if wrap_up_ms is not None:
        sums[measures.WRAPPED_UP] = 1
        sums[measures.WRAP_UP_MS] = wrap_up_ms
    return sums
