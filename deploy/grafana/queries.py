"""PromQL for the dashboards: KPIs of the chosen teams, of all of them together, of the company's funnel.

`max` over workers, because for a moment after a take-over two of them may be scraped with the same figure.
"""

from collections.abc import Sequence
from typing import Literal

from deploy.grafana.panels import Query
from pipeline.measures import UNASSIGNED
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.readings import Part, Read
from pipeline.sinks.series_names import is_money, series_name

HERE = 'namespace="$namespace"'
"""Of the chosen deployment."""
TEAMS = f'{HERE},scope=~"$team"'


def _series(kpi: str, part: Part = "") -> str:
    return series_name(Read(BY_NAME[kpi], part))


def team(kpi: str, window: str, before: str = "") -> str:
    """A KPI of each chosen team, by `team`. `before` is an offset: `1d` gives what it was a day ago."""
    offset = f" offset {before}" if before else ""
    return f'max by (team) ({_series(kpi)}{{{TEAMS},window="{window}"}}{offset})'


def team_money(kpi: str, window: str) -> str:
    """An amount of each chosen team, by `team` and `currency`."""
    return f'max by (team, currency) ({_series(kpi)}{{{TEAMS},window="{window}"}})'


def total(kpi: str, window: str, before: str = "") -> str:
    """A count of the chosen teams together, or an amount by `currency`; ratios cannot be added up, see `pooled`."""
    return _sum(kpi, "", window, before)


def pooled(kpi: str, window: str) -> str:
    """A ratio or mean of the chosen teams together: all they have of one number, by all they have of the other.

    Means of money are by `currency`.
    """
    every = f"({_sum(kpi, 'denominator', window)} > 0)"
    by = "/ on () group_left ()" if is_money(Read(BY_NAME[kpi], "numerator")) else "/"
    return f"{_sum(kpi, 'numerator', window)} {by} {every}"


def _sum(kpi: str, part: Part, window: str, before: str = "") -> str:
    offset = f" offset {before}" if before else ""
    series = f'{_series(kpi, part)}{{{TEAMS},window="{window}"}}{offset}'
    if is_money(Read(BY_NAME[kpi], part)):
        return f"sum by (currency) (max by (team, currency) ({series}))"
    return f"sum(max by (team) ({series}))"


def stage(kpi: str, window: str) -> str:
    """A KPI of the company's funnel, by `process` and `stage`."""
    return f'max by (process, stage) ({_series(kpi)}{{{HERE},scope="company",window="{window}"}})'


def waits() -> str:
    """For how many seconds the caller of each chosen team has waited who waits longest, by `team`."""
    since = f'salespulse_longest_wait_since_timestamp_seconds{{{HERE},team=~"$team"}}'
    return f"time() - min by (team) ({since})"


def company(kpi: str, window: str) -> str:
    """A count of the whole company, 0 where there is none."""
    return _of_scope(kpi, "company", window)


def unassigned(kpi: str, window: str) -> str:
    """A count of what no team can be given, 0 where there is none."""
    return _of_scope(kpi, f"team:{UNASSIGNED}", window)


def _of_scope(kpi: str, scope: str, window: str) -> str:
    return f'max({_series(kpi)}{{{HERE},scope="{scope}",window="{window}"}}) or vector(0)'


def phones() -> str:
    """How many reps of the chosen teams have their phone in each state now, by `state` and `reason`."""
    by_team = f'max by (team, state, reason) ({_series("agent_states")}{{{TEAMS},window="now"}})'
    return f"sum by (state, reason) ({by_team})"


def against_yesterday(kpi: str) -> list[Query]:
    """A total of the chosen teams' day so far, and what it was at this time a day ago."""
    of = " {{currency}}" if is_money(Read(BY_NAME[kpi])) else ""
    before = total(kpi, "day", before="1d")
    return [Query(total(kpi, "day"), f"today{of}"), Query(before, f"yesterday, same time{of}")]


def where_teams_work(expression: str) -> str:
    """A count by `team`: 0 for each chosen team that has none, and no other team."""
    return f"{expression} and {working_hours()} or 0 * {working_hours()}"


def restarts() -> str:
    """1 at the moments at which a worker had just begun, by `instance`."""
    began = f"max by (job, instance) (salespulse_build_info{{{HERE}}})"
    return f"({began} * on (job, instance) changes(process_start_time_seconds[$__interval])) > 0"


def deploys() -> str:
    """1 for five minutes after a version took the place of another, by `version`."""
    now, before = (f"salespulse_build_info{{{HERE}}}{offset}" for offset in ("", " offset 5m"))
    return f"(count by (version) ({now}) unless count by (version) ({before})) and on () (count({before}) > 0)"


def firing() -> str:
    """The alerts of the deployment that fire in Prometheus, by name."""
    return f'count by (alertname) (ALERTS{{{HERE},alertstate="firing"}})'


def of_processes(expression: str) -> str:
    """What the workers' processes tell by `job` and `instance`, of this deployment's, by `instance`."""
    ours = f"max by (job, instance) (salespulse_build_info{{{HERE}}})"
    return f"max by (instance) ({expression} * on (job, instance) {ours})"


def missed_feeds() -> str:
    """How many of the sources that it expects each chosen team misses, by `team`."""
    return f'sum by (team) (max by (team, source) (salespulse_feed_missed{{{HERE},team=~"$team"}}))'


