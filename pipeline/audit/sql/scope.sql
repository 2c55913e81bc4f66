-- Whose local day it is: a team's own, a group's like its team's, a rep's like that of the team of now. Homes of one
-- number in `periods` have the same weeks, quarters and years.
CREATE OR REPLACE TEMP TABLE calendar AS
WITH named AS (
    SELECT h.*, split_part(home, ':', 1) AS kind, substr(home, strpos(home, ':') + 1) AS name FROM home h
),
owned AS (
    SELECT n.*, CASE n.kind WHEN 'company' THEN 'company' WHEN 'rep' THEN p.team ELSE n.name END AS owner
    FROM named n ASOF LEFT JOIN place_span p ON p.log = n.log AND p.rep = n.name AND n.now_ms >= p.start_ms
),
known AS (
    SELECT o.home, o.log, o.now_ms, coalesce(t.team, 'company') AS team,
        dense_rank() OVER (ORDER BY coalesce(t.fiscal_start, c.fiscal_start), c.week_starts) AS periods,
        coalesce(t.fiscal_start, c.fiscal_start) AS fiscal_start, c.week_starts
    FROM owned o
    JOIN company c ON c.log = o.log
    LEFT JOIN team t ON t.log = o.log AND t.team = o.owner
)
SELECT
    k.*, now_ms // 60000 AS minute,
    least(floor((k.now_ms + o.offset_ms) / 86400000)::BIGINT + 719163, coalesce(s.last_day, 9999999)) AS today
FROM known k
ASOF JOIN zone_span s ON s.log = k.log AND s.team = k.team AND k.now_ms >= s.start_ms
ASOF JOIN zone_offset o ON o.zone = s.zone AND k.now_ms >= o.from_ms;

-- Which teams a group holds: its own and all below it, by the tree of now; a circle ends where it closes.
CREATE OR REPLACE TEMP TABLE grouped AS
WITH RECURSIVE above AS (
    SELECT t.log, t.team, t.parent, [t.parent] AS path
    FROM team t JOIN team p ON p.log = t.log AND p.team = t.parent
    WHERE t.parent <> t.team
    UNION ALL
    SELECT a.log, a.team, t.parent, list_append(a.path, t.parent)
    FROM above a
    JOIN team t ON t.log = a.log AND t.team = a.parent
    JOIN team p ON p.log = t.log AND p.team = t.parent
    WHERE t.parent <> a.team AND NOT list_contains(a.path, t.parent)
)
SELECT s.team, 'group:' || a.parent AS home FROM sender s JOIN above a ON a.log = s.log AND a.team = s.team
UNION
SELECT s.team, 'group:' || s.team FROM sender s JOIN team t ON t.log = s.log AND t.parent = s.team AND t.team <> s.team;

CREATE OR REPLACE TEMP TABLE member AS
SELECT m.scope, m.home, m.team, m.rep
FROM (
    SELECT DISTINCT 'team:' || team AS scope, 'team:' || team AS home, team, rep
    FROM (SELECT team, rep FROM counted UNION SELECT team, rep FROM counted_sample) WHERE team <> 'company'
    UNION SELECT 'rep:' || rep || '@' || team, 'team:' || team, team, rep FROM counted WHERE rep <> '' AND team <> 'company'
    UNION SELECT 'rep:' || rep, 'rep:' || rep, team, rep FROM counted WHERE rep <> '' AND team <> 'company'
    UNION SELECT g.home, g.home, c.team, c.rep FROM counted c JOIN grouped g USING (team)
    UNION SELECT 'company', 'company', team, rep FROM counted
) m
JOIN home h ON h.home = m.home
-- A group is shown while the log of its own figures knows of a team below it.
WHERE h.home NOT LIKE 'group:%' OR EXISTS (
    FROM team t WHERE t.log = h.log AND 'group:' || t.parent = h.home AND t.parent <> t.team
);

CREATE OR REPLACE TEMP TABLE scope_cell AS
SELECT m.scope, m.home, c.day, c.minute, c.measure, c.stage, sum(c.amount) AS amount
FROM counted c JOIN member m USING (team, rep)
-- What has a minute and no day is of a timeline, which is of a rep within a team.
WHERE c.minute IS NULL OR c.day IS NOT NULL OR m.scope LIKE 'rep:%@%'
GROUP BY ALL;
