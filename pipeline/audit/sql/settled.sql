-- Since when something is under way: the earliest time at which anything was appended that is not worked off, or that a
-- record follows from which is not. What follows may be many steps late: each log has a backlog of its own.
CREATE OR REPLACE TEMP TABLE under_way AS
WITH RECURSIVE told AS (
    SELECT log, pos, origin_log, origin_pos, append_ms FROM link
    UNION
    SELECT log, pos, origin_log, origin_pos, append_ms FROM copy
),
caused AS (
    SELECT t.origin_log AS log, t.origin_pos AS pos, t.append_ms
    FROM told t JOIN worked_off w ON w.log = t.log AND t.pos >= w.below
    UNION
    SELECT t.origin_log, t.origin_pos, t.append_ms FROM caused c JOIN told t ON t.log = c.log AND t.pos = c.pos
)
SELECT append_ms FROM caused
UNION
SELECT e.append_ms FROM event e JOIN worked_off w ON w.log = e.log AND e.pos >= w.below
UNION
SELECT a.append_ms FROM appended a JOIN worked_off w ON w.log = a.log AND a.pos >= w.below;
