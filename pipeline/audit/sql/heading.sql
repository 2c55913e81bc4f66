-- What is said of whole windows: that there is such a window, its start and end, whether it is final, as of when it is,
-- in which currency its money is and how many digits that has, and whether it begins before activities are remembered.
CREATE OR REPLACE TEMP TABLE span AS
SELECT DISTINCT h.home, h.log, h.team, h.now_ms, h.today, w.kind, w.win, w.first_day, w.last_day
FROM calendar h JOIN day_window w USING (periods)
WHERE w.first_day <= h.today
UNION ALL
SELECT home, log, team, now_ms, today, '90d', '90d', today - 89, today FROM calendar;

-- The first instant of a local day, by the zone of that day.
CREATE OR REPLACE TEMP TABLE day_start AS
WITH asked AS (
    SELECT log, team, unnest([first_day, last_day + 1]) AS day FROM span SEMI JOIN heading USING (home, win)
)
SELECT a.log, a.team, a.day, at_wall_ms(z.zone, (a.day - 719163) * 86400000) AS at_ms
FROM (SELECT DISTINCT log, team, day FROM asked) a
ASOF JOIN zone_span z ON z.log = a.log AND z.team = a.team AND a.day >= z.first_day;

-- Whether reps are at work today, by the day of their home: gone, to come, away for all of it, or else there.
CREATE OR REPLACE TEMP TABLE at_work AS
WITH asked AS (
    SELECT *, unnest(['start', 'end']) AS side, unnest([today, today + 1]) AS day
    FROM (
        -- Of whom nothing is counted there any more as well: such a window stays, with zeros.
        SELECT DISTINCT e.scope, CASE WHEN h.home LIKE 'rep:%' THEN substr(e.scope, 5)
                ELSE substr(e.scope, 5, length(e.scope) - length(h.home)) END AS rep, h.home, h.log, h.team, h.today
        FROM heading e JOIN calendar h USING (home)
        WHERE e.scope LIKE 'rep:%'
    )
    WHERE rep <> 'unassigned'
),
placed AS (
    SELECT a.*, at_wall_ms(z.zone, (a.day - 719163) * 86400000) AS at_ms
    FROM asked a ASOF JOIN zone_span z ON z.log = a.log AND z.team = a.team AND a.day >= z.first_day
),
today AS (
    SELECT scope, home, log, team, rep, max(at_ms) FILTER (side = 'start') AS start_ms,
        max(at_ms) FILTER (side = 'end') AS end_ms
    FROM placed GROUP BY ALL
),
-- Absences that overlap or touch are one.
gapped AS (
    SELECT *, max(end_ms) OVER (
        PARTITION BY log, team, rep ORDER BY start_ms, end_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reached_ms
    FROM away
),
joined AS (
    SELECT log, team, rep, min(start_ms) AS start_ms, max(end_ms) AS end_ms
    FROM (
        SELECT *, count(*) FILTER (reached_ms IS NULL OR start_ms > reached_ms) OVER (
            PARTITION BY log, team, rep ORDER BY start_ms, end_ms ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS stretch
        FROM gapped
    )
    GROUP BY log, team, rep, stretch
),
covered AS (
    SELECT t.scope, t.home FROM today t JOIN joined j USING (log, team, rep)
    WHERE j.start_ms <= t.start_ms AND j.end_ms >= t.end_ms
)
SELECT t.scope, t.home, CASE
        WHEN g.rep IS NOT NULL OR e.until_ms <= t.start_ms THEN 'left'
        WHEN e.since_ms >= t.end_ms THEN 'not_hired'
        WHEN whole_day.scope IS NOT NULL THEN 'absent'
        ELSE 'present'
    END AS attendance
FROM today t
LEFT JOIN gone_rep g ON g.log = t.log AND g.rep = t.rep
LEFT JOIN employed e ON e.log = t.log AND e.team = t.team AND e.rep = t.rep
LEFT JOIN covered whole_day ON whole_day.scope = t.scope AND whole_day.home = t.home;

CREATE OR REPLACE TEMP TABLE stated AS
SELECT
    h.*, s.win IS NOT NULL OR h.kind IN ('rolling', 'now') AS known, c.currency AS company_currency,
    CASE
        WHEN h.kind IN ('rolling', 'now', '90d') OR s.last_day >= s.today THEN 'provisional'
        WHEN s.now_ms >= e.at_ms + (SELECT finality_ms FROM policy) THEN 'final'
        ELSE 'provisional'
    END AS due_state,
    CASE WHEN h.kind IN ('rolling', 'now') OR s.last_day < s.today THEN '' ELSE coalesce(w.attendance, '') END AS due_attendance,
    coalesce(b.at_ms + (SELECT activity_ms FROM policy) < h.as_of_ms, false) AS due_fixed,
    CASE h.kind
        WHEN 'rolling' THEN (h.as_of_ms // 60000 - r.minutes) * 60000 WHEN 'now' THEN h.as_of_ms ELSE b.at_ms
    END AS due_start_ms,
    CASE h.kind
        WHEN 'rolling' THEN (h.as_of_ms // 60000 + 1) * 60000 WHEN 'now' THEN h.as_of_ms ELSE e.at_ms
    END AS due_end_ms
FROM heading h
JOIN calendar d ON d.home = h.home
JOIN company c ON c.log = d.log
LEFT JOIN rolling r ON r.win = h.win
LEFT JOIN at_work w ON w.scope = h.scope AND w.home = h.home
LEFT JOIN span s ON s.home = h.home AND s.win = h.win
LEFT JOIN day_start b ON b.log = s.log AND b.team = s.team AND b.day = s.first_day
LEFT JOIN day_start e ON e.log = s.log AND e.team = s.team AND e.day = s.last_day + 1;

CREATE OR REPLACE TEMP TABLE heading_difference AS
SELECT scope, win, 'window' AS what, 'shown' AS shown, 'absent' AS expected FROM stated WHERE NOT known
UNION ALL
SELECT scope, win, 'state', state, due_state
FROM stated WHERE known AND replace(state, 'restated', 'final') <> due_state
UNION ALL
SELECT scope, win, 'currency', currency, company_currency FROM stated WHERE currency <> company_currency
UNION ALL
SELECT scope, win, 'currency digits', s.currency_digits::VARCHAR, d.digits::VARCHAR
FROM stated s JOIN currency_digits d USING (currency) WHERE s.currency_digits <> d.digits
UNION ALL
SELECT scope, win, 'activities fixed', activities_fixed::VARCHAR, due_fixed::VARCHAR
FROM stated WHERE known AND activities_fixed <> due_fixed
UNION ALL
SELECT scope, win, 'attendance', attendance, due_attendance FROM stated WHERE known AND attendance <> due_attendance
UNION ALL
SELECT scope, win, 'as of', as_of_ms::VARCHAR, due_as_of_ms::VARCHAR FROM stated WHERE as_of_ms <> due_as_of_ms
UNION ALL
SELECT scope, win, 'start', start_ms::VARCHAR, due_start_ms::VARCHAR
FROM stated WHERE known AND start_ms <> due_start_ms
UNION ALL
SELECT scope, win, 'end', end_ms::VARCHAR, due_end_ms::VARCHAR FROM stated WHERE known AND end_ms <> due_end_ms;
