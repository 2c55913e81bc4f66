"""`salespulse send`: events from a file, checked before any of them is sent."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import NONE_FOUND, Brokers, Namespace, SettingsFile, end, say, settings_of, tell
from pipeline.cli.sending import content_of, send_events

if TYPE_CHECKING:
    from pipeline.config.settings import Settings

SHOWN = 20


def send(
    file: Annotated[
        Path, typer.Argument(help="JSON Lines, one event, or a JSON array of events; - is standard input.")
    ],
    partial: Annotated[bool, typer.Option("--partial", help="Send the valid events even if others are not.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the events; send nothing.")] = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Send events from a file. If one is invalid, nothing is sent; exits with 1."""
    from pipeline.views.wording import counted

    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    events, faults = _checked(settings, content_of(file))
    for fault in faults[:SHOWN]:
        say(fault)
    if len(faults) > SHOWN:
        say(f"and {counted(len(faults) - SHOWN, 'more invalid event')}")
    if faults and not partial:
        say(f"{counted(len(faults), 'event')} of {len(events) + len(faults)} invalid; nothing was sent")
        end(NONE_FOUND)
    if not events and not faults:
        say(f"{file}: no events")
        end(NONE_FOUND)
    if not dry_run:
        send_events(settings, events)
    counts = Counter(str(event["type"]) for event in events)
    said = ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "none"
    tell(f"{counted(len(events), 'event')} {'valid' if dry_run else 'sent'}: {said}")
    if faults:
        end(NONE_FOUND)


def _checked(settings: "Settings", content: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """The events that the pipeline would take in, and a line for each of the others."""
    from pipeline.clock import now_ms
    from pipeline.dead_letters.given import given_of
    from pipeline.policies import ledger_policy
    from pipeline.sending.checks import Checks, RefusedError, passed_over
    from pipeline.sending.event import Outgoing
    from pipeline.sending.event_files import events_of

    policy = ledger_policy(settings)
    checks, asked_ms = Checks(policy.retention, policy.future_tolerance_ms), now_ms()
    events: list[dict[str, Any]] = []
    faults: list[str] = []
    for place, event, fault in events_of(content):
        if event is None:
            faults.append(f"{place}: {fault}")
            continue
        try:
            checks.check(Outgoing(event), asked_ms)
            events.append(event)
            for line in passed_over(event):
                say(f"{place}: {line}; passed over")
        except RefusedError as error:
            given = given_of(event, error.detail)
            faults.append(f"{place}: {error}" if given is None else f"{place}: {error}, given: {given}")
    return events, faults
