-- Which teams' reps a team or larger scope holds: its own, of a group all below it too, of the company all that are known.
CREATE OR REPLACE TEMP TABLE staffed AS
WITH RECURSIVE below AS (
    SELECT home, log, today, substr(home, 7) AS team FROM calendar WHERE home LIKE 'group:%'
    UNION
    SELECT b.home, b.log, b.today, t.team FROM below b JOIN team t ON t.log = b.log AND t.parent = b.team
)
SELECT home, log, today, substr(home, 6) AS team FROM calendar WHERE home LIKE 'team:%'
UNION ALL FROM below
UNION ALL
SELECT h.home, h.log, h.today, t.team FROM calendar h JOIN team t USING (log) WHERE h.home = 'company' AND t.team <> 'company';

-- The local days that are asked for, by home and window: up to today, and of now today alone.
CREATE OR REPLACE TEMP TABLE staffed_window AS
SELECT a.scope, a.home, a.kind, a.win, h.log, h.today,
    CASE a.kind WHEN 'now' THEN h.today WHEN '90d' THEN h.today - 89 ELSE w.first_day END AS first_day,
    least(coalesce(w.last_day, h.today), h.today) AS last_day
FROM asked a
JOIN calendar h ON h.home = a.home
LEFT JOIN (SELECT DISTINCT periods, kind, win, first_day, last_day FROM day_window) w
    ON w.periods = h.periods AND w.kind = a.kind AND w.win = a.win
WHERE NOT a.rep AND a.kind <> 'rolling' AND (a.kind IN ('now', '90d') OR w.win IS NOT NULL);

-- When each of these days begins in a team and when it is over, and whether it is a working day: Monday to Friday where
-- nobody says.
CREATE OR REPLACE TEMP TABLE team_day AS
WITH bound AS (SELECT min(first_day) AS first_day, max(last_day) AS last_day FROM staffed_window),
named AS (
    SELECT t.log, t.team, unnest(range(b.first_day, b.last_day + 2)) AS day
    FROM (SELECT DISTINCT log, team FROM staffed) t, bound b
),
zoned AS (
    SELECT n.*, z.zone FROM named n ASOF JOIN zone_span z ON z.log = n.log AND z.team = n.team AND n.day >= z.first_day
),
begun AS (
    SELECT log, team, day, at_wall_ms(z.zone, (z.day - 719163) * 86400000) AS start_ms
    FROM zoned z
),
dated AS (
    SELECT *, lead(start_ms) OVER (PARTITION BY log, team ORDER BY day) AS next_ms,
        DATE '1970-01-01' + (day - 719163)::INTEGER AS date
    FROM begun
)
SELECT d.log, d.team, d.day, d.date, d.start_ms, d.next_ms, CASE
        WHEN len(h.weekdays) > 0
            THEN list_contains(h.weekdays, isodow(d.date)) AND (d.log, d.team, d.date) NOT IN (SELECT (log, team, date) FROM free_date)
        ELSE isodow(d.date) < 6
    END AS working
FROM dated d JOIN team_hours h USING (log, team)
WHERE d.next_ms IS NOT NULL;

-- Absences of which one begins where another ends are one.
CREATE OR REPLACE TEMP TABLE away_whole AS
WITH marked AS (
    SELECT *, coalesce(start_ms > max(end_ms) OVER (
        PARTITION BY log, team, rep ORDER BY start_ms, end_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), true) AS begins
    FROM away
),
numbered AS (
    SELECT *, count(*) FILTER (begins) OVER (PARTITION BY log, team, rep ORDER BY start_ms, end_ms, id) AS island FROM marked
)
SELECT log, team, rep, min(start_ms) AS start_ms, max(end_ms) AS end_ms FROM numbered GROUP BY log, team, rep, island;

