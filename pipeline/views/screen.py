"""The live figures on a terminal: one picture out of what was read, drawn by rich. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.measures import COMPANY
from pipeline.views import freshness, overview
from pipeline.views.achievements import line
from pipeline.views.alert_wording import alert_words
from pipeline.views.beyond import beyond
from pipeline.views.contests import in_order, leaders, state_of
from pipeline.views.freshness import Evidence
from pipeline.views.industry import beside, beside_in_words
from pipeline.views.readings import Reading
from pipeline.views.wording import (
    MISSING,
    clock_time,
    display_name,
    opening,
    say,
    stall,
    state_words,
    undeclared,
)
from pipeline.visible import visible

TEAM_KPIS = (
    ("calls", "calls"),
    ("connect_rate", "connected"),
    ("talk_time", "talk"),
    ("emails", "emails"),
    ("meetings_held", "meetings"),
    ("won", "won"),
    ("win_rate", "win rate"),
    ("bookings", "bookings"),
)
SCORE = ("activity_score", "score")
"""Of teams, where anybody weighs activities in the window."""
REP_KPIS = (
    ("activities", "activities"),
    ("calls", "calls"),
    ("talk_time", "talk"),
    ("won", "won"),
    ("bookings", "bookings"),
)
COACHING_KPIS = (
    ("one_to_ones", "one-to-ones"),
    ("coaching_sessions", "coaching sessions"),
    ("call_quality", "call quality"),
    ("customer_satisfaction", "customer satisfaction"),
    ("enps", "eNPS"),
    ("survey_response_rate", "answered surveys"),
)
"""Of the company, as far as anything is told of them in the window."""
SHOWN_REPS = 10
SHOWN_ABSENT = 5
NO_NAMES: Mapping[str, str] = {}
SHOWN_CONTESTS = 3


SHOWN_ACHIEVED = 5


class Recognised(NamedTuple):
    """What stands beside the figures: contests, the latest achievements, and what was told of an industry."""

    contests: Sequence[Mapping[str, Any]] = ()
    achieved: Sequence[Mapping[str, Any]] = ()
    industry: Sequence[Mapping[str, Any]] = ()


NOTHING_RECOGNISED = Recognised()
STALE = "dim strike"
"""How figures look that nobody vouches for."""


def picture(
    figures: Mapping[str, Reading],
    alerts: Sequence[Mapping[str, Any]],
    window: str,
    as_of_ms: int,
    evidence: Evidence,
    names: Mapping[str, str] = NO_NAMES,
    recognised: Recognised = NOTHING_RECOGNISED,
) -> RenderableType:
    """Everything at a glance, for one window. What stands still is struck out, and the title says why.

    `names` are display names by scope: they are for the eyes alone, so lines do not have them.
    """
    verdict = freshness.overall(evidence)
    said = (visible(freshness.in_words(verdict)), "green" if verdict.live else "bold red")
    title = Text.assemble(("Salespulse", "bold"), f"   {visible(window)}   as of {clock_time(as_of_ms)}   ", said)
    stale = freshness.stale(evidence, {scope: reading.home for scope, reading in figures.items()})
    company = overview.company(figures)
    below = Table.grid(padding=(1, 4, 1, 0))
    beside = [_goals(company, window, stale)] if overview.goals(company, window) else []
    beside += [_phones(company, stale)] if overview.phones(company) else []
    below.add_row(_reps(figures, window, stale, names), Group(*beside, _funnel(company, window, stale)))
    beneath = _beneath(recognised, figures, company, window, known=verdict.live)
    return Group(
        title,
        _teams(figures, company, window, stale, names),
        below,
        *beneath,
        _alerts(alerts, names, known=verdict.live),
    )


def lines(
    figures: Mapping[str, Reading], alerts: Sequence[Mapping[str, Any]], changed: set[str], window: str
) -> list[str]:
    """The teams that changed, one line each, for where there is no terminal."""
    shown = [each for each in _with_company(figures) if each.scope in changed]
    told = [
        f"{clock_time(each.as_of_ms)}  {each.scope}  {window}  {words}"
        for each in shown
        if (words := _words(each, window))
    ]
    return [*told, *(f"alert  {_alert(alert)}" for alert in alerts)]


def _words(reading: Reading, window: str) -> str:
    words = ((title, reading.value(window, kpi), kpi) for kpi, title in (*TEAM_KPIS, SCORE))
    return "  ".join(f"{title} {say(kpi, value, reading.currency)}" for title, value, kpi in words if value is not None)


def _with_company(figures: Mapping[str, Reading]) -> list[Reading]:
    company = overview.company(figures)
    return [*([company] if company else []), *overview.teams(figures)]


def _teams(
    figures: Mapping[str, Reading],
    company: Reading | None,
    window: str,
    stale: Collection[str],
    names: Mapping[str, str],
) -> Table:
    table = Table("team", expand=True, box=None, header_style="bold", padding=(0, 1))
    shown = _with_company(figures)
    scored = any(reading.value(window, SCORE[0]) is not None for reading in shown)
    kpis = (*TEAM_KPIS, SCORE) if scored else TEAM_KPIS
    for _, title in (*kpis, ("open_pipeline", "open pipeline")):
        table.add_column(title, justify="right")
    for reading in shown:
        cells = [say(kpi, reading.value(window, kpi), reading.currency) for kpi, _ in kpis]
        cells.append(say("open_pipeline", reading.value("now", "open_pipeline"), reading.currency))
        style = "bold" if reading is company else "cyan" if reading.scope.startswith("group:") else ""
        told = ", ".join(filter(None, (opening(reading.special_day), *beyond(reading, window))))
        said = f"{display_name(reading.scope, names)}{_other_day(reading, company, window)}"
        name = escape(visible(f"{said} ({told})" if told else said))
        table.add_row(name, *map(visible, cells), style=STALE if reading.scope in stale else style)
    moved = ((display_name(reading.scope, names), overview.splits(reading, window)) for reading in shown)
    if splits := [visible(f"{name} {words}") for name, words in moved if words]:
        table.caption, table.caption_justify = escape("\n".join(splits)), "left"
    return table


def _other_day(reading: Reading, company: Reading | None, window: str) -> str:
    """The window of a row where it is another one than the company's: their midnights differ."""
    own, whole = reading.window_id(window), company.window_id(window) if company else ""
    return f" ({own.partition(':')[2]})" if own and whole and own != whole else ""


