-- Activity scores of teams and of reps within them. By which rule a window is scored: that of its first day, a team's own
-- before that of all, the one that began last, then the greater name. One without period, target or weights is none.
CREATE OR REPLACE TEMP TABLE score_rule AS
SELECT log, name, payload ->> 'team_id' AS team, payload ->> 'period' AS period,
    coalesce((payload ->> 'effective_on')::BIGINT, 0) AS since, (payload ->> 'target')::BIGINT AS target,
    payload -> 'weights' AS weights
FROM org_record
WHERE kind = 'score' AND payload ->> 'period' IS NOT NULL AND payload ->> 'target' IS NOT NULL
    AND coalesce(json_array_length(payload -> 'weights'), 0) > 0;

CREATE OR REPLACE TEMP TABLE score_window AS
SELECT a.home, h.log, h.team, substr(a.home, 6) AS own_team, a.win, w.first_day, w.last_day, r.target, r.weights
FROM (SELECT DISTINCT home, kind, win FROM asked WHERE home LIKE 'team:%') a
JOIN calendar h ON h.home = a.home
JOIN (SELECT DISTINCT periods, kind, win, first_day, last_day FROM day_window) w
    ON w.periods = h.periods AND w.kind = a.kind AND w.win = a.win
JOIN score_rule r ON r.log = h.log AND r.period = a.kind AND coalesce(r.team, substr(a.home, 6)) = substr(a.home, 6)
    AND r.since <= w.first_day
QUALIFY row_number() OVER (
    PARTITION BY a.home, a.win ORDER BY r.team IS NOT NULL DESC, r.since DESC, r.name DESC
) = 1;

-- Who belongs to the team, and is employed, in the last instant of a window.
CREATE OR REPLACE TEMP TABLE score_rep AS
WITH zoned AS (
    SELECT s.*, z.zone
    FROM (SELECT *, last_day + 1 AS next_day FROM score_window) s
    ASOF JOIN zone_span z ON z.log = s.log AND z.team = s.team AND s.next_day >= z.first_day
),
ending AS (
    SELECT *, at_wall_ms(z.zone, (z.next_day - 719163) * 86400000) - 1 AS end_ms
    FROM zoned z
),
belonging AS (
    SELECT e.home, e.log, e.own_team, e.win, e.end_ms, p.rep, arg_max(p.team, p.start_ms) AS team
    FROM ending e JOIN place_span p ON p.log = e.log AND p.start_ms <= e.end_ms
    GROUP BY ALL
)
SELECT b.home, b.win, b.rep
FROM belonging b JOIN employed m ON m.log = b.log AND m.team = b.own_team AND m.rep = b.rep
WHERE b.team = b.own_team AND b.team <> 'unassigned' AND m.since_ms <= b.end_ms AND b.end_ms < m.until_ms;

-- What each of them has in points; of each KPI no more than its cap, and none below 0.
CREATE OR REPLACE TEMP TABLE score_points AS
WITH weight AS (
    SELECT s.home, s.win, k.measure, (w.value ->> 'points')::HUGEINT AS points, (w.value ->> 'at_most')::HUGEINT AS at_most
    FROM score_window s, json_each(s.weights) w JOIN score_kpi k ON k.kpi = w.value ->> 'kpi'
),
done AS (
    SELECT r.home, r.win, r.rep, w.points, w.at_most, sum(coalesce(c.amount, 0)) AS amount
    FROM score_rep r
    JOIN weight w USING (home, win)
    LEFT JOIN window_sum c ON c.scope = 'rep:' || r.rep || '@' || substr(r.home, 6) AND c.win = r.win
        AND c.measure = w.measure
    GROUP BY r.home, r.win, r.rep, w.measure, w.points, w.at_most
)
SELECT home, win, rep, sum(points * greatest(least(amount, coalesce(at_most, amount)), 0)) AS points
FROM done GROUP BY ALL;

INSERT INTO expected
WITH told AS (
    SELECT s.home, s.win, s.home AS scope, s.target * count(p.rep) AS due, coalesce(sum(p.points), 0) AS points,
        count(p.rep) AS n
    FROM score_window s LEFT JOIN score_points p USING (home, win)
    GROUP BY s.home, s.win, s.target
    UNION ALL
    SELECT s.home, s.win, 'rep:' || p.rep || '@' || s.own_team, s.target, p.points, 1
    FROM score_window s JOIN score_points p USING (home, win)
),
leaf AS (
    SELECT a.scope, a.home, a.kind, a.win, unnest(['value', 'numerator', 'denominator', 'n']) AS path,
        unnest([CASE WHEN t.due > 0 THEN t.points::DOUBLE / t.due END, t.points::DOUBLE, t.due::DOUBLE, t.n::DOUBLE]) AS number
    FROM asked a LEFT JOIN told t ON t.home = a.home AND t.win = a.win AND t.scope = a.scope
    WHERE a.home LIKE 'team:%' AND is_given('calendar', a.kind)
)
SELECT scope, home, kind, win, 'activity_score' AS kpi, path, number, 'score' AS family, 'score' AS formula
FROM leaf
WHERE path = 'value' OR number IS NOT NULL;
