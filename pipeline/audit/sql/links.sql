-- Links: what each object has to say of others, beside the last word on it in the log of the other object. Asked after
-- a cut through whole logs. Whatever was said of after `settled_ms` may still be on its way.
CREATE OR REPLACE TEMP TABLE touch AS
SELECT key AS origin, unnest(['lead:' || (state ->> 'lead_id'), 'deal:' || (state ->> 'deal_id')]) AS subject,
    to_json({'at_ms': at_ms, 'outbound': outbound, 'rep': state ->> 'rep_id'})::VARCHAR AS payload
FROM (
    SELECT key, state, (state ->> 'started_at')::BIGINT AS at_ms,
        state ->> 'direction' IS DISTINCT FROM 'inbound' AS outbound,
        coalesce(state ->> 'direction', '') AS direction,
        CASE WHEN state ->> 'outcome' IS NOT NULL THEN state ->> 'outcome' = 'answered'
            ELSE state ->> 'answered_at' IS NOT NULL OR coalesce(state ->> 'state', '') = 'answered' END AS answered
    FROM object
    WHERE kind = 'call' AND life = 'live' AND direction <> 'internal' AND (direction <> 'inbound' OR answered)
    UNION ALL
    SELECT key, state, (state ->> 'sent_at')::BIGINT, state ->> 'direction' = 'outbound', '', true
    FROM object
    WHERE kind = 'email' AND life = 'live' AND state ->> 'direction' IS NOT NULL
        AND NOT coalesce((state ->> 'bulk')::BOOLEAN, false)
        AND NOT coalesce((state ->> 'auto_reply')::BOOLEAN, false)
    UNION ALL
    SELECT key, state, (state ->> 'booked_at')::BIGINT, true, '', true
    FROM object WHERE kind = 'meeting' AND life = 'live'
    UNION ALL
    SELECT key, state, (state ->> 'occurred_at')::BIGINT, state ->> 'direction' IS DISTINCT FROM 'inbound', '', true
    FROM object
    WHERE kind = 'activity' AND life = 'live'
        AND (state ->> 'kind' IN ('call', 'visit') OR state ->> 'direction' IS NOT NULL)
)
WHERE at_ms IS NOT NULL;

CREATE OR REPLACE TEMP TABLE passed_on AS
WITH way AS (
    SELECT l.subject AS loser, l.kind, l.origin, l.payload, [l.subject] AS path
    FROM own_link l WHERE l.kind <> 'merge'
    UNION ALL
    SELECT p.subject, p.kind, p.origin, p.payload, list_append(CAST(p.path AS VARCHAR[]), p.subject) FROM passed_link p
),
ranked AS (
    SELECT *, coalesce((payload::JSON ->> 'won_ms')::BIGINT, (payload::JSON ->> 'at_ms')::BIGINT) AS at_ms
    FROM way SEMI JOIN (FROM object WHERE life LIKE 'into:%') o ON o.key = way.loser
),
first AS (
    FROM ranked
    QUALIFY row_number() OVER (
        PARTITION BY loser, kind, payload::JSON ->> 'outbound', path ORDER BY at_ms, origin
    ) = 1
)
SELECT loser, '{"passed":[' || string_agg(
    '[' || to_json(kind) || ',' || to_json(origin) || ',' || payload || ',' || to_json(path) || ']', ','
    ORDER BY kind, path, at_ms, origin
) || ']}' AS payload
FROM first GROUP BY loser;

CREATE OR REPLACE TEMP TABLE owed_link AS
SELECT origin, 'touch' AS kind, subject, payload FROM touch WHERE subject IS NOT NULL
UNION ALL
SELECT key, 'logged', 'call:' || (state ->> 'call_id'), to_json({
    'at_ms': (state ->> 'occurred_at')::BIGINT, 'connected': coalesce((state ->> 'connected')::BOOLEAN, false),
    'dials': coalesce((state ->> 'dials')::BIGINT, 1), 'outbound': state ->> 'direction' IS DISTINCT FROM 'inbound',
    'rep': state ->> 'rep_id', 'talk_ms': coalesce((state ->> 'talk_seconds')::BIGINT, 0)
})::VARCHAR
FROM object
WHERE kind = 'activity' AND life = 'live' AND state ->> 'kind' = 'call' AND state ->> 'call_id' IS NOT NULL
    AND state ->> 'occurred_at' IS NOT NULL
UNION ALL
SELECT c.key, 'win', 'account:' || c.account, to_json({'rep': m.owner, 'won_ms': c.closed_ms})::VARCHAR
FROM course c JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms
WHERE c.state = 'won' AND c.account IS NOT NULL
UNION ALL
SELECT o.key, 'merge', o.kind || ':' || substr(o.life, 6), p.payload
FROM object o JOIN passed_on p ON p.loser = o.key;

CREATE OR REPLACE TEMP TABLE link_difference AS
WITH now AS (SELECT max(now_ms) AS now_ms, getvariable('settled_ms') AS settled_ms FROM clock),
moving AS (
    SELECT DISTINCT key AS origin FROM event, now WHERE append_ms > settled_ms
    UNION SELECT subject FROM link, now WHERE append_ms > settled_ms
    UNION SELECT o.key FROM object o, now
    WHERE o.kind = 'deal' AND EXISTS (FROM copy WHERE subject LIKE 'process:%' AND append_ms > settled_ms)
),
-- What is no longer remembered may have been changed since without taking back what it said before.
forgotten AS (
    SELECT key AS origin FROM object, now, policy
    WHERE kind IN ('activity', 'call', 'email', 'meeting') AND activity_ms + coalesce(
        (state ->> CASE kind
            WHEN 'call' THEN 'started_at' WHEN 'email' THEN 'sent_at' WHEN 'meeting' THEN 'starts_at' ELSE 'occurred_at'
        END)::BIGINT, 0
    ) < now_ms
),
trimmed AS (
    SELECT coalesce(max(append_ms), -1) AS trimmed_ms
    FROM (FROM appended WHERE log LIKE 'telephony.events/%' QUALIFY row_number() OVER (PARTITION BY log ORDER BY pos) = 1)
    WHERE pos > 0
)
SELECT
    coalesce(o.subject, l.subject) AS subject, coalesce(o.kind, l.kind) AS kind, coalesce(o.origin, l.origin) AS origin,
    coalesce(l.payload, 'absent') AS shown, coalesce(o.payload, 'absent') AS expected
FROM owed_link o FULL JOIN own_link l ON l.subject = o.subject AND l.kind = o.kind AND l.origin = o.origin
ANTI JOIN moving m ON m.origin = coalesce(o.origin, l.origin)
ANTI JOIN forgotten f ON f.origin = coalesce(o.origin, l.origin)
WHERE o.payload IS DISTINCT FROM l.payload
    AND (
        (SELECT trimmed_ms FROM trimmed) < 0
        OR (coalesce(o.kind, l.kind) <> 'logged' AND coalesce(o.origin, l.origin) NOT LIKE 'call:%')
    )
ORDER BY ALL;
