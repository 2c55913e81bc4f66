"""Benchmarks, what was before and after sessions, and usual days, in SQL over the figures that the audit expects."""

from typing import NamedTuple

from pipeline.audit.database import Database
from pipeline.scores.kpis import KPIS

BENCHMARKS = """
    WITH told AS (
        SELECT p.rep, e.kpi, e.number
        FROM present p JOIN expected e ON e.scope = 'rep:' || p.rep || '@' || substr(p.home, 6)
        WHERE p.home = $1 AND e.win = 'month:' || $3 AND e.path = 'value'
    ),
    value AS (FROM told ANTI JOIN (FROM ramping WHERE home = $1) USING (rep)),
    own AS (FROM told WHERE rep = $2),
    beside AS (
        SELECT o.kpi, any_value(o.number) AS own, count(v.number) FILTER (v.rep <> $2) AS peers,
            quantile_cont(v.number, 0.5) AS middle,
            100 * avg(CASE WHEN v.number = o.number THEN 0.5
                WHEN list_contains($4, o.kpi) THEN (v.number > o.number)::INT ELSE (v.number < o.number)::INT END
            ) FILTER (v.rep <> $2) AS better
        FROM own o LEFT JOIN value v USING (kpi)
        GROUP BY o.kpi
    ),
    past AS (
        SELECT win, kpi, number FROM expected
        WHERE scope = 'rep:' || $2 || '@' || substr($1, 6) AND kind = 'month' AND path = 'value'
    ),
    month AS (
        SELECT 'month:' || strftime(($3 || '-01')::DATE - to_months(back), '%Y-%m') AS win
        FROM (SELECT unnest(range(1, 7))::INT AS back)
        WHERE win >= (SELECT min(win) FROM past)
    ),
    before AS (
        SELECT o.kpi, list(coalesce(p.number, CASE WHEN d.formula = 'count' THEN 0 END) ORDER BY m.win) AS numbers
        FROM own o JOIN definition d USING (kpi) CROSS JOIN month m LEFT JOIN past p ON p.kpi = o.kpi AND p.win = m.win
        GROUP BY o.kpi
    )
    SELECT kpi, own, peers, CASE WHEN peers > 4 THEN middle END,
        CASE WHEN peers > 4 AND $2 IN (SELECT rep FROM value) THEN better END, coalesce(numbers, [])
    FROM beside LEFT JOIN before USING (kpi)
    ORDER BY kpi
"""
"""Of a month in which the rep did nothing the audit expects no figure: then a count was 0."""
SESSIONS = """
    WITH told AS (
        SELECT substr(win, 5)::DATE AS day, kpi, path, number FROM expected WHERE scope = $1 AND kind = 'day'
    ),
    session AS (
        SELECT DISTINCT day FROM told
        WHERE kpi IN ('one_to_ones', 'coaching_sessions') AND path = 'value' AND number > 0
    ),
    side AS (
        SELECT day, 'before' AS side, day - 28 AS first, day - 1 AS last FROM session
        UNION ALL
        SELECT day, 'after', day + 1, least(day + 28, $2::DATE) FROM session
    ),
    summed AS (
        SELECT s.day, s.side, d.kpi, d.formula, s.last - s.first + 1 AS days,
            coalesce(sum(t.number) FILTER (t.path = 'value'), 0) AS counted,
            sum(t.number) FILTER (t.path = 'numerator') AS above,
            sum(t.number) FILTER (t.path = 'denominator') AS below
        FROM side s CROSS JOIN definition d LEFT JOIN told t ON t.kpi = d.kpi AND t.day BETWEEN s.first AND s.last
        GROUP BY ALL
    ),
    compared AS (
        SELECT day, kpi, side, days,
            CASE WHEN formula <> 'count' THEN above / nullif(below, 0) WHEN days > 0 THEN counted / days END AS number
        FROM summed
    )
    SELECT day, a.days, kpi, b.number, a.number
    FROM (FROM compared WHERE side = 'before') b JOIN (FROM compared WHERE side = 'after') a USING (day, kpi)
    ORDER BY day DESC, kpi
"""

