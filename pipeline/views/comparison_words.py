"""What docs/kpis.md says of comparisons: no figures, but answers that are worked out of figures when somebody asks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.scores.usual import BAND, LEAST_DAYS, NORMAL
from pipeline.views.benchmarks import BEFORE, LEAST_PEERS
from pipeline.views.coaching import SPAN_DAYS
from pipeline.views.least_sample import LEAST_SAMPLE
from pipeline.views.usual_day import DAYS_BEFORE

_OF_DAYS = (
    f"the days of the weekday in the {DAYS_BEFORE} days before, on which anybody of the scope's team, group or the"
    " company was at work (`bookings_per_rep_day` divides by them) and the scope had any activity, as far as they have"
    " a value. A rep over all teams, and a team without such a figure, go by that of the company; where that has none"
    " either, by activities alone. A scope without any activity goes by who was at work. Nothing is usual of a day on"
    " which nobody is at work"
)
_WHOLE_DAY = "whole local days, of 23 or 25 hours too, by the time of the KPI; a day that is not over is compared whole"


class Answer(NamedTuple):
    """A number of a comparison, or several that are told alike, in the words of whoever reads it."""

    names: tuple[str, ...]
    description: str
    formula: str
    population: str
    least_sample: str
    time_basis: str
    unit: str


class Comparison(NamedTuple):
    """A section of the page: where to ask, how others do it, and each number. `name` is that of the answers' family."""

    name: str
    title: str
    where: str
    elsewhere: str
    answers: Sequence[Answer]


_PEERS = (
    "KPIs of which more or less is better; the present reps of the team who have a value, of a rep over all teams those"
    " of all teams. Who is in ramp,"
    " has left or is elsewhere by now is none of them, who is absent is. A count of 0 is a value; a"
    " share or an average of nothing is none"
)
_CURRENT = "that of the KPI, in a current day, week, month, quarter or year, so far"

