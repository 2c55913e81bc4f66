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

-- Working time: the hours of each day from their first instant to their last, in the zone of the day on which they
-- begin, without what earlier ones cover. Nobody works at the hours of a free day, those that end after midnight too.
CREATE OR REPLACE TEMP TABLE work_span AS
WITH period AS (
    SELECT h.log, h.team, h.hours::VARCHAR AS hours, min(g.first_day) - 2 AS first_day, max(g.last_day) + 1 AS last_day
    FROM goal_hours h JOIN goal_window g USING (home)
    WHERE len(h.weekdays) > 0 AND g.last_day >= g.today
    GROUP BY ALL
),
each_day AS (SELECT log, team, hours, unnest(range(first_day, last_day + 1)) AS day FROM period),
dated AS (SELECT *, DATE '1970-01-01' + (day - 719163)::INTEGER AS date FROM each_day),
clocked AS (
    SELECT d.log, d.team, d.hours, d.day, (day - 719163) * 86400000 AS day_ms,
        split_part(i.value ->> 0, ':', 1)::INTEGER * 60 + split_part(i.value ->> 0, ':', 2)::INTEGER AS begin_minute,
        split_part(i.value ->> 1, ':', 1)::INTEGER * 60 + split_part(i.value ->> 1, ':', 2)::INTEGER AS over_minute
    FROM dated d, json_each(d.hours::JSON -> lower(dayname(d.date))) i
    WHERE (coalesce(d.hours::JSON ->> 'holidays', ''), d.date) NOT IN (SELECT (place, date) FROM free_day)
),
zoned AS (
    SELECT c.log, c.team, c.hours, z.zone, day_ms + begin_minute * 60000 AS begin_ms,
        day_ms + (over_minute + CASE WHEN over_minute <= begin_minute THEN 1440 ELSE 0 END) * 60000 AS over_ms
    FROM clocked c ASOF JOIN zone_span z ON z.log = c.log AND z.team = c.team AND c.day >= z.first_day
),
placed AS (
    SELECT log, team, hours, (
            SELECT min(greatest(o.from_ms, z.begin_ms - o.offset_ms)) FROM zone_offset o
            WHERE o.zone = z.zone AND greatest(o.from_ms, z.begin_ms - o.offset_ms) < o.to_ms
        ) AS start_ms, (
            SELECT max(least(o.to_ms, z.over_ms - o.offset_ms)) FROM zone_offset o
            WHERE o.zone = z.zone AND least(o.to_ms, z.over_ms - o.offset_ms) > o.from_ms
        ) AS end_ms
    FROM zoned z
)
SELECT log, team, hours, greatest(start_ms, coalesce(max(end_ms) OVER (
        PARTITION BY log, team, hours ORDER BY start_ms, end_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0)) AS start_ms, end_ms
FROM placed;

-- Of each current window with a goal: how much working time it has, and how much of it lies before the running minute.
-- Of one in which nobody works there is nothing.
CREATE OR REPLACE TEMP TABLE elapsed AS
WITH bound AS (
    SELECT DISTINCT g.home, g.win, h.log, h.team, h.hours::VARCHAR AS hours, h.minute * 60000 AS now_ms,
        unnest(['start', 'end']) AS side, unnest([g.first_day, g.last_day + 1]) AS day
    FROM goal_window g JOIN goal_hours h USING (home)
    WHERE g.last_day >= g.today AND len(h.weekdays) > 0
),
zoned AS (
    SELECT b.*, z.zone FROM bound b ASOF JOIN zone_span z ON z.log = b.log AND z.team = b.team AND b.day >= z.first_day
),
placed AS (
    SELECT *, (
        SELECT min(greatest(o.from_ms, (z.day - 719163) * 86400000 - o.offset_ms)) FROM zone_offset o
        WHERE o.zone = z.zone AND greatest(o.from_ms, (z.day - 719163) * 86400000 - o.offset_ms) < o.to_ms
    ) AS at_ms
    FROM zoned z
),
span AS (
    SELECT home, win, log, team, hours, now_ms, max(at_ms) FILTER (side = 'start') AS start_ms,
        max(at_ms) FILTER (side = 'end') AS end_ms
    FROM placed GROUP BY ALL
)
SELECT s.home, s.win,
    sum(greatest(0, least(w.end_ms, s.end_ms) - greatest(w.start_ms, s.start_ms))) AS work_ms,
    sum(greatest(0, least(w.end_ms, s.now_ms) - greatest(w.start_ms, s.start_ms))) AS worked_ms
FROM span s JOIN work_span w
    ON w.log = s.log AND w.team = s.team AND w.hours = s.hours AND w.end_ms > s.start_ms AND w.start_ms < s.end_ms
GROUP BY ALL;

INSERT INTO expected
WITH reached AS (
    SELECT g.*, coalesce(s.amount, 0) AS actual, l.days, e.work_ms::DOUBLE AS work_ms, e.worked_ms::DOUBLE AS worked_ms,
        fits(coalesce(s.amount, 0)) AS known,
        fits(coalesce(s.amount, 0)) AND fits(g.target - coalesce(s.amount, 0)) AS fitting
    FROM goal_window g
    JOIN goal_kpi k USING (goal)
    LEFT JOIN window_sum s ON s.scope = g.home AND s.win = g.win AND s.measure = k.measure
    LEFT JOIN days_left l ON l.home = g.home AND l.win = g.win
    LEFT JOIN elapsed e ON e.home = g.home AND e.win = g.win
),
leaf AS (
    SELECT scope, home, kind, win, unnest(['goal_attainment', 'goal_pace']) AS kpi, 'value' AS path,
        NULL::DOUBLE AS number
    FROM asked WHERE is_given('calendar', kind)
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, 'goal_pace', 'elapsed', e.worked_ms::DOUBLE / e.work_ms
    FROM asked a LEFT JOIN elapsed e ON e.home = a.scope AND e.win = a.win AND e.work_ms > 0
    WHERE is_given('calendar', a.kind)
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, 'goal_pace',
        'goals.' || goal || '.' || unnest(['value', 'due', 'projection', 'overflow']),
        unnest([
            CASE WHEN known AND worked_ms > 0 THEN actual::DOUBLE / (target * (worked_ms / work_ms)) END,
            target * (worked_ms / work_ms),
            CASE WHEN known AND worked_ms >= 0.15 * work_ms THEN actual::DOUBLE / (worked_ms / work_ms) END,
            CASE WHEN NOT known THEN 1 END
        ])
    FROM asked a JOIN reached r ON r.home = a.scope AND r.win = a.win
    WHERE work_ms > 0
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
),
-- Coverage: what is open and qualified now by what is left of the target of bookings, while the quarter lasts.
pipeline AS (
    SELECT a.scope, a.home, a.kind, a.win, r.home IS NOT NULL AS aimed, r.target - r.actual AS remaining,
        coalesce(sum(s.amount) FILTER (s.measure = 'open_qualified_minor'), 0) AS open_minor,
        coalesce(sum(s.amount) FILTER (s.measure = 'open_qualified'), 0) AS deals,
        coalesce(sum(s.amount) FILTER (s.measure = 'open_qualified_without_amount'), 0) AS without_amount,
        coalesce(sum(s.amount) FILTER (s.measure = 'open_qualified_unconverted'), 0) AS unconverted
    FROM asked a
    LEFT JOIN reached r ON r.home = a.scope AND r.win = a.win AND r.goal = 'bookings' AND r.last_day >= r.today
    LEFT JOIN window_sum s ON s.scope = a.scope AND s.win = 'now'
    WHERE a.kind = 'quarter'
    GROUP BY ALL
),
covered AS (SELECT *, fits(open_minor) AND fits(coalesce(remaining, 0)) AS fitting FROM pipeline)
SELECT scope, home, kind, win, 'pipeline_coverage' AS kpi, 'value' AS path,
    CASE WHEN aimed AND fitting AND remaining > 0 THEN open_minor::DOUBLE / remaining END AS number,
    'goals' AS family, 'goals' AS formula
FROM covered
UNION ALL
SELECT * FROM (
    SELECT scope, home, kind, win, 'pipeline_coverage',
        unnest(['numerator', 'denominator', 'attained', 'n', 'without_amount', 'unconverted', 'overflow']) AS path,
        unnest([
            CASE WHEN fitting THEN open_minor::DOUBLE END, CASE WHEN fitting THEN remaining::DOUBLE END,
            (remaining <= 0)::INTEGER, deals - without_amount - unconverted, without_amount, unconverted,
            CASE WHEN NOT fitting THEN 1 END
        ]) AS number, 'goals', 'goals'
    FROM covered WHERE aimed
)
WHERE number IS NOT NULL OR path <> 'overflow'
UNION ALL
SELECT l.*, 'goals' AS family, 'goals' AS formula
FROM leaf l
WHERE number IS NOT NULL OR path NOT LIKE '%overflow';
