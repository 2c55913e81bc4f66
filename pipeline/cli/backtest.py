"""`salespulse alerts backtest`: which alerts a rule would have opened, with settings of one's choice."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    Brokers,
    Json,
    Namespace,
    SettingsFile,
    print_json,
    print_table,
    say,
    settings_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as MarkedPath

    from pipeline.backtesting.outcome import Marked
    from pipeline.backtesting.trial import Question
    from pipeline.config.settings import Settings
else:
    from pathlib import Path as MarkedPath

From = Annotated[str, typer.Option("--from", help="Start of the period: a time with its zone, 2026-11-02T00:00:00Z.")]
To = Annotated[str, typer.Option("--to", help="End of the period, exclusive: a time with its zone.")]
Given = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting of the rule to try: minutes=20. May be repeated."),
]
Sweep = Annotated[
    str | None, typer.Option("--sweep", metavar="NAME=VALUES", help="Values to try one by one: minutes=20,30,45.")
]
MarkedDays = Annotated[
    MarkedPath | None,
    typer.Option("--marked", help="CSV with the columns scope and day: when activity really dropped."),
]


def backtest(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule, by the kind of its alerts: silent_rep.")],
    since: From,
    until: To,
    team: Annotated[
        str | None, typer.Option(help="Only alerts of this team; the settings are tried for it alone.")
    ] = None,
    given: Given = None,
    sweep: Sweep = None,
    marked: MarkedDays = None,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Tell which alerts a rule would have opened. With nothing set these are exactly those that did open."""
    from_ms, to_ms = _instant("--from", since), _instant("--to", until)
    if from_ms >= to_ms:
        raise typer.BadParameter(f"--to {until}: allowed is a time after --from")
    questions = _questions(rule, team, given, sweep)
    days = None if marked is None else _marked(marked)
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    found = _answers(settings, questions, from_ms, to_ms, days)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _instant(option: str, text: str) -> int:
    from schemas.types import instant_ms

    try:
        return instant_ms(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option} {text}: {error}") from None


def _questions(rule: str, team: str | None, given: list[str] | None, sweep: str | None) -> "list[Question]":
    from pipeline.alerts.rules import BY_KIND
    from pipeline.backtesting.trial import Question
    from pipeline.backtesting.tried import read_tried
    from schemas.ids import kept_scope

    if rule not in BY_KIND:
        raise typer.BadParameter(f"{rule}: allowed are {', '.join(BY_KIND)}", param_hint="RULE")
    try:
        team = None if team is None else kept_scope(f"team:{team}").removeprefix("team:")
        return [Question(rule, tried, team) for tried in read_tried(BY_KIND[rule].kind, given or (), sweep)]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _marked(file: MarkedPath) -> "frozenset[Marked]":
    import csv

    from pipeline.backtesting.outcome import read_marked

    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            return read_marked(list(csv.DictReader(lines)))
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:
        raise typer.BadParameter(f"--marked {file}: {error}") from None


def _answers(
    settings: "Settings", questions: "list[Question]", from_ms: int, to_ms: int, marked: "frozenset[Marked] | None"
) -> list[dict[str, Any]]:
    from pipeline.alerts.rules import BY_KIND
    from pipeline.backtesting.facts_logs import FactsLogs
    from pipeline.backtesting.outcome import Opening, asked_for, outcome
    from pipeline.backtesting.span import needed_ms, require_reached, require_told
    from pipeline.backtesting.trial import tried_over
    from pipeline.policies import alert_policy, board_policy

    alerts, board = alert_policy(settings), board_policy(settings)
    rule = BY_KIND[questions[0].rule]
    logs = FactsLogs(settings)
    try:
        numbers = range(logs.partitions)
        reaches = [logs.reach(number) for number in numbers]
        require_reached(rule, from_ms, needed_ms(rule, from_ms, alerts), reaches)
        found = []
        for question in questions:
            trials = tried_over(question, (logs.records(number) for number in numbers), board, alerts)
            require_told(to_ms, [trial.now_ms for trial in trials])
            for trial, reach in zip(trials, reaches, strict=True):
                require_reached(rule, from_ms, trial.needed_ms(from_ms), [reach])
            openings = [
                Opening(alert, trial.day_of(alert.home, alert.opened_ms))
                for trial in trials
                for alert in trial.openings(from_ms, to_ms)
            ]
            openings.sort(key=lambda each: (each.alert.opened_ms, each.alert.id))
            teams = [home for trial in trials for home in trial.teams()]
            told = max(trials, key=lambda trial: trial.now_ms)
            span = partial(told.days, from_ms=from_ms, to_ms=to_ms)
            days = None if marked is None else asked_for(marked, question.concerns, span)
            of = outcome(openings, teams, from_ms, to_ms, days)
            found.append({"rule": question.rule, "team": question.team, "settings": dict(question.tried), **of})
        return found
    finally:
        logs.close()


def _print(found: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from pipeline.views.wording import MISSING, instant

    for each in found:
        tried = ", ".join(f"{name}={value}" for name, value in each["settings"].items()) or "as it is"
        table = Table("Opened", "Resolved", "Id", "Seen", "Expected", title=f"{each['rule']}, {tried}")
        for alert in each["alerts"]:
            ended = MISSING if alert["resolved_ms"] is None else instant(alert["resolved_ms"])
            table.add_row(
                instant(alert["opened_ms"]), ended, alert["id"], f"{alert['seen']:g}", f"{alert['expected']:g}"
            )
        print_table(table, 140)
        say(summary(each))


def summary(found: "Mapping[str, Any]") -> str:
    """What a backtest comes to, in a line; what there is nothing to compute of is a dash."""
    from pipeline.views.wording import MISSING, counted

    rate, precision, recall = (
        MISSING if found.get(name) is None else found[name] for name in ("per_team_and_week", "precision", "recall")
    )
    most = found["most_of_a_team_and_week"]
    line = f"{counted(len(found['alerts']), 'alert')}, {rate} a team and week, {most} at most"
    return f"{line}; precision {precision}, recall {recall}" if "precision" in found else line
