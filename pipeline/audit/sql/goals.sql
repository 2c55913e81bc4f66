-- What is reached of each target. A rep's is over all teams, a team's of all who work in it and below it; it is shown for
-- the team while there is no team below it, and for its group as soon as there is. Of several targets for one KPI and
-- period that holds which began last, today or on its last day, then the greater name; one of 0 is none.
CREATE OR REPLACE TEMP TABLE told_goal AS
WITH told AS (
    SELECT log, name, payload ->> 'team_id' AS team, payload ->> 'rep_id' AS rep, payload ->> 'kpi' AS goal,
        payload ->> 'period' AS period, (payload ->> 'period_start')::BIGINT AS first_day,
        (payload ->> 'value')::BIGINT AS target, (payload ->> 'effective_on')::BIGINT AS effective_on
    FROM org_record WHERE kind = 'target'
)
SELECT log, team, rep, goal, period, first_day, target, row(greatest(effective_on, first_day), name) AS since
FROM told
WHERE (rep IS NULL) <> (team IS NULL) AND goal IS NOT NULL AND period IS NOT NULL AND first_day IS NOT NULL
    AND target IS NOT NULL;

CREATE OR REPLACE TEMP TABLE goal AS
WITH placed AS (
    SELECT *, CASE
        WHEN rep IS NOT NULL THEN 'rep:' || rep
        WHEN team = 'company' THEN 'company'
        WHEN log LIKE 'parts/%' THEN 'group:' || team
        WHEN NOT EXISTS (FROM team t WHERE t.log = g.log AND t.parent = g.team AND t.team <> g.team)
            THEN 'team:' || team
    END AS home
    FROM told_goal g
)
SELECT home, log, goal, period, first_day, target, since FROM placed WHERE home IS NOT NULL;

-- The working hours of each home that has a goal.
CREATE OR REPLACE TEMP TABLE goal_hours AS
FROM home_hours WHERE home IN (SELECT home FROM goal);

-- The windows of goals. Days are left of those that are not over.
CREATE OR REPLACE TEMP TABLE goal_window AS
SELECT g.home, g.log, g.goal, arg_max(g.target, g.since) AS target, w.kind, w.win, w.first_day, w.last_day, h.today
FROM goal g
JOIN calendar h ON h.home = g.home AND h.log = g.log
JOIN day_window w ON w.periods = h.periods AND w.kind = g.period AND w.day = g.first_day AND w.first_day = g.first_day
WHERE w.first_day <= h.today AND g.since[1] <= least(h.today, w.last_day)
GROUP BY ALL
HAVING arg_max(g.target, g.since) > 0;

