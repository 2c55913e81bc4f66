"""`salespulse org`: the organisation as one file: compared, applied, shown, written out, and who it does not know."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    WRONG_USE,
    Brokers,
    Json,
    Namespace,
    SettingsFile,
    end,
    print_json,
    print_table,
    say,
    settings_of,
    tell,
)
from pipeline.cli.sending import agreed, content_of, send_events
from pipeline.config.settings import Settings

if TYPE_CHECKING:
    from pipeline.administering.preview import Preview
    from pipeline.administering.standing import Standing, Team

org = typer.Typer(
    help="The organisation as one file: teams, reps, memberships, ids, targets, rates.", no_args_is_help=True
)
AFile = Annotated[Path, typer.Argument(metavar="FILE", help="YAML; see docs/organisation.md. - is standard input.")]
EndOthers = Annotated[
    bool,
    typer.Option("--end-others", help="End what the file does not name, of each kind that it has a section for."),
]
SHOWN = 20


@org.command()
def apply(
    file: AFile,
    end_others: EndOthers = False,
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking.")] = False,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Make the organisation what a file says: show what changes and which windows are restated, ask, and send it.

    Exits with 1 if the answer is no, with 2 for a wrong file; a second time nothing is sent.
    """
    from pipeline.views.wording import counted

    if as_json and not yes:
        raise typer.BadParameter("--json does not ask; give --yes, or see org diff --json")
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    preview = _preview(settings, file, end_others=end_others)
    events = list(preview.plan.events())
    if not as_json:
        _show_preview(preview, end_others=end_others)
    if events and not yes and not agreed(counted(len(events), "event")):
        say("nothing was sent")
        end(NONE_FOUND)
    if events:
        send_events(settings, events)
    if as_json:
        print_json({**preview.as_json(), "sent": len(events)})
    elif events:
        tell(f"{counted(len(events), 'event')} sent")


