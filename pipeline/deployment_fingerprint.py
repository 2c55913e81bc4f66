"""What shapes the state of a deployment: whatever may make a replay of the same log come to another result."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from importlib.metadata import version

from pipeline import policies
from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.config.settings import Settings
from pipeline.kernel.fingerprint import Fingerprint
from pipeline.kinds import FORMS
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import RosterPolicy
from pipeline.ledger.roster_fields import FORMS as ROSTER_FORMS
from pipeline.organisation.minor_units import MINOR_UNITS, PUBLISHED
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.measure_numbers import MEASURES, NUMBERS

Policy = LedgerPolicy | RosterPolicy | BoardPolicy | AlertPolicy

RULES_VERSION = 25
"""Goes up with every change of code that makes an object contribute something else, or a state be written otherwise."""
SHAPES_NO_STATE: Mapping[str, str] = {
    "board.activity_days": "what a window says of its activities; the ledgers' own is in the fingerprint",
    "board.chosen": "what of the figures is published; they carry it in their definition",
    "ledger.letter_bodies": "what is kept of refused records, in the dead letters alone",
    "roster.letter_bodies": "what is kept of refused records, in the dead letters alone",
    "ledger.jump_ms": "no worker writes a control record that is so far ahead; what only says that it did is refused",
    "roster.jump_ms": "no worker forwards a record that is so far ahead; what only says that it did is refused",
    "board.stalled_days": "which open deals a figure counts as stalled; figures carry it in their definition",
    "board.finality_hours": "what a window is called once it is over; figures carry it in their definition",
}
"""The fields of policies that no state depends on, each with the reason."""


def fingerprint_of(settings: Settings) -> Fingerprint:
    """Called once, when a worker is assembled. Two workers may share a state if their fingerprints agree."""
    return Fingerprint(
        {
            "minor_units": _minor_units(),
            "partitions": str(settings.partitions),
            "rules": str(RULES_VERSION),
            "tzdata": version("tzdata"),
            **policy_rules(
                policies.ledger_policy(settings),
                policies.roster_policy(settings),
                policies.board_policy(settings),
                policies.alert_policy(settings),
            ),
        },
        {**FORMS.numbers, **ROSTER_FORMS.numbers, MEASURES: NUMBERS},
    )


def policy_rules(ledger: LedgerPolicy, roster: RosterPolicy, board: BoardPolicy, alerts: AlertPolicy) -> dict[str, str]:
    """Every field of the policies, by name, but for those that no state depends on."""
    given: dict[str, Policy] = {"ledger": ledger, "roster": roster, "board": board, "alerts": alerts}
    named = (rule for prefix, policy in given.items() for rule in _named(prefix, policy))
    return {name: value for name, value in named if name not in SHAPES_NO_STATE}


def _named(prefix: str, policy: Policy) -> Iterator[tuple[str, str]]:
    for each in fields(policy):
        yield f"{prefix}.{each.name}", str(getattr(policy, each.name))


@cache
def _minor_units() -> str:
    """Which list of ISO 4217 holds, and a digest of the digits that it gives each currency."""
    digest = hashlib.sha256(repr(sorted(MINOR_UNITS.items())).encode()).hexdigest()[:8]
    return f"ISO 4217 of {PUBLISHED}, {digest}"
