-- Who belongs to each team now: by the memberships, whoever was not deleted and is active. A team that is unknown has
-- nobody.
CREATE OR REPLACE TEMP TABLE present AS
WITH away AS (
    SELECT c.log, substr(c.subject, 5) AS rep
    FROM copy c JOIN bound b ON c.log = b.log AND c.pos < b.below
    WHERE c.subject LIKE 'rep:%'
    GROUP BY c.log, c.subject
    HAVING arg_max(c.payload, c.pos)::JSON ->> 'deleted' = 'true' OR arg_max(c.payload, c.pos)::JSON ->> 'active' = 'false'
),
placed AS (
    SELECT h.home, h.log, p.rep, arg_max(p.team, p.start_ms) AS team
    FROM calendar h JOIN place_span p ON p.log = h.log AND p.start_ms <= h.now_ms
    WHERE h.home LIKE 'team:%' AND h.home <> 'team:unassigned'
    GROUP BY ALL
)
SELECT p.home, p.rep
FROM placed p ANTI JOIN away a ON a.log = p.log AND a.rep = p.rep
WHERE p.home = 'team:' || p.team;
