-- A closed deal of which nothing was heard for so long is over: from then on whatever comes for it is late. When that
-- is follows from the deal's own log: what was said of it before, the process as it stood there, and the time there.
CREATE OR REPLACE TEMP TABLE revival AS
WITH heard AS (SELECT DISTINCT log, pos, key, append_ms FROM change WHERE kind = 'deal' AND NOT astray),
long AS (
    SELECT key FROM heard JOIN appended a USING (log, pos), policy GROUP BY key, closed_ms
    HAVING max(a.append_ms) - min(heard.append_ms) > closed_ms
),
after AS (
    SELECT log, pos, key,
        max(append_ms) OVER (PARTITION BY key ORDER BY pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS heard_ms
    FROM heard SEMI JOIN long USING (key)
)
SELECT a.*, a.heard_ms // 86400000 * 86400000 AS heard_day_ms, (
        SELECT max(append_ms) FROM appended p WHERE p.log = a.log AND p.pos <= a.pos
    ) AS now_ms
FROM after a, policy
WHERE heard_day_ms + closed_ms < now_ms;

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
SELECT r.log, r.key, min(r.pos) AS pos
FROM revival r JOIN ended e USING (key, pos) JOIN register g USING (key, pos), policy
WHERE e.state <> 'open' AND g.life = '"live"' AND greatest(e.closed_at_ms, r.heard_day_ms) + closed_ms < r.now_ms
GROUP BY ALL;

DELETE FROM change c USING over o WHERE c.log = o.log AND c.key = o.key AND c.pos >= o.pos AND NOT c.astray;