@org.command()
def diff(
    file: AFile,
    end_others: EndOthers = False,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Show what apply would change; send nothing. Exits with 1 if there is something."""
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    preview = _preview(settings, file, end_others=end_others)
    if as_json:
        print_json(preview.as_json())
    else:
        _show_preview(preview, end_others=end_others)
    if preview.plan.steps:
        end(NONE_FOUND)


@org.command()
def show(
    at: Annotated[
        str | None, typer.Option(help="An instant, 2026-11-23T10:15:00Z, or a day: its start. By default now.")
    ] = None,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Show what held at an instant: teams as a tree, with reps, zones, hours and targets. Exits with 1 if nothing did.

    What is told without a time, as parents and calendars are, is shown as it is now.
    """
    from pipeline.administering.standing import standing_at
    from pipeline.administering.topic import told_in
    from pipeline.clock import now_ms

    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    told = told_in(settings)
    organisation = told.organisation(settings.currency, now_ms())
    at_ms = now_ms() if at is None else _instant(at, organisation.day_start_ms)
    standing = standing_at(organisation, told.written, at_ms)
    if as_json:
        print_json(standing.as_json())
    else:
        _print_tree(standing)
    if not standing.teams and not standing.without_team:
        say("no teams or reps at that time")
        end(NONE_FOUND)


@org.command()
def export(
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Write the organisation as it is now as a file: to apply it changes nothing. Exits with 1 if there is none."""
    from pipeline.administering.export import exported
    from pipeline.administering.topic import told_in

    told = told_in(settings_of(settings_file, brokers=brokers, namespace=namespace))
    text = exported(told)
    if not text:
        say("nothing is known of the organisation yet")
        end(NONE_FOUND)
    for line in text.splitlines():
        tell(line)


@org.command()
def unmapped(
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """List reps, teams and stages that events name and the organisation does not know. Exits with 1 if there are any.

    Reads the source topics once, as far back as they are kept.
    """
    from pipeline.administering.topic import told_in
    from pipeline.administering.unmapped import TOPICS, Naming, as_json_of
    from pipeline.clock import now_ms
    from pipeline.importing.logs import records_of
    from pipeline.intake.verdicts import judges
    from pipeline.policies import ledger_policy
    from schemas.events import iso

    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    told, policy = told_in(settings), ledger_policy(settings)
    organisation = told.organisation(settings.currency, now_ms())
    naming = Naming(organisation, judges(policy.retention, policy.future_tolerance_ms))
    naming.take(records_of(settings, *TOPICS))
    rows = [as_json_of(each, told.written, iso) for each in naming.all()]
    if as_json:
        print_json(rows)
    elif rows:
        _print_unmapped(rows)
    else:
        say("every rep, team and stage in the events is declared")
    if rows:
        end(NONE_FOUND)


def _preview(settings: Settings, file: Path, *, end_others: bool) -> "Preview":
    """What the file would change; with faults it ends with a line for each."""
    from pipeline.administering.document import read_document
    from pipeline.administering.org_file import read_org_file
    from pipeline.administering.preview import Kept, Preview
    from pipeline.administering.topic import told_in
    from pipeline.clock import now_ms
    from pipeline.views.wording import counted

    root = read_document(str(file), content_of(file))
    told, asked_ms = told_in(settings), now_ms()
    read = read_org_file(root, told, asked_ms)
    kept = Kept(settings.day_pane_days, settings.activity_retention_days)
    preview = None if read.faults else Preview(told, read, settings.currency, asked_ms, kept, end_others=end_others)
    faults = preview.faults if preview is not None else read.faults
    for fault in faults[:SHOWN]:
        say(f"{file}, line {fault.line}: {fault.text}")
    if len(faults) > SHOWN:
        say(f"and {counted(len(faults) - SHOWN, 'more fault')}")
    if preview is None or faults:
        say("nothing was sent")
        end(WRONG_USE)
    return preview


def _show_preview(preview: "Preview", *, end_others: bool) -> None:
    for line in preview.warnings:
        say(f"note: {line}")
    for line in preview.lines(end_others=end_others):
        tell(line)
    if not preview.plan.steps:
        say("the organisation is what the file says: nothing to send")


def _instant(given: str, day_start_ms: Any) -> int:
    from datetime import date

    from pipeline.measures import COMPANY
    from schemas.types import instant_ms

    try:
        if len(given) == len("2026-11-23"):
            return int(day_start_ms(COMPANY, date.fromisoformat(given).toordinal()))
        return instant_ms(given)
    except ValueError:
        raise typer.BadParameter(
            f"--at {given}: allowed is a time with its zone, 2026-11-23T10:15:00Z, or a day, 2026-11-23"
        ) from None


def _print_tree(standing: "Standing") -> None:
    company = standing.company
    tell(
        f"company  {company['time_zone']}, {company['currency']}, fiscal year from month "
        f"{company['fiscal_year_start']}, weeks from {company['week_start']}"
    )
    for team in standing.teams:
        _print_team(team, "  ")
    if standing.without_team:
        tell("  (no team)")
        for rep in standing.without_team:
            tell(f"    {rep_line(rep)}")


def _print_team(team: "Team", indent: str) -> None:
    zone = team.zone if team.own_zone else f"{team.zone} (the company's)"
    hours = team.calendar or "no working hours"
    silence = f", silent after {team.silence_minutes} min" if team.silence_minutes else ""
    tell(f"{indent}{team.id}  {zone}; {hours}{silence}")
    for special in team.special_days:
        tell(f"{indent}  {special['day']}: {special['open'] or 'closed'}")
    for target in team.targets:
        tell(f"{indent}  target {_target(target)}")
    for rep in team.reps:
        tell(f"{indent}  · {rep_line(rep)}")
        for target in rep["targets"]:
            tell(f"{indent}    target {_target(target)}")
    for below in team.teams:
        _print_team(below, f"{indent}  ")


def rep_line(rep: dict[str, Any]) -> str:
    """A rep as the tree of teams shows one: since when there, role, country, and whether at work at all."""
    since = f"  since {rep['since']}" if rep["since"] else ""
    country = f", {rep['country']}" if rep["country"] else ""
    role = f", {rep['role']}" if rep["role"] else ""
    known_as = f", known as {', '.join(rep['known_as'])}" if rep["known_as"] else ""
    absent = f", absent ({rep['absent']})" if rep["absent"] else ""
    return f"{rep['id']}{since}{role}{country}{known_as}{absent or _employment(rep)}"


def _employment(rep: dict[str, Any]) -> str:
    """Whether a rep is there yet, or still; what was told of an earlier or later time goes without saying."""
    if rep["active"]:
        return ""
    return f", begins on {rep['hired_on']}" if rep["is_to_come"] else ", has left"


def _target(target: dict[str, Any]) -> str:
    since = target.get("effective_on")
    told = f"{target.get('kpi')}: {target.get('value')} a {target.get('period')} from {target.get('period_start')}"
    return told if since is None else f"{told}, holding from {since}"


def _print_unmapped(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table("What", "Id", "Events", "First", "Last", "Such as")
    for row in rows:
        told = row["kind"], row["id"], f"{row['events']:,}", row["first"], row["last"], ", ".join(row["examples"])
        table.add_row(*told)
    print_table(table, 160)