def _reps(figures: Mapping[str, Reading], window: str, stale: Collection[str], names: Mapping[str, str]) -> Table:
    table = Table("rep", title="Reps", title_justify="left", box=None, header_style="bold", padding=(0, 1))
    for _, title in (*REP_KPIS, ("", "phone")):
        table.add_column(title, justify="right")
    reps = overview.reps(figures, window, "activities")
    told = []
    if reps and not any(window in reading.windows for reading in reps):
        told.append(f"not published in the window {window}")
        reps = []
    away, new = overview.absent(figures), overview.ramping(figures)
    if away:
        told.append(visible(f"absent: {_some([display_name(scope, names) for scope in sorted(away)])}"))
    table.caption, table.caption_justify = escape("\n".join(told)) or None, "left"
    for reading in reps[:SHOWN_REPS]:
        name = display_name(reading.scope, names)
        name += (" (absent)" if reading.scope in away else "") + (" (in ramp)" if reading.scope in new else "")
        cells = [say(kpi, reading.value(window, kpi), reading.currency) for kpi, _ in REP_KPIS]
        phones = (f"{state_words(state.name)} {clock_time(state.since_ms)}" for state in overview.phones(reading))
        cells.append(next(phones, MISSING))
        table.add_row(
            escape(visible(name)),
            *map(escape, map(visible, cells)),
            style=STALE if reading.scope in stale else "",
        )
    return table


