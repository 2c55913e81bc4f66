-- The timeline of each rep within a team: what the phone was set to on the local day of now, cut at both its ends, and what
-- goes on. After `figure`.
CREATE OR REPLACE TEMP TABLE today_span AS
WITH bound AS (
    SELECT home, log, team, today, unnest(['start_ms', 'end_ms']) AS side, unnest([today, today + 1]) AS day
    FROM calendar WHERE home LIKE 'team:%'
),
zoned AS (
    SELECT b.*, z.zone, (b.day - 719163) * 86400000 AS wall_ms
    FROM bound b ASOF JOIN zone_span z ON z.log = b.log AND z.team = b.team AND b.day >= z.first_day
),
placed AS (
    SELECT home, today, side, at_wall_ms(z.zone, z.wall_ms) AS at_ms
    FROM zoned z
)
SELECT s.home, w.win, max(at_ms) FILTER (side = 'start_ms') AS start_ms, max(at_ms) FILTER (side = 'end_ms') AS end_ms
FROM placed s
JOIN calendar h USING (home)
JOIN day_window w ON w.day = h.today AND w.periods = h.periods AND w.kind = 'day'
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE day_stretch AS
WITH told AS (
    SELECT scope, home, split_part(stage, ':', 1)::BIGINT AS from_ms, split_part(stage, ':', 2)::BIGINT AS to_ms,
        regexp_replace(stage, '^\d+:\d+:', '') AS state
    FROM scope_cell WHERE measure = 'phone_stretch' AND amount > 0
    UNION ALL
    SELECT scope, home, sum(amount) FILTER (measure = 'agents_since_ms') // sum(amount) FILTER (measure = 'agents'), NULL, stage
    FROM scope_cell WHERE measure IN ('agents', 'agents_since_ms') AND scope LIKE 'rep:%@%'
    GROUP BY ALL
    HAVING sum(amount) FILTER (measure = 'agents') > 0
)
SELECT t.scope, t.home, d.win, t.state, greatest(t.from_ms, d.start_ms) AS from_ms,
    CASE WHEN t.to_ms IS NOT NULL THEN least(t.to_ms, d.end_ms) END AS to_ms
FROM told t JOIN today_span d USING (home)
WHERE t.from_ms < d.end_ms AND coalesce(t.to_ms > d.start_ms, true);

CREATE OR REPLACE TEMP TABLE stretches_beyond AS
SELECT c.scope, c.home, d.win, sum(c.amount) AS beyond
FROM scope_cell c JOIN today_span d USING (home)
WHERE c.measure = 'phone_stretches_beyond' AND c.minute * 60000 >= d.start_ms AND c.minute * 60000 < d.end_ms
GROUP BY ALL;

INSERT INTO asked
SELECT DISTINCT scope, home, 'day', win, true
FROM (SELECT scope, home, win FROM day_stretch UNION SELECT scope, home, win FROM stretches_beyond)
ANTI JOIN asked USING (scope, win);

INSERT INTO expected
WITH leaf AS (
    SELECT a.scope, a.home, a.win, unnest(['value', 'beyond']) AS path,
        unnest([coalesce(s.n, 0) + coalesce(b.beyond, 0), coalesce(b.beyond, 0)]) AS number
    FROM asked a
    JOIN today_span d ON d.home = a.home AND d.win = a.win
    LEFT JOIN (SELECT scope, count(*) AS n FROM day_stretch GROUP BY scope) s ON s.scope = a.scope
    LEFT JOIN stretches_beyond b ON b.scope = a.scope
    WHERE a.scope LIKE 'rep:%@%'
    UNION ALL
    SELECT scope, home, win, 'stretches.' || from_ms || '.' || state, to_ms FROM day_stretch
)
SELECT scope, home, 'day' AS kind, win, 'phone_timeline' AS kpi, path, number::DOUBLE AS number, 'timeline' AS family,
    'timeline' AS formula
FROM leaf;
