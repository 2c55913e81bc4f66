-- Which events count, by their own bytes and append time alone, and what each says of each field.
CREATE TABLE change AS
WITH said AS (
    SELECT e.*, f.key AS field, f.value AS value
    FROM (SELECT *, false AS astray FROM event UNION ALL SELECT *, true FROM misplaced) e, json_each(e.data) f
),
judged AS (
    SELECT
        log, pos,
        bool_or(field IN ('started_at', 'answered_at', 'ended_at', 'created_at', 'closed_at', 'sent_at', 'occurred_at',
                          'booked_at')
                AND value::VARCHAR <> 'null' AND TRY_CAST(value ->> '$' AS BIGINT) > append_ms + future_ms) AS ahead,
        max(TRY_CAST(value ->> '$' AS BIGINT)) FILTER (
            (kind, field) IN (('call', 'started_at'), ('email', 'sent_at'), ('meeting', 'starts_at'),
                              ('activity', 'occurred_at'))
        ) AS anchor_ms,
        max(TRY_CAST(value ->> '$' AS BIGINT)) FILTER (kind = 'cost' AND field = 'period_end') AS last_day,
        bool_or(field = 'life' AND value ->> '$' = 'into:' || substr(key, strpos(key, ':') + 1)) AS into_itself
    FROM said, policy
    GROUP BY log, pos
)
SELECT
    said.log, said.pos, domain, kind, key, field, value::VARCHAR AS value, time_ms, sequence, source, id, digest,
    corrects, append_ms, astray,
    row(time_ms, sequence, source, id, digest) AS version,
    kind = 'deal' AND field IN ('stage_id', 'owner_id', 'amount_minor', 'currency', 'expected_close_on') AS by_time
FROM said JOIN judged USING (log, pos), policy
WHERE time_ms <= append_ms + future_ms
    AND NOT ahead
    AND NOT into_itself
    AND key NOT IN ('team:company', 'team:unassigned', 'rep:unassigned')
    AND coalesce(anchor_ms, (last_day - 719163 + 1) * 86400000, time_ms) + CASE
        WHEN kind IN ('activity', 'agent', 'call', 'email', 'meeting') THEN activity_ms
        WHEN kind = 'cost' THEN closed_ms
        ELSE 1000000000000000
    END >= append_ms;