-- The targets directly below each home with a goal, while its window lasts: those of a team's members when it ends, of a
-- group's teams, and of the teams below none for the company; of teams that are there then.
CREATE OR REPLACE TEMP TABLE goal_below AS
WITH bound AS (
    SELECT DISTINCT g.home, g.log, g.kind, g.win, g.first_day, h.team, g.last_day + 1 AS day, g.today
    FROM goal_window g JOIN calendar h ON h.home = g.home AND h.log = g.log
    WHERE g.last_day >= g.today AND g.home NOT LIKE 'rep:%'
),
zoned AS (
    SELECT b.*, z.zone FROM bound b ASOF JOIN zone_span z ON z.log = b.log AND z.team = b.team AND b.day >= z.first_day
),
ending AS (
    SELECT *, at_wall_ms(z.zone, (z.day - 719163) * 86400000) - 1 AS end_ms
    FROM zoned z
),
member AS (
    SELECT e.home, e.win, p.rep, arg_max(p.team, p.start_ms) AS team
    FROM ending e JOIN place_span p ON p.log = e.log AND p.start_ms <= e.end_ms
    WHERE e.home LIKE 'team:%'
    GROUP BY ALL
),
-- The teams above which there is one that is known, however that is told.
topped AS (
    FROM team t SEMI JOIN team p ON p.log = t.log AND p.team = t.parent AND p.team <> t.team
),
child AS (
    SELECT home, win, rep AS name, true AS is_rep FROM member WHERE 'team:' || team = home
    UNION ALL
    SELECT e.home, e.win, t.team, false
    FROM ending e JOIN team t ON t.log = e.log AND (t.end_ms IS NULL OR e.end_ms < t.end_ms)
    WHERE CASE
        WHEN e.home = 'company'
            THEN t.team <> 'company' AND (t.log, t.team) NOT IN (SELECT (log, team) FROM topped)
        ELSE e.home = 'group:' || t.parent AND t.team <> t.parent
    END
)
SELECT home, win, goal, sum(target) AS target, count(*) AS n
FROM (
    SELECT e.home, e.win, c.name, g.goal, arg_max(g.target, g.since) AS target
    FROM ending e
    JOIN child c ON c.home = e.home AND c.win = e.win
    JOIN told_goal g ON g.log = e.log AND g.period = e.kind AND g.first_day = e.first_day AND g.since[1] <= e.today
        AND g.since[1] < e.day AND CASE WHEN c.is_rep THEN g.rep = c.name ELSE g.team = c.name END
    GROUP BY ALL
)
WHERE target > 0
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE days_left AS
WITH ahead AS (
    SELECT home, win, DATE '1970-01-01' + (unnest(range(today, last_day + 1)) - 719163)::INTEGER AS date
    FROM (SELECT DISTINCT home, win, today, last_day FROM goal_window WHERE last_day >= today)
)
SELECT a.home, a.win, count(*) FILTER (
        list_contains(h.weekdays, isodow(a.date)) AND (h.log, h.team, a.date) NOT IN (SELECT (log, team, date) FROM free_date)
    ) AS days
FROM ahead a JOIN goal_hours h USING (home)
WHERE len(h.weekdays) > 0
GROUP BY ALL;

