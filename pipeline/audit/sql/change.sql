-- Which events count, by their own bytes and append time alone, and what each says of each field.
CREATE TABLE change AS
WITH said AS (
    SELECT e.*, f.key AS field, f.value AS value
    FROM (SELECT *, false AS astray FROM event UNION ALL SELECT *, true FROM misplaced) e, json_each(e.data) f
),
judged AS (
    SELECT
        log, pos,
        bool_or(p.field IS NOT NULL AND value::VARCHAR <> 'null' AND append_ms + future_ms < CASE
            WHEN p.field = said.field THEN TRY_CAST(value ->> '$' AS BIGINT)
            ELSE list_max([(part ->> split_part(p.field, '.', 2))::BIGINT FOR part IN TRY_CAST(value AS JSON[])])
        END) AS ahead,
        max(CASE a.unit
            WHEN 'instant' THEN TRY_CAST(value ->> '$' AS BIGINT)
            WHEN 'day' THEN (TRY_CAST(value ->> '$' AS BIGINT) - 719163 + 1) * 86400000
        END) AS anchor_ms,
        bool_or(said.field = 'life' AND value ->> '$' = 'into:' || substr(key, strpos(key, ':') + 1)) AS into_itself,
        max(CASE WHEN said.field = q.first_field THEN TRY_CAST(value ->> '$' AS BIGINT) END) AS begins,
        max(CASE WHEN said.field = q.last_field THEN TRY_CAST(value ->> '$' AS BIGINT) END) AS ends
    FROM said
    LEFT JOIN past p ON p.kind = said.kind AND split_part(p.field, '.', 1) = said.field
    LEFT JOIN period q ON q.kind = said.kind
    LEFT JOIN anchor a ON a.kind = said.kind AND a.field = said.field, policy
    GROUP BY log, pos
)
SELECT
    said.log, said.pos, said.domain, said.kind, key, said.field, value::VARCHAR AS value, time_ms, sequence, ingested,
    source, id, id_digest, digest, corrects, append_ms, astray,
    row(time_ms, sequence, ingested, source, id_digest, digest) AS version,
    b.field IS NOT NULL AS by_time
FROM said JOIN judged USING (log, pos)
LEFT JOIN by_time b ON b.kind = said.kind AND b.field = said.field
LEFT JOIN kind_rule k ON k.kind = said.kind, policy
WHERE time_ms <= append_ms + future_ms
    AND ingested <= append_ms + future_ms
    AND NOT coalesce(ahead, false)
    AND NOT into_itself
    AND coalesce(ends >= begins, true)
    AND key NOT IN ('team:company', 'team:unassigned', 'rep:unassigned')
    AND coalesce(anchor_ms, time_ms)
        + CASE k.kept WHEN 'shortly' THEN 259200000 WHEN 'briefly' THEN activity_ms WHEN 'long' THEN closed_ms ELSE 1000000000000000 END
        >= append_ms;

-- Of kinds that settle: before which instant that had happened, by each record that tells of one.
CREATE TABLE settled_at AS
WITH told AS (SELECT log, pos, max(append_ms) OVER (PARTITION BY log ORDER BY pos) AS now_ms FROM appended)
SELECT DISTINCT c.log, c.pos, (now_ms // 86400000 - s.days) * 86400000 AS before_ms
FROM change c JOIN settling s USING (kind) JOIN told USING (log, pos)
WHERE NOT c.astray;
DELETE FROM change c USING settled_at s
WHERE c.log = s.log AND c.pos = s.pos AND NOT c.astray AND c.time_ms < s.before_ms;

-- @ kinds: judge
