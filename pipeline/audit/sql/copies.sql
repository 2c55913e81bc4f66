-- Organisation copies: each record merged from `org.changes`, field by field, beside the last copy in every log.
-- A record that changed after `settled_ms` may still be on its way, and so may exchange rates of the last ten seconds: the
-- first is copied at once, others together when five seconds of append time are over.
CREATE OR REPLACE TEMP TABLE own_record AS
-- What holds from a local day on: the field, that of its day, and the list of it.
WITH dated (kind, field, from_field, listed) AS (
    VALUES ('team', 'time_zone', 'time_zone_from', 'time_zones'),
        ('company', 'week_start', 'week_start_from', 'week_starts'),
        ('rep', 'role', 'role_from', 'roles')
),
since AS (
    SELECT key, version, value, coalesce((
        SELECT any_value(d.value) FROM change d WHERE d.log = c.log AND d.pos = c.pos AND d.field = from_field
    ), 'null') AS first_day
    FROM change c JOIN dated USING (kind, field) WHERE NOT astray
),
holding AS (SELECT key, first_day, arg_max(value, version) AS value FROM since GROUP BY ALL),
field AS (
    SELECT key, field, arg_max(value, version) AS value
    FROM change
    WHERE domain = 'org' AND NOT astray AND kind <> 'process'
        AND NOT EXISTS (FROM dated d WHERE d.kind = change.kind AND change.field IN (d.field, d.from_field))
    GROUP BY ALL
),
-- The stages of a process by the instant from which they hold: the one they name, or that of their event.
staged AS (
    SELECT c.key, c.version, c.value AS stages, coalesce((
        SELECT any_value(TRY_CAST(d.value AS BIGINT)) FROM change d
        WHERE d.log = c.log AND d.pos = c.pos AND d.field = 'valid_from'
    ), c.time_ms) AS from_ms
    FROM change c WHERE kind = 'process' AND field = 'stages' AND NOT astray
),
edition AS (
    FROM (SELECT key, from_ms, arg_max(stages, version) AS stages FROM staged GROUP BY ALL)
    WHERE stages <> 'null'
    QUALIFY stages IS DISTINCT FROM lag(stages) OVER (PARTITION BY key ORDER BY from_ms)
),
-- A team, membership or identity that was deleted ended then; of one of which nothing else was told there is nothing.
finished AS (
    SELECT key, kind, arg_max(time_ms, version) AS at_ms
    FROM change
    WHERE kind IN ('team', 'membership', 'identity') AND field = 'life' AND NOT astray
        AND key IN (SELECT key FROM change WHERE field <> 'life' AND NOT astray)
    GROUP BY ALL
    HAVING arg_max(value, version) = '"deleted"'
),
known AS (
    SELECT DISTINCT c.key, c.kind
    FROM change c
    ANTI JOIN (FROM field WHERE field = 'life' AND value <> '"live"' AND key NOT IN (SELECT key FROM finished)) f
        ON f.key = c.key AND c.kind <> 'process'
    WHERE c.domain = 'org' AND NOT c.astray
),
-- Of a rep who was deleted a record stays, which says just that.
gone AS (SELECT key FROM field WHERE starts_with(key, 'rep:') AND field = 'life' AND value = '"deleted"')
SELECT key AS subject, '' AS field, '' AS value FROM known
UNION ALL SELECT key, '', '' FROM gone
UNION ALL SELECT key, 'deleted', 'true' FROM gone
UNION ALL
SELECT key, field, value FROM field SEMI JOIN known USING (key)
WHERE field <> 'life' AND value <> 'null'
    AND NOT (field = 'valid_to' AND key IN (SELECT key FROM finished WHERE kind <> 'team'))
UNION ALL
SELECT e.key, CASE e.kind WHEN 'team' THEN 'ended_at' ELSE 'valid_to' END,
    least(e.at_ms, coalesce(TRY_CAST(f.value AS BIGINT), e.at_ms))::VARCHAR
FROM finished e LEFT JOIN field f ON f.key = e.key AND f.field = 'valid_to'
UNION ALL
SELECT k.key, d.listed, '[' || coalesce(
    string_agg('[' || h.first_day || ',' || h.value || ']', ',' ORDER BY coalesce(TRY_CAST(h.first_day AS BIGINT), 0)), ''
) || ']'
FROM known k JOIN dated d USING (kind) LEFT JOIN holding h ON h.key = k.key AND h.value <> 'null'
GROUP BY k.key, d.listed
UNION ALL
SELECT k.key, 'editions',
    '[' || coalesce(string_agg('[' || e.from_ms || ',' || e.stages || ']', ',' ORDER BY e.from_ms), '') || ']'
FROM known k LEFT JOIN edition e ON e.key = k.key
WHERE k.kind = 'process'
GROUP BY k.key
UNION ALL
SELECT key, field, value FROM (
    SELECT key, field, arg_max(value, version) AS value
    FROM change WHERE kind = 'process' AND field = 'implied' AND NOT astray
    GROUP BY ALL
)
WHERE value <> 'null';

