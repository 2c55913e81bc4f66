-- Other activities: of any sort, and calls as people logged them.

-- @ declare
INSERT INTO kind_rule VALUES ('activity', 'crm', 'briefly');
INSERT INTO anchor VALUES ('activity', 'occurred_at', 'instant');
INSERT INTO past VALUES ('activity', 'occurred_at');
INSERT INTO definition VALUES
    ('activity', 'activities', 'activities', 'count', ['activities'], [], 1, 'period', true),
    ('activity', 'activities_per_win', 'effort', 'ratio', ['activities'], ['won'], 1, '90d', true),
    ('activity', 'activity_score', 'score', 'score', [], [], 1, 'calendar', true),
    ('activity', 'activities_usual', 'usual', 'usual', ['activities'], [], 1, 'now', true),
    ('activity', 'activities_usual_hour', 'usual', 'usual', ['activities'], [], 1, 'now', true);

-- @ object
-- A call that names none of the dialer's is one itself.
INSERT INTO logged_call
SELECT
    log, state ->> 'rep_id', (state ->> 'occurred_at')::BIGINT,
    state ->> 'direction' IS DISTINCT FROM 'inbound',
    CASE WHEN state ->> 'connected' = 'true' AND state ->> 'dials' = '0' THEN 1
        ELSE coalesce((state ->> 'dials')::BIGINT, 1) END,
    coalesce((state ->> 'connected')::BOOLEAN, false),
    (state ->> 'talk_seconds')::BIGINT
FROM object
WHERE kind = 'activity' AND life = 'live' AND state ->> 'kind' = 'call' AND state ->> 'call_id' IS NULL
    AND state ->> 'occurred_at' IS NOT NULL;

-- @ claim
INSERT INTO claim
SELECT log, 'rep', state ->> 'rep_id', (state ->> 'occurred_at')::BIGINT, 'activities', NULL, 1
FROM object
WHERE kind = 'activity' AND life = 'live' AND coalesce(state ->> 'kind', 'other') IN ('visit', 'other')
    AND state ->> 'occurred_at' IS NOT NULL;

-- Notes and tasks where a policy says so, by the time of each.
INSERT INTO claim
SELECT a.log, 'rep', a.rep, a.at_ms, 'activities', NULL, 1
FROM (
    SELECT log, state ->> 'kind' AS what, state ->> 'rep_id' AS rep, (state ->> 'occurred_at')::BIGINT AS at_ms
    FROM object
    WHERE kind = 'activity' AND life = 'live' AND state ->> 'kind' IN ('note', 'task')
) a
ASOF JOIN counted_span s ON s.log = a.log AND a.at_ms >= s.from_ms
WHERE list_contains(s.kinds, a.what);

-- @ say
INSERT INTO touch
SELECT key, (state ->> 'occurred_at')::BIGINT, state ->> 'direction' IS DISTINCT FROM 'inbound', state ->> 'rep_id',
    unnest(['lead:' || (state ->> 'lead_id'), 'deal:' || (state ->> 'deal_id')]), NULL,
    unnest([
        CASE WHEN state ->> 'kind' = 'visit' OR (state ->> 'kind' = 'call' AND state ->> 'connected' = 'true')
            THEN (state ->> 'occurred_at')::BIGINT END,
        NULL
    ])
FROM object
WHERE kind = 'activity' AND life = 'live'
    AND (state ->> 'kind' IN ('call', 'visit') OR state ->> 'direction' IS NOT NULL);

INSERT INTO owed_link
SELECT key, 'logged', 'call:' || (state ->> 'call_id'), to_json({
    'at_ms': (state ->> 'occurred_at')::BIGINT, 'connected': coalesce((state ->> 'connected')::BOOLEAN, false),
    'dials': CASE WHEN state ->> 'connected' = 'true' AND state ->> 'dials' = '0' THEN 1
        ELSE coalesce((state ->> 'dials')::BIGINT, 1) END,
    'outbound': state ->> 'direction' IS DISTINCT FROM 'inbound',
    'rep': state ->> 'rep_id', 'talk_ms': (state ->> 'talk_seconds')::BIGINT
})::VARCHAR
FROM object
WHERE kind = 'activity' AND life = 'live' AND state ->> 'kind' = 'call' AND state ->> 'call_id' IS NOT NULL
    AND state ->> 'occurred_at' IS NOT NULL;

-- @ cover
INSERT INTO oldest
SELECT 'briefly', min((state ->> 'occurred_at')::BIGINT) FROM object WHERE kind = 'activity';
