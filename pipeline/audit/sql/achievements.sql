-- What reps and teams achieved: by the rules that the log of each home has, of several for one KPI of reps, or of teams, that
-- of the greater name. After `figure`.
CREATE OR REPLACE TEMP TABLE achievement_rule AS
SELECT log, coalesce(payload ->> 'whose', 'reps') AS whose, payload ->> 'kpi' AS kpi,
    coalesce((payload -> 'best')::VARCHAR[], []) AS periods_told, coalesce((payload -> 'milestones')::BIGINT[], []) AS counts
FROM org_record
WHERE kind = 'recognition' AND payload ->> 'kpi' IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY log, whose, kpi ORDER BY name DESC) = 1;

-- What each did by day. Of nobody's work nothing is told.
CREATE OR REPLACE TEMP TABLE achieved_day AS
SELECT h.home, h.periods, r.kpi, r.periods_told, r.counts, c.day, sum(c.amount)::BIGINT AS amount
FROM calendar h
JOIN achievement_rule r ON r.log = h.log AND starts_with(h.home, CASE r.whose WHEN 'teams' THEN 'team:' ELSE 'rep:' END)
JOIN definition d USING (kpi)
JOIN counted c ON c.day IS NOT NULL AND c.stage IS NULL AND list_contains(d.above, c.measure)
    AND CASE r.whose WHEN 'teams' THEN 'team:' || c.team = h.home ELSE c.rep <> '' AND c.team <> 'company' AND 'rep:' || c.rep = h.home END
WHERE h.home NOT IN ('team:unassigned', 'rep:unassigned', 'team:company')
GROUP BY ALL
HAVING amount <> 0;

-- Of whom a day is forgotten, or gone, it is not known what was best or how many there were.
CREATE OR REPLACE TEMP TABLE unsure_achiever AS
SELECT DISTINCT a.home, a.kpi
FROM achieved_day a JOIN definition d USING (kpi) JOIN coverage v USING (family)
WHERE a.day < v.first_day;

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

CREATE OR REPLACE TEMP TABLE achievement_expected AS
WITH told AS (
    SELECT home, kpi, 'best:' || kind || '|' || kpi || '|' || home AS id, value, win, first_day FROM best_period
    UNION ALL
    SELECT home, kpi, 'milestone:' || value || '|' || kpi || '|' || home, value,
        'day:' || (DATE '1970-01-01' + (day - 719163)::INTEGER)::VARCHAR, day
    FROM milestone
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