-- Working time: the hours of each day from their first instant to their last, in the zone of the day on which they
-- begin, without what earlier ones cover. Nobody works at the hours of a free day, those that end after midnight too, and
-- of those of a special day only within its opening.
CREATE OR REPLACE TEMP TABLE work_span AS
WITH period AS (
    SELECT h.log, h.team, h.hours::VARCHAR AS hours, min(g.first_day) - 2 AS first_day, max(g.last_day) + 1 AS last_day
    FROM goal_hours h JOIN goal_window g USING (home)
    WHERE len(h.weekdays) > 0 AND (g.last_day >= g.today OR g.home LIKE 'rep:%')
    GROUP BY ALL
),
each_day AS (SELECT log, team, hours, unnest(range(first_day, last_day + 1)) AS day FROM period),
dated AS (SELECT *, DATE '1970-01-01' + (day - 719163)::INTEGER AS date FROM each_day),
written AS (
    SELECT d.log, d.team, d.hours, d.day,
        split_part(i.value ->> 0, ':', 1)::INTEGER * 60 + split_part(i.value ->> 0, ':', 2)::INTEGER AS begin_minute,
        split_part(i.value ->> 1, ':', 1)::INTEGER * 60 + split_part(i.value ->> 1, ':', 2)::INTEGER AS over_minute
    FROM dated d, json_each(d.hours::JSON -> lower(dayname(d.date))) i
    WHERE (d.log, d.team, d.date) NOT IN (SELECT (log, team, date) FROM free_date)
),
clocked AS (
    SELECT w.log, w.team, w.hours, w.day, (w.day - 719163) * 86400000 AS day_ms,
        greatest(w.begin_minute, coalesce(s.from_minute, 0)) AS first_minute,
        least(w.over_minute + CASE WHEN w.over_minute <= w.begin_minute THEN 1440 ELSE 0 END, coalesce(s.over_minute, 2880))
            AS last_minute
    FROM written w LEFT JOIN special_day s USING (log, team, day)
),
zoned AS (
    SELECT c.log, c.team, c.hours, z.zone, day_ms + first_minute * 60000 AS begin_ms, day_ms + last_minute * 60000 AS over_ms
    FROM (FROM clocked WHERE first_minute < last_minute) c ASOF JOIN zone_span z ON z.log = c.log AND z.team = c.team AND c.day >= z.first_day
),
placed AS (
    SELECT log, team, hours, at_wall_ms(z.zone, z.begin_ms) AS start_ms, (
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
    SELECT *, at_wall_ms(z.zone, (z.day - 719163) * 86400000) AS at_ms
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

-- What is due of a rep's target who is not there all the time. Rules are those of the period's first day, field by field:
-- of those for the rep's team before those for all, the one that began last, then the greater name.
CREATE OR REPLACE TEMP TABLE share_rule AS
SELECT w.home, w.win, w.first_day, w.last_day, h.log, h.team, h.hours::VARCHAR AS hours, len(h.weekdays) > 0 AS timed,
    h.minute * 60000 AS now_ms, h.today, h.weekdays, e.rep, e.since_ms, e.until_ms,
    coalesce(arg_max((p.payload ->> 'prorate_employment')::BOOLEAN, p.rank) FILTER (p.payload ->> 'prorate_employment' IS NOT NULL), true) AS by_employment,
    coalesce(arg_max((p.payload ->> 'prorate_absence')::BOOLEAN, p.rank) FILTER (p.payload ->> 'prorate_absence' IS NOT NULL), false) AS by_absence,
    coalesce(arg_max((p.payload -> 'ramp')::BIGINT[], p.rank) FILTER (p.payload ->> 'ramp' IS NOT NULL), []) AS ramp
FROM (SELECT DISTINCT home, win, first_day, last_day FROM goal_window WHERE home LIKE 'rep:%') w
JOIN goal_hours h USING (home)
JOIN employed e ON e.log = h.log AND e.team = h.team AND e.rep = substr(w.home, 5)
LEFT JOIN (
    SELECT log, payload, payload ->> 'team_id' AS team, coalesce((payload ->> 'effective_on')::BIGINT, 0) AS since,
        row(payload ->> 'team_id' IS NOT NULL, coalesce((payload ->> 'effective_on')::BIGINT, 0), name) AS rank
    FROM org_record WHERE kind = 'proration'
) p ON p.log = h.log AND coalesce(p.team, h.team) = h.team AND p.since <= w.first_day
GROUP BY ALL;

-- The instants at which local days begin that the rules ask for: first and last of a window, months since being hired,
-- and each day of a window that is not over.
CREATE OR REPLACE TEMP TABLE share_day AS
WITH named AS (
    SELECT home, win, log, team, 'window' AS what, unnest([0, 1]) AS number, unnest([first_day, last_day + 1]) AS day
    FROM share_rule
    UNION ALL
    SELECT s.home, s.win, s.log, s.team, 'month', m.number,
        (DATE '1970-01-01' + ((r.payload ->> 'hired_on')::BIGINT - 719163)::INTEGER + to_months(m.number::INTEGER))::DATE
            - DATE '1970-01-01' + 719163
    FROM share_rule s JOIN org_record r ON r.log = s.log AND r.kind = 'rep' AND r.name = s.rep
    CROSS JOIN range(0, 37) m (number)
    WHERE r.payload ->> 'hired_on' IS NOT NULL AND len(s.ramp) > 0 AND m.number <= len(s.ramp)
    UNION ALL
    SELECT home, win, log, team, 'day', d.day, d.day
    FROM share_rule s, LATERAL (SELECT unnest(range(s.today, s.last_day + 2)) AS day) d WHERE s.last_day >= s.today
),
zoned AS (
    SELECT n.*, z.zone FROM named n ASOF JOIN zone_span z ON z.log = n.log AND z.team = n.team AND n.day >= z.first_day
)
SELECT home, win, what, number, at_wall_ms(z.zone, (z.day - 719163) * 86400000) AS at_ms
FROM zoned z;

-- Stretches of each window in which one share is due, in basis points.
CREATE OR REPLACE TEMP TABLE share AS
WITH span AS (
    SELECT home, win, max(at_ms) FILTER (number = 0) AS start_ms, max(at_ms) FILTER (number = 1) AS end_ms
    FROM share_day WHERE what = 'window' GROUP BY ALL
),
turn AS (
    SELECT home, win, at_ms FROM share_day WHERE what = 'month'
    UNION SELECT home, win, unnest([since_ms, until_ms]) FROM share_rule WHERE by_employment
    UNION
    SELECT s.home, s.win, unnest([a.start_ms, a.end_ms])
    FROM share_rule s JOIN away a USING (log, team, rep) WHERE s.by_absence
    UNION SELECT home, win, start_ms FROM span
),
stretch AS (
    SELECT t.home, t.win, t.at_ms AS start_ms,
        coalesce(lead(t.at_ms) OVER (PARTITION BY t.home, t.win ORDER BY t.at_ms), s.end_ms) AS end_ms
    FROM turn t JOIN span s USING (home, win)
    WHERE t.at_ms >= s.start_ms AND t.at_ms < s.end_ms
)
SELECT t.*, CASE
        WHEN r.by_employment AND (t.start_ms < r.since_ms OR t.start_ms >= r.until_ms) THEN 0
        WHEN r.by_absence AND EXISTS (
            FROM away a WHERE a.log = r.log AND a.team = r.team AND a.rep = r.rep
                AND a.start_ms <= t.start_ms AND t.start_ms < a.end_ms
        ) THEN 0
        ELSE coalesce(r.ramp[(
            SELECT max(d.number) FROM share_day d
            WHERE d.home = t.home AND d.win = t.win AND d.what = 'month' AND d.at_ms <= t.start_ms
        ) + 1], 10000)
    END AS points
FROM stretch t JOIN share_rule r USING (home, win);

CREATE OR REPLACE TEMP TABLE due AS
WITH cut AS (
    SELECT s.home, s.win, s.points, r.now_ms, greatest(w.start_ms, s.start_ms) AS start_ms, least(w.end_ms, s.end_ms) AS end_ms
    FROM share s JOIN share_rule r USING (home, win)
    JOIN (
        SELECT r.home, r.win, w.start_ms, w.end_ms FROM share_rule r JOIN work_span w USING (log, team, hours) WHERE r.timed
        UNION ALL SELECT home, win, 0, 9000000000000000 FROM share_rule WHERE NOT timed
    ) w ON w.home = s.home AND w.win = s.win AND w.end_ms > s.start_ms AND w.start_ms < s.end_ms
)
SELECT home, win, sum(points::HUGEINT * (end_ms - start_ms)) AS due, sum(10000::HUGEINT * (end_ms - start_ms)) AS whole,
    sum(points::HUGEINT * greatest(0, least(end_ms, now_ms) - start_ms)) AS passed
FROM cut GROUP BY ALL
HAVING due <> whole;

ALTER TABLE goal_window ADD COLUMN full_target BIGINT;
UPDATE goal_window g SET full_target = target,
    target = CASE WHEN d.due = 0 THEN 0 ELSE greatest(1, (2 * target::HUGEINT * d.due + d.whole) // (2 * d.whole)) END
FROM due d WHERE d.home = g.home AND d.win = g.win;
UPDATE elapsed e SET work_ms = d.due, worked_ms = d.passed FROM due d WHERE d.home = e.home AND d.win = e.win;
UPDATE days_left l SET days = (
    SELECT count(*) FROM share_day d JOIN share_day n
        ON n.home = d.home AND n.win = d.win AND n.what = 'day' AND n.number = d.number + 1
    WHERE d.home = l.home AND d.win = l.win AND d.what = 'day' AND d.number <= r.last_day
        AND list_contains(r.weekdays, isodow(DATE '1970-01-01' + (d.number - 719163)::INTEGER))
        AND (r.log, r.team, DATE '1970-01-01' + (d.number - 719163)::INTEGER) NOT IN (SELECT (log, team, date) FROM free_date)
        AND EXISTS (
            FROM share s WHERE s.home = d.home AND s.win = d.win AND s.points > 0
                AND s.start_ms < n.at_ms AND s.end_ms > d.at_ms
        )
)
FROM due u JOIN share_rule r USING (home, win)
WHERE u.home = l.home AND u.win = l.win;

-- The curve by which each current goal goes: the newest told of its team, KPI and kind of period, where nothing is left
-- out. Its points are after each twentieth of working time, from none of it to all, in tenths of a thousandth.
CREATE OR REPLACE TEMP TABLE goal_curve AS
WITH told AS (
    SELECT log, name, CASE
            WHEN payload ->> 'team_id' = 'company' THEN 'company'
            WHEN log LIKE 'parts/%' THEN 'group:' || (payload ->> 'team_id')
            ELSE 'team:' || (payload ->> 'team_id')
        END AS home, payload ->> 'kpi' AS goal, payload ->> 'period' AS kind,
        (payload ->> 'learnt_on')::BIGINT AS learnt_on, (payload ->> 'typical')::DOUBLE AS typical,
        (payload -> 'shares')::BIGINT[] AS shares, (payload -> 'low')::BIGINT[] AS low,
        (payload -> 'high')::BIGINT[] AS high
    FROM org_record WHERE kind = 'curve'
),
held AS (
    FROM told
    WHERE home IS NOT NULL AND goal IS NOT NULL AND kind IS NOT NULL AND learnt_on IS NOT NULL AND typical IS NOT NULL
        AND shares IS NOT NULL AND low IS NOT NULL AND high IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY log, home, goal, kind ORDER BY name DESC) = 1
),
-- At which of the points a window stands, and how far towards the next one.
standing AS (
    SELECT DISTINCT h.*, g.win, e.worked_ms >= e.work_ms AS over,
        ((e.worked_ms * 20) // e.work_ms)::BIGINT AS point, ((e.worked_ms * 20) % e.work_ms)::DOUBLE / e.work_ms AS beyond
    FROM held h
    JOIN goal_window g ON g.home = h.home AND g.log = h.log AND g.goal = h.goal AND g.kind = h.kind
    JOIN elapsed e ON e.home = g.home AND e.win = g.win
    WHERE e.work_ms > 0
),
extended AS (
    SELECT *, [0] || shares || [10000] AS s, [low[1]] || low || [10000] AS l, [high[1]] || high || [10000] AS h
    FROM standing
)
SELECT home, win, goal, learnt_on, typical,
    CASE WHEN over THEN 1 ELSE (s[point + 1] + (s[point + 2] - s[point + 1]) * beyond) / 1e4 END AS share,
    CASE WHEN over THEN 1 ELSE (l[point + 1] + (l[point + 2] - l[point + 1]) * beyond) / 1e4 END AS low,
    CASE WHEN over THEN 1 ELSE (h[point + 1] + (h[point + 2] - h[point + 1]) * beyond) / 1e4 END AS high
FROM extended;

INSERT INTO expected
WITH summed AS (
    SELECT g.home, g.win, g.goal, coalesce(sum(s.amount), 0) AS amount
    FROM goal_window g
    JOIN goal_kpi k USING (goal)
    LEFT JOIN window_sum s ON s.scope = g.home AND s.win = g.win AND s.measure = k.measure
    GROUP BY ALL
),
reached AS (
    SELECT g.*, s.amount AS actual, l.days, e.work_ms::DOUBLE AS work_ms, e.worked_ms::DOUBLE AS worked_ms,
        fits(s.amount) AS known, fits(s.amount) AND fits(g.target - s.amount) AS fitting
    FROM goal_window g
    JOIN summed s USING (home, win, goal)
    LEFT JOIN days_left l ON l.home = g.home AND l.win = g.win
    LEFT JOIN elapsed e ON e.home = g.home AND e.win = g.win
),
-- Where each goal is expected to end. A curve leans on a usual period: by a tenth of what is usually still to come.
ending AS (
    SELECT r.home, r.win, r.goal, r.worked_ms >= 0.15 * r.work_ms AND r.known AS told, c.learnt_on, c.low, c.high, r.actual,
        coalesce(c.share, r.worked_ms / r.work_ms) AS share,
        CASE
            WHEN c.share IS NULL AND r.worked_ms > 0 THEN r.actual::DOUBLE * r.work_ms / r.worked_ms
            WHEN c.share IS NOT NULL
                THEN (r.actual::DOUBLE + 0.1 * (1 - c.share) * c.typical) / (c.share + 0.1 * (1 - c.share))
        END AS total
    FROM reached r LEFT JOIN goal_curve c ON c.home = r.home AND c.win = r.win AND c.goal = r.goal
    WHERE r.work_ms > 0
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
        'goals.' || r.goal || '.' || unnest([
            'value', 'due', 'projection', 'projection_low', 'projection_high', 'curve', 'overflow'
        ]),
        unnest([
            CASE WHEN known AND e.share > 0 AND target > 0 THEN r.actual::DOUBLE / (target * e.share) END,
            target * e.share,
            CASE WHEN e.told THEN e.total END,
            CASE WHEN e.told AND e.low IS NOT NULL AND r.actual >= 0 THEN greatest(r.actual::DOUBLE, least(e.total * e.low, e.total * e.high))
                WHEN e.told THEN least(e.total * e.low, e.total * e.high) END,
            CASE WHEN e.told THEN greatest(e.total * e.low, e.total * e.high) END,
            e.learnt_on,
            CASE WHEN NOT known THEN 1 END
        ])
    FROM asked a
    JOIN reached r ON r.home = a.scope AND r.win = a.win
    JOIN ending e ON e.home = r.home AND e.win = r.win AND e.goal = r.goal
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, 'goal_attainment',
        'goals.' || goal || '.' || unnest(['value', 'numerator', 'denominator', 'overflow']),
        unnest([
            CASE WHEN fitting AND target > 0 THEN actual::DOUBLE / target END, CASE WHEN fitting THEN actual::DOUBLE END, target,
            CASE WHEN NOT fitting THEN 1 END
        ])
    FROM asked a JOIN reached r ON r.home = a.scope AND r.win = a.win
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, 'goal_attainment',
        'goals.' || goal || '.' || unnest(['gap', 'gap_per_day', 'days_left']),
        unnest([target - actual, CASE WHEN days > 0 THEN greatest(target - actual, 0)::DOUBLE / days END, days])
    FROM asked a JOIN reached r ON r.home = a.scope AND r.win = a.win
    WHERE fitting
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, k.kpi, 'goals.' || goal || '.full_target', full_target
    FROM asked a JOIN reached r ON r.home = a.scope AND r.win = a.win
    CROSS JOIN (VALUES ('goal_attainment'), ('goal_pace')) k (kpi)
    WHERE full_target IS NOT NULL AND (k.kpi = 'goal_attainment' OR work_ms > 0)
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, 'goal_attainment',
        'goals.' || r.goal || '.' || unnest(['below', 'below_n', 'below_difference']),
        unnest([
            CASE WHEN fits(b.target) THEN b.target::DOUBLE END, coalesce(b.n, 0)::DOUBLE,
            CASE WHEN fits(b.target) THEN (b.target - r.target)::DOUBLE END
        ])
    FROM asked a
    JOIN reached r ON r.home = a.scope AND r.win = a.win
    LEFT JOIN goal_below b ON b.home = r.home AND b.win = r.win AND b.goal = r.goal
    WHERE r.last_day >= r.today AND r.home NOT LIKE 'rep:%'
),
-- Coverage: what is open now by what is left of the target of bookings, while the quarter lasts.
pipeline AS (
    SELECT a.scope, a.home, a.kind, a.win, r.home IS NOT NULL AS aimed, r.target - r.actual AS remaining,
        coalesce(sum(s.amount) FILTER (s.measure IN ('open_minor', 'open_split_minor')), 0) AS open_minor,
        coalesce(sum(s.amount) FILTER (s.measure = 'open_deals'), 0) AS deals,
        coalesce(sum(s.amount) FILTER (s.measure = 'open_without_amount'), 0) AS without_amount,
        coalesce(sum(s.amount) FILTER (s.measure = 'open_unconverted'), 0) AS unconverted
    FROM asked a
    LEFT JOIN reached r ON r.home = a.scope AND r.win = a.win AND r.goal = 'bookings' AND r.last_day >= r.today AND r.target > 0
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
