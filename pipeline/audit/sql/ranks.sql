-- Ranks: of the reps who belong to a team now, each KPI that is ranked, in each current window that the rep has. A rep
-- who left, or was deleted, is on no board.
CREATE OR REPLACE TEMP TABLE current_window AS
SELECT h.home, w.kind, w.win
FROM calendar h JOIN day_window w ON w.day = h.today AND w.fiscal_start = h.fiscal_start
UNION ALL
SELECT h.home, r.win, r.win FROM calendar h CROSS JOIN rolling r
UNION ALL
SELECT home, '90d', '90d' FROM calendar;

CREATE OR REPLACE TEMP TABLE present AS
WITH told AS (
    SELECT c.log, substr(c.subject, strpos(c.subject, ':') + 1) AS rep, arg_max(c.payload, c.pos)::JSON AS payload
    FROM copy c JOIN bound b ON c.log = b.log AND c.pos < b.below
    WHERE c.subject LIKE 'rep:%'
    GROUP BY ALL
),
placed AS (
    SELECT h.home, h.log, p.rep, arg_max(p.team, p.start_ms) AS team
    FROM calendar h JOIN place_span p ON p.log = h.log AND p.start_ms <= h.now_ms
    WHERE h.home LIKE 'team:%' AND h.home <> 'team:unassigned'
    GROUP BY ALL
)
SELECT p.home, p.rep
FROM placed p LEFT JOIN told t ON t.log = p.log AND t.rep = p.rep
WHERE p.home = 'team:' || p.team
    AND (t.rep IS NULL OR (t.payload <> 'null' AND coalesce((t.payload ->> 'active')::BOOLEAN, true)));

CREATE OR REPLACE TEMP TABLE rank_looked_at AS
WITH ranked AS (SELECT unnest(['calls', 'activities', 'meetings_set', 'won', 'bookings']) AS kpi),
due AS (
    SELECT DISTINCT p.home, c.kind, k.kpi, p.rep, e.number
    FROM present p
    JOIN current_window c ON c.home = p.home
    CROSS JOIN ranked k
    JOIN shown s ON s.scope = 'rep:' || p.rep || '@' || substr(p.home, 6) AND s.win = c.win AND s.kpi = k.kpi
        AND s.path = 'value'
    JOIN expected e ON e.scope = s.scope AND e.win = s.win AND e.kpi = s.kpi AND e.path = 'value'
),
there AS (FROM rank SEMI JOIN calendar USING (home)),
paired AS (
    SELECT
        coalesce(d.home, t.home) AS home, coalesce(d.kind, t.kind) AS kind, coalesce(d.kpi, t.kpi) AS kpi,
        coalesce(d.rep, t.rep) AS rep, t.number AS shown, d.number AS expected,
        t.rep IS NOT NULL AS is_shown, d.rep IS NOT NULL AS is_expected
    FROM due d FULL JOIN there t USING (home, kind, kpi, rep)
)
SELECT p.*, 'rep:' || p.rep || '@' || substr(p.home, 6) AS scope, coalesce(c.win, p.kind) AS win
FROM paired p LEFT JOIN current_window c USING (home, kind)
ANTI JOIN newer n ON n.scope = 'rep:' || p.rep || '@' || substr(p.home, 6) AND n.win = c.win;

CREATE OR REPLACE TEMP TABLE rank_difference AS
FROM rank_looked_at
WHERE is_shown <> is_expected OR abs(shown - expected) > greatest(abs(shown), abs(expected)) * 1e-9;
