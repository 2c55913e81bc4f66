-- Who belongs to each team now: by the memberships, whoever was not deleted, is active, hired and has not left. A team
-- that is unknown has nobody. After `attendance` and `ramp`.
CREATE OR REPLACE TEMP TABLE present AS
WITH placed AS (
    SELECT h.home, h.log, p.rep, arg_max(p.team, p.start_ms) AS team
    FROM calendar h JOIN place_span p ON p.log = h.log AND p.start_ms <= h.now_ms
    WHERE h.home LIKE 'team:%' AND h.home <> 'team:unassigned'
    GROUP BY ALL
)
SELECT p.home, p.rep
FROM placed p
JOIN calendar h USING (home)
JOIN employed e ON e.log = p.log AND e.team = p.team AND e.rep = p.rep AND h.now_ms >= e.since_ms AND h.now_ms < e.until_ms
ANTI JOIN gone_rep g ON g.log = p.log AND g.rep = p.rep
WHERE p.home = 'team:' || p.team;

-- Those of them who are in ramp today, by the day of their team.
CREATE OR REPLACE TEMP TABLE ramping AS
SELECT p.home, p.rep
FROM present p
JOIN (SELECT home, log, today, substr(home, 6) AS team FROM calendar) h USING (home)
JOIN hired_rep i ON i.log = h.log AND i.rep = p.rep
WHERE ramp_bp(ramp_on(h.log, h.team, h.today), i.day, h.today) < 10000;