COMPARISONS: Mapping[int, Comparison] = {
    28: Comparison(
        "ranks",
        "Leaderboard rank",
        "The present reps of a team, or of all teams, in the order of a KPI: [`salespulse ranks`,"
        " `/api/v1/ranks/<home>`](outputs.md#the-boards-api). The sorted sets in [Redis](outputs.md#redis) hold the"
        " values of five KPIs, without places.",
        "`RANK` of SQL and of spreadsheets shares places in the same way; `DENSE_RANK` goes on with the next number"
        " (1, 1, 2).",
        (
            Answer(
                ("place",),
                "The place of a rep in the order of the KPI. Equal values share a place, and the next one is as many"
                " further on: 1, 1, 3",
                "1 + reps with a place whose value is better",
                "KPIs of reps of which more or less is better; the present reps of the team, of the company those of"
                " all teams. Who is in ramp stands last without a place, who is absent has one, who has left is not"
                " there. A count of 0 is a value; a share or an average of nothing is none",
                f"{LEAST_SAMPLE} cases of a share, an average or a median (`least`), none of a count; no place for"
                " fewer",
                "that of the KPI, in a current window that is published of reps, so far",
                "1 is the best; reps without a place come last, by id",
            ),
        ),
    ),
    48: Comparison(
        "benchmarks",
        "Benchmarks",
        "A rep beside the team and the rep's own past: [`salespulse benchmarks`,"
        " `/api/v1/benchmarks/<scope>`](outputs.md#the-boards-api). What is usual of reps elsewhere"
        " [stands beside it](events.md#benchmark), where the organisation was told that.",
        "Salesforce's Team Benchmark dashboard shows a rep beside the team's average, which one large deal moves."
        " `PERCENTRANK.INC` of a spreadsheet and `PERCENT_RANK` of SQL count only those who are below; here those who"
        " are equal count half, so two who have the same are told the same, and the middle of a team is at 50.",
        (
            Answer(
                ("team_median",),
                "What the rep in the middle of the team has: as many have more as have less",
                "median of the KPI of the peers and the rep, if not in ramp; of an even number half way between the two"
                " in the middle",
                _PEERS,
                f"{LEAST_PEERS} peers; null for fewer",
                _CURRENT,
                "that of the KPI",
            ),
            Answer(
                ("percentile",),
                "How many of a hundred peers the rep is better than. Where less is better, those who have more are"
                " worse",
                "100 x (peers who are worse + peers who are equal / 2) / `peers`",
                _PEERS,
                f"{LEAST_PEERS} peers, and a value of the rep's own, who is not in ramp; null otherwise",
                _CURRENT,
                "0 to 100; more is better",
            ),
            Answer(
                ("before",),
                f"The rep's own trend: the {BEFORE} windows of that kind before the current one, the oldest first",
                "the KPI of each window; 0 in one in which a count had nothing, null where there was nothing to divide"
                " by",
                "what the rep did in that team, of a rep over all teams in all of them",
                "none; fewer windows, where the rep was first heard of later",
                "that of the KPI, in whole windows, while the current one is not over",
                "that of the KPI",
            ),
        ),
    ),
    49: Comparison(
        "coaching",
        "Before and after a session",
        "What came after one-to-ones and coaching sessions: [`salespulse coaching`,"
        " `/api/v1/coaching/<scope>`](outputs.md#the-boards-api). It shows what changed, and cannot tell why.",
        "No definition is usual. Some compare a rep's first day with the 90th, some the scores of calls by what the"
        " session was about (`call_quality` can be compared here, too).",
        (
            Answer(
                ("before",),
                f"A KPI in the {SPAN_DAYS} days before the day of the session",
                f"of a count or an amount sum / {SPAN_DAYS}; of a share or an average sum of `numerator` / sum of"
                " `denominator`",
                "counts, shares and averages of days, of a rep, a team or the company; medians of days make none of"
                " weeks. Sessions of a team are its own and those of its reps. What a rep who has left did stays the"
                " team's",
                "none; null where there is nothing to divide by. Days before the first event count as days with"
                " nothing",
                "local days, by the time of the KPI; the day of the session is on neither side",
                "that of the KPI, of a count or an amount for each calendar day",
            ),
            Answer(
                ("after",),
                f"The same in the days since, {SPAN_DAYS} at most",
                "of a count or an amount sum / `days_after`; of a share or an average as before",
                "the same; another session in these days is not left out",
                f"one day; `days_after` says how many there are, and below {SPAN_DAYS} the answer still moves",
                "the same; today is one of the days, though it is not over",
                "the same",
            ),
        ),
    ),
    50: Comparison(
        "usual_whole_day",
        "Usual days",
        "A day beside what is usual of it, and each day of a series:"
        " [`salespulse figures`, `/api/v1/figures/<scope>`](outputs.md#the-boards-api)"
        " (`usual_whole_day`; [decision 68](decisions/0068-usual-days-are-worked-out-when-asked.md)). Counts, amounts,"
        " shares, averages and medians of days have one; what stands now, and what is told by stage, state, category or"
        " target, has none.",
        "Atrium compares with the same point of former quarters, most boards with the mean of the last days. A mean is"
        " moved by one campaign for weeks.",
        (
            Answer(
                ("value",),
                "What such a day comes to, as a rule",
                "median of the KPI",
                _OF_DAYS,
                f"{LEAST_DAYS} days, which `n` tells; null for fewer",
                _WHOLE_DAY,
                "that of the KPI",
            ),
            Answer(
                ("low", "high"),
                "The band: beyond it a day is out of the ordinary",
                f"`value` -/+ {BAND} x spread; spread = {NORMAL} x median distance from the median, of counts at least"
                " the root of the median, of shares of counts at least the root of median x (1 - median) / the median"
                " of what is divided by. Where no day was below 0, nor a share above 1, the band ends there",
                "the same",
                "the same",
                "the same",
                "that of the KPI",
            ),
        ),
    ),
}
"""By the number of the section."""


def lines(comparison: Comparison) -> Iterator[str]:
    """The lines of a section behind its heading."""
    yield from (comparison.where, "", f"Elsewhere: {comparison.elsewhere}", "")
    for answer in comparison.answers:
        yield f"**`{', '.join(answer.names)}`** {answer.description}."
        yield f"- Formula: {answer.formula}"
        yield f"- Population: {answer.population}"
        yield f"- Least sample: {answer.least_sample}"
        yield f"- Time basis: {answer.time_basis}"
        yield f"- Unit: {answer.unit}"
        yield ""
