-- Who is said to be absent beside the figures of a team: whoever of those present is away now. After `present`.
CREATE OR REPLACE TEMP TABLE absent_looked_at AS
WITH due AS (
    SELECT DISTINCT p.home, p.rep
    FROM present p
    JOIN calendar h USING (home)
    JOIN away a ON a.log = h.log AND a.team = h.team AND a.rep = p.rep AND h.now_ms >= a.start_ms AND h.now_ms < a.end_ms
    WHERE EXISTS (FROM published s WHERE s.scope = p.home)
),
-- Of whoever comes or goes while Redis is read it is not known what it says.
turning AS (
    SELECT DISTINCT h.home, t.rep
    FROM calendar h
    LEFT JOIN read_until r ON r.home = h.home
    JOIN (
        SELECT log, team, rep, unnest([start_ms, end_ms]) AS at_ms FROM away
        UNION ALL SELECT log, team, rep, unnest([since_ms, until_ms]) FROM employed
    ) t ON t.log = h.log AND t.team = h.team
    WHERE t.at_ms BETWEEN h.now_ms - 60000 AND greatest(h.now_ms, coalesce(r.until_ms, 0)) + 60000
),
paired AS (
    SELECT coalesce(d.home, t.home) AS home, coalesce(d.rep, t.rep) AS rep, t.rep IS NOT NULL AS is_shown,
        d.rep IS NOT NULL AS is_expected
    FROM due d FULL JOIN (FROM absent_rep SEMI JOIN calendar USING (home)) t ON t.home = d.home AND t.rep = d.rep
)
SELECT p.home AS scope, 'now' AS win, 'absent' AS kpi, p.rep AS path, p.is_shown::INTEGER::DOUBLE AS shown,
    p.is_expected::INTEGER::DOUBLE AS expected, p.is_shown, p.is_expected
FROM paired p
ANTI JOIN turning t ON t.home = p.home AND t.rep = p.rep;

CREATE OR REPLACE TEMP TABLE absent_difference AS FROM absent_looked_at WHERE is_shown <> is_expected;