-- Who is at work in a team on a day, in ten-thousandths: whoever belongs to it when the day ends and is there for any part
-- of it. In ramp the share of the month counts, by the rules of the day; of a rep whom teams share, the share of each.
CREATE OR REPLACE TEMP TABLE rep_day AS
WITH span AS (
    SELECT log, rep, start_ms, lead(start_ms) OVER (PARTITION BY log, rep ORDER BY start_ms) AS end_ms, teams, shares
    FROM share_span
),
belonging AS (
    SELECT log, rep, start_ms, end_ms, unnest(teams) AS team, unnest(shares) AS part, list_sum(shares) AS whole FROM span
),
there AS (
    SELECT d.*, b.rep, b.part, b.whole
    FROM team_day d
    JOIN belonging b ON b.log = d.log AND b.team = d.team AND b.start_ms < d.next_ms
        AND (b.end_ms IS NULL OR b.end_ms >= d.next_ms)
    JOIN employed e ON e.log = d.log AND e.team = d.team AND e.rep = b.rep
        AND e.since_ms < d.next_ms AND e.until_ms > d.start_ms
    ANTI JOIN gone_rep g ON g.log = d.log AND g.rep = b.rep
    ANTI JOIN away_whole a ON a.log = d.log AND a.team = d.team AND a.rep = b.rep
        AND a.start_ms <= d.start_ms AND a.end_ms >= d.next_ms
),
ruled AS (
    SELECT d.log, d.team, d.day, arg_max(r.ramp, row(r.team IS NOT NULL, r.since, r.name)) AS ramp
    FROM team_day d JOIN ramp_rule r ON r.log = d.log AND coalesce(r.team, d.team) = d.team AND r.since <= d.day
    GROUP BY ALL
),
begun AS (
    SELECT t.*, ramp_bp(r.ramp, h.day, t.day) AS ramp_bp
    FROM there t LEFT JOIN ruled r USING (log, team, day) LEFT JOIN hired_rep h ON h.log = t.log AND h.rep = t.rep
)
SELECT log, team, day, working, sum(ramp_bp * part // whole) AS reps_bp
FROM begun GROUP BY ALL;

INSERT INTO expected
WITH staff AS (
    SELECT w.scope, w.win, sum(r.reps_bp) AS reps_bp
    FROM staffed_window w
    JOIN staffed s ON s.home = w.home AND s.log = w.log
    JOIN rep_day r ON r.log = s.log AND r.team = s.team AND r.day BETWEEN w.first_day AND w.last_day
        AND (r.working OR w.kind = 'now')
    GROUP BY ALL
),
told AS (
    SELECT w.scope, w.home, w.kind, w.win, d.kpi, coalesce(sum(s.amount), 0) AS minor
    FROM staffed_window w
    JOIN definition d ON d.formula = 'per_rep' AND is_given(d.place, w.kind)
    LEFT JOIN window_sum s ON s.scope = w.scope AND s.win = w.win AND list_contains(d.above, s.measure)
    GROUP BY w.scope, w.home, w.kind, w.win, d.kpi
),
leaf AS (
    SELECT t.scope, t.home, t.kind, t.win, t.kpi, unnest(['value', 'numerator', 'denominator', 'n', 'overflow']) AS path,
        unnest([
            CASE WHEN fits(t.minor) AND s.reps_bp > 0 THEN t.minor::DOUBLE * 10000 / s.reps_bp END,
            CASE WHEN fits(t.minor) THEN t.minor::DOUBLE END, coalesce(s.reps_bp, 0)::DOUBLE / 10000, b.n::DOUBLE,
            CASE WHEN NOT fits(t.minor) THEN 1 END
        ]) AS number
    FROM told t LEFT JOIN staff s USING (scope, win) LEFT JOIN backing b ON b.scope = t.scope AND b.win = t.win AND b.kpi = t.kpi
)
SELECT scope, home, kind, win, kpi, path, number, 'reps_at_work' AS family, 'per_rep' AS formula
FROM leaf
WHERE number IS NOT NULL OR path <> 'overflow';
