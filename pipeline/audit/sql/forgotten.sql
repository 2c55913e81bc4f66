-- A closed deal of which nothing was heard for so long is over: from then on whatever comes for it is late, and its
-- process, whatever becomes of that, no longer is its own. When that is follows from the deal's own log: what was said
-- of it before, the process as it stood there, and the time there. It is asked where it matters: where something comes
-- for the deal, and where a process becomes another one.
CREATE OR REPLACE TEMP TABLE revival AS
WITH heard AS (SELECT DISTINCT log, pos, key, append_ms FROM change WHERE kind = 'deal' AND NOT astray),
long AS (
    SELECT h.log, h.key
    FROM heard h JOIN (SELECT log, max(append_ms) AS append_ms FROM appended GROUP BY log) a USING (log), policy
    GROUP BY h.log, h.key, closed_ms
    HAVING max(a.append_ms) - min(h.append_ms) > closed_ms
),
told AS (SELECT log, pos, max(append_ms) OVER (PARTITION BY log ORDER BY pos) AS now_ms FROM appended),
redefined AS (
    FROM (FROM copy WHERE subject LIKE 'process:%')
    QUALIFY payload IS DISTINCT FROM lag(payload) OVER (PARTITION BY log, subject ORDER BY pos)
),
met AS (
    SELECT log, pos, key, append_ms FROM heard SEMI JOIN long USING (log, key)
    UNION ALL
    SELECT log, r.pos, key, NULL FROM redefined r JOIN long USING (log)
),
after AS (
    SELECT log, pos, key,
        max(append_ms) OVER (PARTITION BY key ORDER BY pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS heard_ms
    FROM met
)
SELECT a.*, a.heard_ms // 86400000 * 86400000 AS heard_day_ms, t.now_ms
FROM after a JOIN told t USING (log, pos), policy
WHERE heard_day_ms + closed_ms < t.now_ms;

CREATE OR REPLACE TEMP TABLE over AS
WITH entry AS (
    SELECT r.key, r.log, r.pos, c.field, c.value, c.version, c.time_ms, c.source, c.id, c.corrects
    FROM revival r JOIN change c ON c.key = r.key AND c.log = r.log AND c.pos < r.pos AND NOT c.astray
    WHERE c.field IN ('stage_id', 'process_id', 'life')
),
register AS (
    SELECT key, pos, coalesce(arg_max(value, version) FILTER (field = 'life'), '"live"') AS life,
        coalesce(arg_max(value, version) FILTER (field = 'process_id')::JSON ->> '$', 'default') AS process
    FROM entry GROUP BY ALL
),
corrected AS (
    SELECT DISTINCT key, pos, source, corrects AS id FROM entry
    WHERE field = 'stage_id' AND corrects IS NOT NULL AND corrects <> id
),
instant AS (
    SELECT key, log, pos, time_ms, arg_max(value, version) AS value
    FROM entry ANTI JOIN corrected USING (key, pos, source, id)
    WHERE field = 'stage_id'
    GROUP BY ALL
),
process AS (
    SELECT r.key, r.pos, arg_max(c.payload, c.pos) AS payload
    FROM revival r JOIN register g USING (key, pos)
    JOIN copy c ON c.log = r.log AND c.pos < r.pos AND c.subject = 'process:' || g.process
    GROUP BY ALL
),
kind AS (
    SELECT p.key, p.pos, s.value ->> 'id' AS stage, arg_max(coalesce(s.value ->> 'kind', 'open'), s.key::INTEGER) AS kind
    FROM process p, json_each(p.payload::JSON -> 'stages') s
    GROUP BY ALL
),
step AS (
    SELECT i.key, i.log, i.pos, i.time_ms, coalesce(k.kind, 'open') AS state
    FROM instant i LEFT JOIN kind k ON k.key = i.key AND k.pos = i.pos AND k.stage = i.value::JSON ->> '$'
    WHERE i.value <> 'null'
),
run AS (
    FROM (SELECT *, lag(state) OVER (PARTITION BY key, pos ORDER BY time_ms) AS before FROM step)
    WHERE state IS DISTINCT FROM before
),
ended AS (SELECT key, pos, max(time_ms) AS closed_at_ms, arg_max(state, time_ms) AS state FROM run GROUP BY ALL)
SELECT r.log, r.key, min(r.pos) AS pos, arg_min(g.process, r.pos) AS process, arg_min(p.payload, r.pos) AS payload
FROM revival r JOIN ended e USING (key, pos) JOIN register g USING (key, pos) JOIN process p USING (key, pos), policy
WHERE e.state <> 'open' AND g.life = '"live"' AND greatest(e.closed_at_ms, r.heard_day_ms) + closed_ms < r.now_ms
GROUP BY ALL;

DELETE FROM change c USING over o WHERE c.log = o.log AND c.key = o.key AND c.pos >= o.pos AND NOT c.astray;
