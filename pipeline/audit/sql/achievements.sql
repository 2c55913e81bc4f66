-- What reps and teams achieved: by the rules that the log of each home has, of several for one KPI of reps, or of teams, that
-- of the greater name. After `figure`.
CREATE OR REPLACE TEMP TABLE achievement_rule AS
SELECT log, coalesce(payload ->> 'whose', 'reps') AS whose, payload ->> 'kpi' AS kpi,
    coalesce((payload -> 'best')::VARCHAR[], []) AS periods_told, coalesce((payload -> 'milestones')::BIGINT[], []) AS counts,
    coalesce((payload -> 'streaks')::BIGINT[], []) AS streaks
FROM org_record
WHERE kind = 'recognition' AND payload ->> 'kpi' IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY log, whose, kpi ORDER BY name DESC) = 1;

-- What each did by day. Of nobody's work nothing is told.
CREATE OR REPLACE TEMP TABLE achieved_day AS
SELECT h.home, h.periods, r.kpi, r.periods_told, r.counts, r.streaks, c.day, sum(c.amount)::BIGINT AS amount
FROM calendar h
JOIN achievement_rule r ON r.log = h.log AND starts_with(h.home, CASE r.whose WHEN 'teams' THEN 'team:' ELSE 'rep:' END)
JOIN definition d USING (kpi)
JOIN counted c ON c.day IS NOT NULL AND c.stage IS NULL AND list_contains(d.above, c.measure)
    AND CASE r.whose WHEN 'teams' THEN 'team:' || c.team = h.home ELSE c.rep <> '' AND c.team <> 'company' AND 'rep:' || c.rep = h.home END
WHERE h.home NOT IN ('team:unassigned', 'rep:unassigned', 'team:company')
GROUP BY ALL
HAVING amount <> 0;

-- Of whom a day is forgotten, or gone, it is not known what was best or how many there were. What is forgotten stays in the
-- team where it counted, wherever its rep is by now, and with the rep whom its id meant, whoever that is by now: once
-- anything of a KPI is, no team is known, nor any rep whom an identity ever named, or whose own id it gave to another.
CREATE OR REPLACE TEMP TABLE unsure_achiever AS
WITH unsure AS (
    SELECT home, 'teams' AS whose FROM calendar WHERE starts_with(home, 'team:')
    UNION ALL
    SELECT DISTINCT 'rep:' || (value::JSON ->> '$'), 'reps' FROM change
    WHERE kind = 'identity' AND field IN ('external_id', 'rep_id')
)
SELECT DISTINCT a.home, a.kpi
FROM achieved_day a JOIN definition d USING (kpi) JOIN coverage v USING (family)
WHERE a.day < v.first_day
UNION
SELECT u.home, d.kpi
FROM unsure u
JOIN achievement_rule r USING (whose)
JOIN definition d USING (kpi)
JOIN coverage v ON v.family = d.family AND v.reason = 'forgotten'
WHERE EXISTS (FROM counted c WHERE c.day < v.first_day AND c.stage IS NULL AND list_contains(d.above, c.measure));

-- The best day, week and month: one of more than five others, four or three; of equal ones the earliest.
CREATE OR REPLACE TEMP TABLE best_period AS
WITH done AS (
    SELECT a.home, a.kpi, w.kind, w.win, w.first_day, sum(a.amount)::BIGINT AS value
    FROM achieved_day a
    JOIN day_window w ON w.periods = a.periods AND w.day = a.day AND list_contains(a.periods_told, w.kind)
    GROUP BY ALL
    HAVING value > 0
)
FROM done
QUALIFY count(*) OVER (PARTITION BY home, kpi, kind) > CASE kind WHEN 'day' THEN 5 WHEN 'week' THEN 4 ELSE 3 END
    AND row_number() OVER (PARTITION BY home, kpi, kind ORDER BY value DESC, first_day) = 1;

-- A count is reached on the day since which so many were there ever since.
CREATE OR REPLACE TEMP TABLE milestone AS
WITH summed AS (
    SELECT home, kpi, counts, day, sum(amount) OVER (PARTITION BY home, kpi ORDER BY day) AS so_far FROM achieved_day
),
asked AS (SELECT DISTINCT home, kpi, unnest(counts) AS value FROM summed),
below AS (
    SELECT k.home, k.kpi, k.value, max(s.day) AS day
    FROM asked k JOIN summed s ON s.home = k.home AND s.kpi = k.kpi AND s.so_far < k.value GROUP BY ALL
)
SELECT k.home, k.kpi, k.value, min(s.day) AS day
FROM asked k
JOIN summed s ON s.home = k.home AND s.kpi = k.kpi
LEFT JOIN below b ON b.home = k.home AND b.kpi = k.kpi AND b.value = k.value
WHERE s.day > coalesce(b.day, 0)
GROUP BY ALL;

