-- Who is said to be in ramp beside the figures of a team: whoever of those present is, today. After `ranks`.
CREATE OR REPLACE TEMP TABLE ramping_looked_at AS
WITH due AS (
    SELECT r.home, r.rep FROM ramping r WHERE EXISTS (FROM published s WHERE s.scope = r.home)
),
-- Of whoever is hired or leaves while Redis is read it is not known what it says.
turning AS (
    SELECT DISTINCT h.home, e.rep
    FROM calendar h
    LEFT JOIN read_until r ON r.home = h.home
    JOIN (
        SELECT log, team, rep, unnest([since_ms, until_ms]) AS at_ms FROM employed
    ) e ON e.log = h.log AND 'team:' || e.team = h.home
    WHERE e.at_ms BETWEEN h.now_ms - 60000 AND greatest(h.now_ms, coalesce(r.until_ms, 0)) + 60000
),
paired AS (
    SELECT coalesce(d.home, t.home) AS home, coalesce(d.rep, t.rep) AS rep, t.rep IS NOT NULL AS is_shown,
        d.rep IS NOT NULL AS is_expected
    FROM due d FULL JOIN (FROM ramping_rep SEMI JOIN calendar USING (home)) t ON t.home = d.home AND t.rep = d.rep
)
SELECT p.home AS scope, 'now' AS win, 'ramping' AS kpi, p.rep AS path, p.is_shown::INTEGER::DOUBLE AS shown,
    p.is_expected::INTEGER::DOUBLE AS expected, p.is_shown, p.is_expected
FROM paired p
ANTI JOIN turning t ON t.home = p.home AND t.rep = p.rep
ANTI JOIN turned u ON u.home = p.home;

CREATE OR REPLACE TEMP TABLE ramping_difference AS FROM ramping_looked_at WHERE is_shown <> is_expected;