def _some(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - SHOWN_ABSENT
    return ", ".join(names[:SHOWN_ABSENT]) + (f" and {more:,} more" if more > 0 else "")


def _goals(company: Reading | None, window: str, stale: Collection[str]) -> Table:
    table = Table("goal", title="Goals", title_justify="left", box=None, header_style="bold", padding=(0, 1))
    for title in ("reached", "target", "below", "share", "pace", "ends at"):
        table.add_column(title, justify="right")
    currency = company.currency if company is not None else ""
    for goal in overview.goals(company, window):
        amounts = (say(goal.kpi, each, currency) for each in (goal.reached, goal.target, goal.below))
        shares = (say("goal_attainment", each, currency) for each in (goal.share, goal.pace))
        table.add_row(
            escape(visible(goal.kpi.replace("_", " "))),
            *map(visible, (*amounts, *shares, _ends(goal, currency))),
            style=STALE if COMPANY in stale else "",
        )
    return table


def _phones(company: Reading | None, stale: Collection[str]) -> Table:
    table = Table("phones", title="Phones now", title_justify="left", box=None, header_style="bold", padding=(0, 1))
    for title in ("reps", "since"):
        table.add_column(title, justify="right")
    for state in overview.phones(company):
        table.add_row(
            escape(visible(state_words(state.name))),
            f"{state.reps:,}",
            clock_time(state.since_ms),
            style=STALE if COMPANY in stale else "",
        )
    return table


def _ends(goal: overview.Goal, currency: str) -> str:
    """The projection; with a curve between which two totals it lies, and when that was learnt."""
    low, ends, high = (say(goal.kpi, each, currency) for each in (goal.low, goal.ends, goal.high))
    return ends if goal.low is None else f"{ends} ({low} to {high}, curve of {goal.curve})"


def _funnel(company: Reading | None, window: str, stale: Collection[str]) -> Table:
    table = Table("stage", title="Funnel", title_justify="left", box=None, header_style="bold", padding=(0, 1))
    table.add_column(f"entered, {window}", justify="right")
    table.add_column("open now", justify="right")
    table.add_column("", min_width=24)
    stages = overview.funnel(company, window)
    most = max((stage.open_deals for stage in stages), default=0)
    for stage in stages:
        # Where nothing is open, as in won and lost, there is nothing to draw.
        bar = ProgressBar(total=max(most, 1), completed=stage.open_deals, width=24) if stage.open_deals else ""
        open_now = f"{stage.open_deals:,}" if stage.open_deals else ""
        table.add_row(
            escape(visible(stage.id)),
            f"{stage.entered:,}",
            open_now,
            bar,
            style=STALE if COMPANY in stale else "",
        )
    unknown = undeclared(int(company.value("now", "unknown_stages") or 0) if company else 0)
    if told := [line for line in (visible(stall(overview.stalled_stage(company))), unknown) if line]:
        table.caption, table.caption_style, table.caption_justify = escape("\n".join(told)), "red", "left"
    return table


def _beneath(
    recognised: Recognised, figures: Mapping[str, Reading], company: Reading | None, window: str, *, known: bool
) -> list[RenderableType]:
    """Coaching and mood, contests, the latest achievements, reps here beside those elsewhere: what there is of it."""
    currency = company.currency if company else ""
    contests = [
        f"{each['title']}: {each['kpi']}, {state_of(each)}  {leaders(each, currency)}"
        for each in in_order(recognised.contests)[:SHOWN_CONTESTS]
    ]
    achieved = [line(each, currency) for each in recognised.achieved[:SHOWN_ACHIEVED]]
    rows = beside(figures, recognised.industry, window)
    industry = [f"{beside_in_words(each, currency)} ({each.figure.source_name})" for each in rows]
    values = ((title, kpi, company.value(window, kpi)) for kpi, title in COACHING_KPIS) if company else ()
    coaching = [f"{title} {say(kpi, value, currency)}" for title, kpi, value in values if value is not None]
    panels = (
        ("Coaching and mood", ["   ".join(coaching)] if coaching else []),
        (f"Contests ({len(recognised.contests)})", contests),
        ("Achievements", achieved),
        ("Reps here and elsewhere, in the middle", industry),
    )
    style = "" if known else STALE
    return [
        Panel(Text("\n".join(map(visible, told)), style=style), title=title, title_align="left")
        for title, told in panels
        if told
    ]


def _alerts(alerts: Sequence[Mapping[str, Any]], names: Mapping[str, str], *, known: bool) -> RenderableType:
    if not alerts:
        return Text("no open alerts" if known else "whether teams are active is not known", style="dim")
    return Panel(
        "\n".join(
            escape(visible(f"{display_name(alert['scope'], names)}  {alert_words(alert)}")) for alert in alerts[:8]
        ),
        title=f"Alerts ({len(alerts)})",
        border_style="red",
    )


def _alert(alert: Mapping[str, Any]) -> str:
    return f"{alert['scope']}  {alert_words(alert)}"