def most(gauge: str, *kept: str) -> str:
    """The largest of a gauge of the workers, by these labels."""
    by = f" by ({','.join(kept)})" if kept else ""
    return f"max{by} ({gauge}{{{HERE}}})"


def alerts(*kept: str) -> str:
    """How many alerts are open in the deployment, feeds' ones included, by these labels."""
    return f"sum by ({','.join(kept)}) (max without (instance) (salespulse_alert_open{{{HERE}}}))"


def alerts_of(kind: str | Sequence[str], *kept: str) -> str:
    """How many alerts of a kind, or of some, are open, by these labels; 0 where none is, if they are all together."""
    of = f'kind="{kind}"' if isinstance(kind, str) else f'kind=~"{"|".join(kind)}"'
    found = f"max without (instance) (salespulse_alert_open{{{HERE},{of}}})"
    return f"sum by ({','.join(kept)}) ({found})" if kept else f"sum({found}) or vector(0)"


def opened(*kept: str) -> str:
    """When the alerts that are open opened, in milliseconds, by these labels."""
    return f"min by ({','.join(kept)}) (salespulse_alert_opened_timestamp_seconds{{{HERE}}}) * 1000"


def noted(*kept: str) -> str:
    """1 for each alert that is open and that somebody took note of, 0 for the others, by these labels."""
    return f"max by ({','.join(kept)}) (salespulse_alert_acknowledged{{{HERE}}})"


def muted_until(*kept: str) -> str:
    """Until when alerts are muted, in milliseconds, by these labels."""
    return f"max by ({','.join(kept)}) (salespulse_alert_muted_until_timestamp_seconds{{{HERE}}}) * 1000"


def muted(*kept: str) -> str:
    """How many alerts are muted in the deployment, by these labels; 0 where there are none, if they are all together.

    A muted alert would be open otherwise.
    """
    found = f"max without (instance) (salespulse_alert_muted_until_timestamp_seconds{{{HERE}}})"
    return f"count by ({','.join(kept)}) ({found})" if kept else f"count({found}) or vector(0)"


def alert_states() -> str:
    """How each alert stands, by `kind` and `scope`: 1 open, 2 acknowledged, 3 muted."""
    standing = f"max by (kind, scope) (salespulse_alert_open{{{HERE}}}) + {noted('kind', 'scope')}"
    return f"({standing}) or ({muted_until('kind', 'scope')} * 0 + 3)"


def who_misses() -> str:
    """1 for each source that a chosen team misses, by `team` and `source`."""
    return f'max by (team, source) (salespulse_feed_missed{{{HERE},team=~"$team"}}) > 0'


def partition_age() -> str:
    """How far the figures of each partition lie behind the clock, by `stage` and `partition`."""
    return figure_age("stage", "partition")


def team_age() -> str:
    """How far the figures of each chosen team's partition lie behind the clock, by `team`; of stale ones too."""
    hours = f'last_over_time(salespulse_team_at_work{{{HERE},team=~"$team"}}[1h])'
    newest = f'max by (partition) (salespulse_now_timestamp_seconds{{{HERE},stage="scoreboard"}})'
    where = f"0 * max by (team, partition) ({hours})"
    return f"max by (team) ({where} + on (partition) group_left () (time() - {newest}))"


def usual(bound: Literal["", "low", "high"] = "", kpi: str = "activities_usual") -> str:
    """What each chosen team usually does, or an end of the band around that, by `team`."""
    series = f"salespulse_activities_usual_{bound}" if bound else "salespulse_activities_usual"
    return f'max by (team) ({series}{{{HERE},team=~"$team",kpi="{kpi}"}})'


def working_hours() -> str:
    """1 for each chosen team that works now, 0 for the others, by `team`."""
    return f'max by (team) (salespulse_team_at_work{{{HERE},team=~"$team"}})'


def feed_age() -> str:
    """Seconds since anything came, by `source`."""
    return f"time() - max by (source) (salespulse_last_event_timestamp_seconds{{{HERE}}})"


def figure_age(*kept: str) -> str:
    """How far the figures of the slowest partition lie behind the clock, by these labels."""
    newest = f"max by (stage, partition) (salespulse_now_timestamp_seconds{{{HERE}}})"
    return f"time() - min by ({','.join(kept)}) ({newest})"


def rate(counter: str, *kept: str) -> str:
    """A counter's rate a second, over workers, by these labels."""
    by = f" by ({','.join(kept)})" if kept else ""
    return f"sum{by} (rate({counter}{{{HERE}}}[$__rate_interval]))"


def refused_share() -> str:
    """What is refused of all that arrives, over the five minutes that SalespulseDeadLettersRising looks at."""
    refused = f"(sum(rate(salespulse_dead_letters_total{{{HERE}}}[5m])) or vector(0))"
    return f"{refused} / ({refused} + sum(rate(salespulse_events_total{{{HERE}}}[5m])) > 0)"


def quantile(q: float, histogram: str, *kept: str) -> str:
    """A quantile of what a histogram saw lately, over workers, by these labels."""
    buckets = f"rate({histogram}_bucket{{{HERE}}}[$__rate_interval])"
    return f"histogram_quantile({q}, sum by ({','.join((*kept, 'le'))}) ({buckets}))"
