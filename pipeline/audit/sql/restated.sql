-- Whether windows that are over were restated, as far as the facts that are still there tell: whether anything was told
-- of their days after they were final. Of a scope that was heard of only after that, what is told within the time until
-- finality after the window's first is its first telling. Of a group this can be told where the tree of teams has stood
-- since before the window was final.
CREATE OR REPLACE TEMP TABLE pane AS
SELECT t.log, t.team, t.rep, t.day, min(t.first_ms) AS first_ms, max(t.last_ms) AS last_ms,
    bool_and(t.pos < b.below) AS known
FROM told t JOIN bound b ON b.log = t.log
GROUP BY ALL;

-- Where facts are gone something may have been told before the first that is left.
CREATE OR REPLACE TEMP TABLE facts_head AS
SELECT log, min(pos) > 0 AS gone, arg_min(append_ms, pos) + 3600000 AS head_ms
FROM appended WHERE log LIKE 'facts/%' GROUP BY log;

CREATE OR REPLACE TEMP TABLE scope_pane AS
WITH asked AS (SELECT DISTINCT scope FROM stated WHERE known)
SELECT a.scope, p.* FROM asked a JOIN pane p ON a.scope = 'team:' || p.team
UNION ALL
SELECT a.scope, p.* FROM asked a JOIN pane p ON a.scope = 'rep:' || p.rep || '@' || p.team
UNION ALL
SELECT a.scope, p.* FROM asked a JOIN pane p ON a.scope = 'rep:' || p.rep AND p.team <> 'company'
UNION ALL
SELECT a.scope, p.* FROM asked a JOIN grouped g ON g.home = a.scope JOIN pane p ON p.team = g.team
UNION ALL
SELECT a.scope, p.* FROM asked a CROSS JOIN pane p WHERE a.scope = 'company';

-- When a team was last hung elsewhere, in any log; an hour more, since what follows from it is told later.
CREATE OR REPLACE TEMP TABLE tree AS
WITH hung AS (
    SELECT append_ms, payload::JSON ->> 'parent_id' AS parent,
        lag(payload::JSON ->> 'parent_id') OVER (PARTITION BY log, subject ORDER BY pos) AS before
    FROM copy WHERE subject LIKE 'team:%' AND log SIMILAR TO '(facts|parts)/.*'
)
SELECT coalesce(max(append_ms), 0) + 3600000 AS moved_ms FROM hung WHERE parent IS DISTINCT FROM before;

CREATE OR REPLACE TEMP TABLE final_window AS
SELECT DISTINCT s.scope, s.home, s.win, s.state, h.now_ms, s.due_end_ms + (SELECT finality_ms FROM policy) AS final_ms
FROM stated s JOIN calendar h ON h.home = s.home CROSS JOIN tree
WHERE s.known AND s.due_state = 'final'
    AND (s.scope NOT LIKE 'group:%' OR tree.moved_ms < s.due_end_ms + (SELECT finality_ms FROM policy));

-- What is certain of a window, and what is possible. A larger scope hears of what came and went again within a moment
-- only once, as if it had not been: certain is only what was first told then, and holds something.
CREATE OR REPLACE TEMP TABLE telling AS
WITH held AS (SELECT DISTINCT team, rep, day FROM counted WHERE day IS NOT NULL),
since AS (
    SELECT f.scope, min(p.first_ms) AS ever_ms,
        min(p.first_ms) FILTER (p.day > f.now_ms // 86400000 + 719163 - (SELECT pane_days FROM policy)) AS kept_ms
    FROM (SELECT scope, max(now_ms) AS now_ms FROM final_window GROUP BY scope) f JOIN scope_pane p USING (scope)
    GROUP BY f.scope
),
spread AS (
    SELECT p.*, w.win
    FROM (SELECT DISTINCT scope, home FROM final_window) f
    JOIN calendar h ON h.home = f.home
    JOIN scope_pane p ON p.scope = f.scope
    JOIN day_window w ON w.day = p.day AND w.periods = h.periods
),
inside AS (
    SELECT f.scope, f.win, min(p.first_ms) AS first_ms, max(p.last_ms) AS last_ms,
        max(CASE WHEN f.home LIKE 'team:%' THEN p.last_ms WHEN h.day IS NOT NULL THEN p.first_ms END)
            FILTER (p.known) AS certain_ms
    FROM final_window f
    JOIN spread p ON p.scope = f.scope AND p.win = f.win
    LEFT JOIN held h ON h.team = p.team AND h.rep = p.rep AND h.day = p.day
    GROUP BY f.scope, f.win
),
head AS (SELECT bool_or(gone) AS gone, max(head_ms) FILTER (gone) AS head_ms FROM facts_head)
SELECT f.*,
    coalesce(i.certain_ms > CASE
        WHEN s.kept_ms <= f.final_ms THEN f.final_ms
        ELSE i.first_ms + (SELECT finality_ms FROM policy)
    END, false) AS certain,
    coalesce(i.last_ms > CASE
        WHEN h.gone OR s.ever_ms <= f.final_ms THEN f.final_ms
        ELSE i.first_ms + (SELECT finality_ms FROM policy)
    END, false) OR coalesce(h.gone AND h.head_ms > f.final_ms, false) AS possible
FROM final_window f LEFT JOIN inside i USING (scope, win) LEFT JOIN since s USING (scope) CROSS JOIN head h;

INSERT INTO heading_difference
SELECT scope, win, 'state', state, CASE WHEN certain THEN 'restated' ELSE 'final' END
FROM telling
WHERE (state = 'final' AND certain) OR (state = 'restated' AND NOT possible);