USUAL_DAYS = """
    WITH of_day AS (
        SELECT scope, substr(win, 5)::DATE AS day, kpi, path, number FROM expected
        WHERE kind = 'day' AND day BETWEEN $2::DATE - 56 AND $2::DATE
    ),
    at_work AS (
        SELECT scope, day, number > 0 AS works, bool_or(number > 0) OVER (PARTITION BY scope) AS is_one,
            scope = 'company' AS is_last
        FROM of_day
        WHERE kpi = 'bookings_per_rep_day' AND path = 'denominator' AND scope IN (
            'company', CASE WHEN $1 LIKE 'rep:%@%' THEN 'team:' || split_part($1, '@', 2) ELSE $1 END
        )
    ),
    works AS (FROM at_work WHERE is_one QUALIFY is_last = min(is_last) OVER ()),
    dated AS (SELECT count(*) > 0 AS is_dated FROM works),
    active AS (
        SELECT day FROM of_day
        WHERE scope = $1 AND kpi = 'activities' AND path = 'value' AND number > 0 AND day < $2::DATE
    ),
    free AS (SELECT day FROM works WHERE NOT works),
    counted AS (
        SELECT $2::DATE - 7 * week AS day FROM (SELECT unnest(range(1, 9))::INT AS week), dated
        WHERE day NOT IN (FROM free) AND $2::DATE NOT IN (FROM free)
            AND (day IN (FROM active) OR (is_dated AND (SELECT count(*) FROM active) = 0))
    ),
    value AS (
        SELECT kpi, day, max(number) FILTER (path = 'value') AS number,
            max(number) FILTER (path = 'denominator') AS below
        FROM of_day JOIN counted USING (day) WHERE scope = $1 GROUP BY ALL HAVING number IS NOT NULL
    ),
    known AS (
        SELECT v.kpi, any_value(d.formula) AS formula, count(*) AS n, median(v.number) AS middle,
            min(v.number) AS least, max(v.number) AS most, greatest(1.4826 * mad(v.number), CASE
                WHEN v.kpi IN (SELECT unnest($3::TEXT[])) THEN sqrt(median(v.number))
                WHEN v.kpi IN (SELECT unnest($4::TEXT[]))
                    THEN sqrt(median(v.number) * (1 - median(v.number)) / median(v.below))
                ELSE 0 END) AS deviation
        FROM value v JOIN definition d USING (kpi) GROUP BY v.kpi
    )
    SELECT kpi, CASE WHEN n > 3 THEN middle END,
        CASE WHEN n > 3 THEN greatest(middle - 2 * deviation, CASE WHEN least >= 0 THEN 0 END) END,
        CASE WHEN n > 3 THEN least(middle + 2 * deviation, CASE WHEN formula = 'ratio' AND most <= 1 THEN 1 END) END, n
    FROM known ORDER BY kpi
"""
"""By the reps whom the audit has at work on each day, of the scope's team or else of the company."""


class Beside(NamedTuple):
    """A KPI of a rep beside the peers and the six months before, those since the rep was first heard of."""

    kpi: str
    own: float | None
    peers: int
    median: float | None
    percentile: float | None
    before: list[float | None]


class Around(NamedTuple):
    """A KPI in the weeks before and after a session."""

    day: str
    days_after: int
    kpi: str
    before: float | None
    after: float | None


def benchmarks(database: Database, home: str, rep: str, month: str, less: list[str]) -> list[Beside]:
    """Each KPI of a present rep of a team in a month, such as 2025-11, by name; of those in `less`, less is better.

    Called once the audit has worked out its figures and who belongs to which team.
    """
    return [Beside(*row) for row in database.rows(BENCHMARKS, [home, rep, month, less])]


def sessions(database: Database, scope: str, today: str) -> list[Around]:
    """Each day with a session of a scope, the latest first, with each KPI by name; called as `benchmarks` is."""
    return [Around(str(day), *told) for day, *told in database.rows(SESSIONS, [scope, today])]


def usual_days(database: Database, scope: str, day: str) -> dict[str, tuple[float | None, ...]]:
    """What is usual of a whole day of a scope by KPI: value, both ends of the band, and how many days it is of.

    Called once the audit has worked out its figures and who is at work on which day. A KPI without any value on these
    days is not there.
    """
    counts = [kpi.name for kpi in KPIS if (kpi.formula, kpi.unit) == ("count", "count")]
    shares = [
        kpi.name for kpi in KPIS if kpi.formula == "ratio" and not kpi.amounts and not kpi.numerator[0].endswith("_ms")
    ]
    return {kpi: tuple(told) for kpi, *told in database.rows(USUAL_DAYS, [scope, day, counts, shares])}
