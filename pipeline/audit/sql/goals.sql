-- What is reached of each target. A rep's is over all teams, a team's of all who work in it and below it; it is shown for
-- the team while there is no team below it, and for its group as soon as there is. Of several targets for one KPI and
-- period the greater name holds; one of 0 is none.
CREATE OR REPLACE TEMP TABLE goal AS
WITH told AS (
    SELECT log, name, payload ->> 'team_id' AS team, payload ->> 'rep_id' AS rep, payload ->> 'kpi' AS goal,
        payload ->> 'period' AS period, (payload ->> 'period_start')::BIGINT AS first_day,
        (payload ->> 'value')::BIGINT AS target
    FROM org_record WHERE kind = 'target'
),
placed AS (
    SELECT *, CASE
        WHEN rep IS NOT NULL THEN 'rep:' || rep
        WHEN team = 'company' THEN 'company'
        WHEN log LIKE 'parts/%' THEN 'group:' || team
        WHEN NOT EXISTS (FROM team t WHERE t.log = told.log AND t.parent = told.team AND t.team <> told.team)
            THEN 'team:' || team
    END AS home
    FROM told
    WHERE (rep IS NULL) <> (team IS NULL) AND goal IS NOT NULL AND period IS NOT NULL AND first_day IS NOT NULL
        AND target IS NOT NULL
)
SELECT home, log, goal, period, first_day, arg_max(target, name) AS target
FROM placed WHERE home IS NOT NULL
GROUP BY ALL;

-- The working hours of each home that has a goal, and the weekdays with any, from Monday (1) on.
CREATE OR REPLACE TEMP TABLE goal_hours AS
SELECT h.home, h.log, h.team, h.today, h.minute, w.hours,
    [d FOR d IN range(1, 8) IF len((w.hours -> ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'][d])::JSON[]) > 0] AS weekdays,
    coalesce(w.hours ->> 'holidays', '') AS place
FROM calendar h
JOIN (
    SELECT h.home, coalesce(
        nullif(nullif(t.payload -> 'calendar', 'null'), '{}'), nullif(c.payload -> 'calendar', 'null')
    ) AS hours
    FROM calendar h
    LEFT JOIN org_record t ON t.log = h.log AND t.kind = 'team' AND t.name = h.team
    LEFT JOIN org_record c ON c.log = h.log AND c.kind = 'company' AND c.name = 'company'
) w USING (home)
WHERE h.home IN (SELECT home FROM goal);

-- The windows of goals. Days are left of those that are not over.
CREATE OR REPLACE TEMP TABLE goal_window AS
SELECT DISTINCT g.home, g.log, g.goal, g.target, w.kind, w.win, w.first_day, w.last_day, h.today
FROM goal g
JOIN calendar h ON h.home = g.home AND h.log = g.log
JOIN day_window w ON w.periods = h.periods AND w.kind = g.period AND w.day = g.first_day AND w.first_day = g.first_day
WHERE g.target > 0 AND w.first_day <= h.today;

CREATE OR REPLACE TEMP TABLE days_left AS
WITH ahead AS (
    SELECT home, win, DATE '1970-01-01' + (unnest(range(today, last_day + 1)) - 719163)::INTEGER AS date
    FROM (SELECT DISTINCT home, win, today, last_day FROM goal_window WHERE last_day >= today)
)
SELECT a.home, a.win, count(*) FILTER (
        list_contains(h.weekdays, isodow(a.date)) AND (h.place, a.date) NOT IN (SELECT (place, date) FROM free_day)
    ) AS days
FROM ahead a JOIN goal_hours h USING (home)
WHERE len(h.weekdays) > 0
GROUP BY ALL;

INSERT INTO expected
WITH reached AS (
    SELECT g.*, coalesce(s.amount, 0) AS actual, l.days,
        fits(coalesce(s.amount, 0)) AND fits(g.target - coalesce(s.amount, 0)) AS fitting
    FROM goal_window g
    JOIN goal_kpi k USING (goal)
    LEFT JOIN window_sum s ON s.scope = g.home AND s.win = g.win AND s.measure = k.measure
    LEFT JOIN days_left l ON l.home = g.home AND l.win = g.win
),
leaf AS (
    SELECT scope, home, kind, win, 'goal_attainment' AS kpi, 'value' AS path, NULL::DOUBLE AS number
    FROM asked WHERE is_given('calendar', kind)
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, 'goal_attainment',
        'goals.' || goal || '.' || unnest(['value', 'numerator', 'denominator', 'overflow']),
        unnest([
            CASE WHEN fitting THEN actual::DOUBLE / target END, CASE WHEN fitting THEN actual::DOUBLE END, target,
            CASE WHEN NOT fitting THEN 1 END
        ])
    FROM asked a JOIN reached r ON r.home = a.scope AND r.win = a.win
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, 'goal_attainment',
        'goals.' || goal || '.' || unnest(['gap', 'gap_per_day', 'days_left']),
        unnest([target - actual, CASE WHEN days > 0 THEN greatest(target - actual, 0)::DOUBLE / days END, days])
    FROM asked a JOIN reached r ON r.home = a.scope AND r.win = a.win
    WHERE fitting
)
SELECT l.*, 'goals' AS family, 'goals' AS formula
FROM leaf l
WHERE number IS NOT NULL OR path NOT LIKE '%overflow';