-- The days around a streak on which work is due: those of the home's calendar, Monday to Friday where nobody works, and of a
-- rep those of which any moment lies outside of all absences, from being hired to leaving.
CREATE OR REPLACE TEMP TABLE streak_day AS
WITH spanned AS (
    SELECT home, min(day) AS first_day, max(day) AS last_day FROM achieved_day WHERE len(streaks) > 0 GROUP BY ALL
),
each_day AS (SELECT home, unnest(range(first_day, last_day + 1)) AS day FROM spanned),
working AS (
    SELECT h.home, h.log, h.team, e.day
    FROM each_day e
    JOIN home_hours h USING (home),
    LATERAL (SELECT DATE '1970-01-01' + (e.day - 719163)::INTEGER AS date) d
    WHERE CASE
        WHEN len(h.weekdays) = 0 THEN isodow(d.date) <= 5
        ELSE list_contains(h.weekdays, isodow(d.date))
            AND (h.log, h.team, d.date) NOT IN (SELECT (log, team, date) FROM free_date)
    END
),
ended AS (
    SELECT *, max(end_ms) OVER (
            PARTITION BY log, team, rep ORDER BY start_ms, end_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before_ms
    FROM away
),
numbered AS (
    SELECT *, count(*) FILTER (before_ms IS NULL OR start_ms > before_ms) OVER (
            PARTITION BY log, team, rep ORDER BY start_ms, end_ms ROWS UNBOUNDED PRECEDING
        ) AS number
    FROM ended
),
gone AS (
    SELECT log, team, rep, min(start_ms) AS start_ms, max(end_ms) AS end_ms FROM numbered GROUP BY log, team, rep, number
    UNION ALL SELECT log, team, rep, -9000000000000000, since_ms FROM employed WHERE since_ms >= 0
    UNION ALL SELECT log, team, rep, until_ms, 9000000000000000 FROM employed WHERE until_ms < 9000000000000000
),
bounded AS (
    SELECT w.home, w.log, w.team, w.day, unnest([0, 1]) AS side
    FROM working w SEMI JOIN gone g ON g.log = w.log AND g.team = w.team AND 'rep:' || g.rep = w.home
),
zoned AS (
    SELECT b.*, z.zone
    FROM (SELECT *, day + side AS bound FROM bounded) b
    ASOF JOIN zone_span z ON z.log = b.log AND z.team = b.team AND b.bound >= z.first_day
),
begun AS (
    SELECT z.home, z.log, z.team, z.day, z.side, at_wall_ms(z.zone, (z.bound - 719163) * 86400000) AS at_ms
    FROM zoned z
),
away_all_day AS (
    SELECT b.home, b.day
    FROM begun b
    JOIN begun e ON e.home = b.home AND e.day = b.day AND e.side = 1
    JOIN gone g ON g.log = b.log AND g.team = b.team AND 'rep:' || g.rep = b.home
    WHERE b.side = 0 AND g.start_ms <= b.at_ms AND g.end_ms >= e.at_ms
)
SELECT home, day FROM working ANTI JOIN away_all_day USING (home, day);

-- Working days one after another with enough, three at least; of several such streaks the latest.
CREATE OR REPLACE TEMP TABLE streak AS
WITH asked AS (SELECT DISTINCT home, kpi, unnest(streaks) AS least FROM achieved_day),
judged AS (
    SELECT k.home, k.kpi, k.least, d.day, coalesce(a.amount, 0) >= k.least AS enough
    FROM asked k
    JOIN streak_day d ON d.home = k.home
    LEFT JOIN achieved_day a ON a.home = k.home AND a.kpi = k.kpi AND a.day = d.day
),
numbered AS (
    SELECT *, count(*) FILTER (NOT enough) OVER (PARTITION BY home, kpi, least ORDER BY day) AS missed FROM judged
)
SELECT home, kpi, least, count(*) AS value, min(day) AS first_day, max(day) AS last_day
FROM numbered
WHERE enough
GROUP BY home, kpi, least, missed
HAVING value >= 3
QUALIFY row_number() OVER (PARTITION BY home, kpi, least ORDER BY max(day) DESC) = 1;

CREATE OR REPLACE TEMP TABLE achievement_expected AS
WITH told AS (
    SELECT home, kpi, 'best:' || kind || '|' || kpi || '|' || home AS id, value, win, first_day FROM best_period
    UNION ALL
    SELECT home, kpi, 'milestone:' || value || '|' || kpi || '|' || home, value,
        'day:' || (DATE '1970-01-01' + (day - 719163)::INTEGER)::VARCHAR, day
    FROM milestone
    UNION ALL
    SELECT home, kpi, 'streak:' || least || '|' || kpi || '|' || home, value,
        'day:' || (DATE '1970-01-01' + (last_day - 719163)::INTEGER)::VARCHAR, first_day
    FROM streak
)
SELECT t.id, f.field, f.text
FROM (FROM told ANTI JOIN unsure_achiever USING (home, kpi)) t, LATERAL (VALUES
    ('value', t.value::VARCHAR), ('window', t.win),
    ('first_day', (DATE '1970-01-01' + (t.first_day - 719163)::INTEGER)::VARCHAR)
) f (field, text);

CREATE OR REPLACE TEMP TABLE achievement_difference AS
WITH wanted AS (SELECT p.shown_in, e.* FROM achievement_expected e CROSS JOIN achievement_place p),
there AS (
    SELECT s.shown_in, s.id, s.field, s.text
    FROM achievement_shown s SEMI JOIN calendar USING (home) ANTI JOIN unsure_achiever USING (home, kpi)
)
SELECT coalesce(w.shown_in, s.shown_in) AS shown_in, coalesce(w.id, s.id) AS id, coalesce(w.field, s.field) AS field,
    s.text AS shown, w.text AS expected
FROM wanted w FULL JOIN there s ON s.shown_in = w.shown_in AND s.id = w.id AND s.field = w.field
WHERE s.text IS DISTINCT FROM w.text
ORDER BY ALL;