CREATE OR REPLACE TEMP TABLE copied_record AS
WITH latest AS (
    SELECT log, subject, arg_max(payload, pos) AS payload FROM copy GROUP BY ALL
)
SELECT log, subject, '' AS field, '' AS value FROM latest WHERE payload <> 'null'
UNION ALL
SELECT l.log, l.subject, f.key, f.value::VARCHAR
FROM latest l, json_each(l.payload::JSON) f
WHERE l.payload <> 'null' AND f.value::VARCHAR <> 'null';

CREATE OR REPLACE TEMP TABLE copy_difference AS
WITH reader AS (SELECT DISTINCT log FROM appended WHERE log NOT LIKE 'org.changes/%'),
-- A target is copied to whoever shows what it is for, and to whoever may show what stands above that: a rep's to one
-- partition of the rollup's log and to all of the scoreboard's, a team's to that of its own figures and to all of the
-- rollup's, the company's to one. One that is nobody's, or of two, stays. A curve goes as far as a target without what stands above.
aim AS (
    SELECT subject, max(value) FILTER (field = 'team_id') ->> '$' AS team, max(value) FILTER (field = 'rep_id') ->> '$' AS rep
    FROM own_record WHERE starts_with(subject, 'target:') OR starts_with(subject, 'curve:') GROUP BY subject
),
aimed AS (
    SELECT a.subject, p.topic || '/' || h.number AS log
    FROM aim a
    CROSS JOIN (VALUES ('facts', 'team:'), ('parts', 'group:'), ('parts', 'rep:'), ('parts', 'company')) p (topic, kind)
    JOIN home_partition h ON h.home = CASE
        WHEN (a.team IS NULL) = (a.rep IS NULL) THEN NULL
        WHEN p.kind = 'rep:' THEN 'rep:' || a.rep
        WHEN p.kind = 'company' THEN CASE WHEN a.team = 'company' THEN 'company' END
        WHEN a.team <> 'company' THEN p.kind || a.team
    END
    UNION
    SELECT a.subject, r.log FROM aim a JOIN reader r ON starts_with(a.subject, 'target:') AND CASE
        WHEN a.team IS NULL THEN a.rep IS NOT NULL AND r.log LIKE 'facts/%'
        ELSE a.rep IS NULL AND a.team <> 'company' AND r.log LIKE 'parts/%'
    END
),
wanted AS (
    SELECT r.log, o.subject, o.field, o.value FROM reader r CROSS JOIN own_record o
    WHERE CASE split_part(o.subject, ':', 1)
        WHEN 'target' THEN (r.log, o.subject) IN (SELECT (log, subject) FROM aimed)
        WHEN 'curve' THEN (r.log, o.subject) IN (SELECT (log, subject) FROM aimed)
        -- By what ids mean objects are read, and nothing else.
        WHEN 'identity' THEN r.log LIKE 'crm.events/%' OR r.log LIKE 'telephony.events/%'
        -- What no object counts by is told to those who add up, and to nobody else.
        WHEN 'absence' THEN r.log LIKE 'facts/%' OR r.log LIKE 'parts/%'
        WHEN 'recognition' THEN r.log LIKE 'facts/%' OR r.log LIKE 'parts/%'
        WHEN 'benchmark' THEN r.log LIKE 'facts/%' OR r.log LIKE 'parts/%'
        WHEN 'contest' THEN r.log LIKE 'facts/%' OR r.log LIKE 'parts/%'
        WHEN 'proration' THEN r.log LIKE 'facts/%' OR r.log LIKE 'parts/%'
        WHEN 'special_day' THEN r.log LIKE 'facts/%' OR r.log LIKE 'parts/%'
        WHEN 'score' THEN r.log LIKE 'facts/%' OR r.log LIKE 'parts/%'
        ELSE true
    END
),
moving AS (
    SELECT DISTINCT key AS subject FROM event
    WHERE domain = 'org' AND append_ms > getvariable('settled_ms')
    UNION
    SELECT DISTINCT e.key FROM event e
    JOIN (SELECT log, max(append_ms) AS latest_ms FROM appended GROUP BY log) a ON a.log = e.log
    WHERE e.domain = 'org' AND starts_with(e.key, 'rate:') AND e.append_ms > a.latest_ms - 10000
)
SELECT
    coalesce(w.log, c.log) AS log, coalesce(w.subject, c.subject) AS subject, coalesce(w.field, c.field) AS field,
    CASE WHEN c.value IS NULL THEN 'absent' ELSE c.value END AS shown,
    CASE WHEN w.value IS NULL THEN 'absent' ELSE w.value END AS expected
FROM wanted w FULL JOIN copied_record c ON c.log = w.log AND c.subject = w.subject AND c.field = w.field
ANTI JOIN moving m ON m.subject = coalesce(w.subject, c.subject)
WHERE w.value IS DISTINCT FROM c.value
ORDER BY ALL;

-- Events that a producer put on the wrong partition: each has to be passed on to the right one.
CREATE OR REPLACE TEMP TABLE astray_difference AS
SELECT DISTINCT log, pos, key, id
FROM change
ANTI JOIN event USING (key, source, id, digest)
WHERE astray AND append_ms <= getvariable('settled_ms')
ORDER BY ALL;
