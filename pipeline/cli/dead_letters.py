"""`salespulse dead-letters`: what was refused and why, and sending it back once what was wrong is mended."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.letter_options import AnOrigin, Origins, Reasons, Since, Topics, Until, selection
from pipeline.cli.options import (
    NONE_FOUND,
    Brokers,
    Json,
    Namespace,
    SettingsFile,
    end,
    print_json,
    say,
    settings_of,
    tell,
)

if TYPE_CHECKING:
    from pipeline.dead_letters.catalogue import Catalogue
    from pipeline.dead_letters.causes import Cause
    from pipeline.dead_letters.letter import Letter
    from pipeline.dead_letters.replay import Plan

dead_letters = typer.Typer(help="List, show and replay refused records.", no_args_is_help=True)


@dead_letters.command(name="list")
def list_(
    reasons: Reasons = None,
    topics: Topics = None,
    since: Since = None,
    until: Until = None,
    replayed: Annotated[bool, typer.Option("--replayed", help="Include records already replayed.")] = False,
    each: Annotated[bool, typer.Option("--each", help="List every record, not grouped by cause.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of causes, or records, to print.")] = 100,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """List refused records by cause, or each by origin with --each or --json. Exits with 1 if there are none."""
    from pipeline.dead_letters.catalogue import Catalogue
    from pipeline.dead_letters.causes import causes_of
    from pipeline.dead_letters.display import summary
    from pipeline.dead_letters.topic import DeadLetterTopic

    chosen = selection(reasons, topics, since, until)
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    with DeadLetterTopic(settings) as topic:
        catalogue = Catalogue(topic.records())
    letters = [letter for letter in catalogue.letters() if letter in chosen and (replayed or not letter.replayed)]
    if as_json:
        print_json([letter.as_json() for letter in letters])
    else:
        causes = causes_of(letters)
        if each:
            _print_letters(letters[:limit])
        else:
            _print_causes(causes[:limit])
        left = len(letters if each else causes) - limit
        say(summary(letters) + (f"; {left} more not shown" if left > 0 else ""))
    _say_unreadable(catalogue)
    if not letters:
        end(NONE_FOUND)


@dead_letters.command()
def show(
    origin: AnOrigin,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Show one refused record with its raw contents, personal data included. Exits with 1 if it is not found."""
    from pipeline.dead_letters.catalogue import Catalogue
    from pipeline.dead_letters.display import contents, lines
    from pipeline.dead_letters.selection import Selection
    from pipeline.dead_letters.topic import DeadLetterTopic

    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    with DeadLetterTopic(settings) as topic:
        chosen = Selection(origins=frozenset({origin}))
        letters = [letter for letter in Catalogue(topic.records()).letters() if letter in chosen]
        for letter in letters:
            for record in topic.at([letter.place]):
                if as_json:
                    print_json({**letter.as_json(), **contents(record)})
                else:
                    for line in lines(letter, record):
                        tell(line)
    if not letters:
        say(f"no dead letter with origin {origin}")
        end(NONE_FOUND)


@dead_letters.command()
def replay(
    origins: Origins = None,
    reasons: Reasons = None,
    topics: Topics = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Replay everything; required if no filter is given.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be replayed; send nothing.")] = False,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Send refused records back to their topics, each once. Exits with 1 if an ORIGIN is not found."""
    from pipeline.dead_letters.catalogue import Catalogue
    from pipeline.dead_letters.replay import Replay, plan
    from pipeline.dead_letters.topic import DeadLetterTopic

    chosen = selection(reasons, topics, since, until, origins)
    if chosen.everything != everything:
        raise typer.BadParameter("give an ORIGIN, --reason, --topic, --since or --until, or --all")
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    with DeadLetterTopic(settings) as topic:
        catalogue = Catalogue(topic.records())
        found = [letter for letter in catalogue.letters() if letter in chosen]
        planned = plan(found, settings.partitions)
        if planned.letters and not dry_run:
            with Replay(settings, topic) as replaying:
                replaying.send(planned.letters)
    _tell(planned, dry_run=dry_run, as_json=as_json)
    _say_unreadable(catalogue)
    missing = chosen.origins - {letter.origin for letter in found}
    if missing:
        say(f"no dead letter with origin {', '.join(map(str, sorted(missing)))}")
        end(NONE_FOUND)


def _tell(planned: "Plan", *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        sent = [str(letter.origin) for letter in planned.letters]
        print_json({"dry_run": dry_run, "replayed": sent, "left": planned.left})
        return
    if dry_run:
        for letter in planned.letters:
            tell(f"{letter.origin} {letter.refusal.reason}")
    tell(f"{len(planned.letters)} {'would be ' if dry_run else ''}replayed")
    for why, number in sorted(planned.left.items()):
        tell(f"{number} not replayed: {why}")


def _say_unreadable(catalogue: "Catalogue") -> None:
    if catalogue.unreadable:
        say(f"{catalogue.unreadable} records on the topic are not Salespulse dead letters; ignored")


def _print_causes(causes: "list[Cause]") -> None:
    """One block a cause: whatever the width of the terminal, none of its lines is cut."""
    from pipeline.views.wording import instant

    for cause in causes:
        number = len(cause.letters)
        records = "record" if number == 1 else "records"
        tell(f"{number} {records} of {cause.topic}, {cause.reason}: {cause.detail}")
        if cause.values:
            tell(f"  given: {', '.join(cause.values)}")
        first, last = instant(cause.first_ms), instant(cause.last_ms)
        when = f"appended {first}" if first == last else f"appended {first} to {last}"
        tell(f"  {when}, the last one at {cause.letters[-1].origin}")


def _print_letters(letters: "list[Letter]") -> None:
    """One line a letter."""
    from pipeline.views.wording import instant

    for letter in letters:
        refusal, arrival = letter.refusal, letter.refusal.arrival
        attempt = f"attempt {arrival.attempt}{', replayed' if letter.replayed else ''}"
        given = "" if letter.given is None else f", given: {letter.given}"
        tell(
            f"{letter.origin}  {instant(arrival.timestamp_ms)}  {letter.size_bytes} bytes  {attempt}  "
            f"{refusal.reason}: {refusal.detail}{given}"
        )
