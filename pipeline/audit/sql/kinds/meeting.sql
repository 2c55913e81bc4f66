-- Meetings, which may start later than their events are appended.

-- @ declare
INSERT INTO kind_rule VALUES ('meeting', 'crm', 'briefly');
INSERT INTO anchor VALUES ('meeting', 'starts_at', 'instant');
INSERT INTO past VALUES ('meeting', 'booked_at');
INSERT INTO day_measure VALUES ('meetings_pending');
INSERT INTO definition VALUES
    ('meeting', 'meetings_set', 'meetings', 'count', ['meetings_set'], [], 1, 'period', true),
    ('meeting', 'meetings_held', 'meetings', 'count', ['meetings_held'], [], 1, 'period', true),
    ('meeting', 'show_rate', 'meetings', 'ratio', ['meetings_held'], ['meetings_held', 'meetings_missed'], 1, 'period', true),
    ('meeting', 'meetings_pending', 'meetings', 'count', ['meetings_pending'], [], 1, 'days', true),
    ('meeting', 'meetings_per_win', 'effort', 'ratio', ['meetings_held'], ['won'], 1, '90d', true);

-- @ claim
INSERT INTO claim
SELECT log, 'rep', state ->> 'rep_id', (state ->> 'booked_at')::BIGINT, 'meetings_set', NULL, 1
FROM object
WHERE kind = 'meeting' AND life = 'live' AND state ->> 'booked_at' IS NOT NULL
UNION ALL
SELECT log, 'rep', state ->> 'rep_id', (state ->> 'starts_at')::BIGINT,
    unnest(CASE state ->> 'status'
        WHEN 'held' THEN ['meetings_held', 'activities'] WHEN 'no_show' THEN ['meetings_missed']
        WHEN 'cancelled' THEN [] ELSE ['meetings_pending'] END),
    NULL, 1
FROM object
WHERE kind = 'meeting' AND life = 'live' AND state ->> 'starts_at' IS NOT NULL;

-- @ say
-- As long as it is not known when it starts, it is remembered by when it was booked or last heard of. One that was held is
-- a contact; nobody has to know when it was booked.
INSERT INTO touch
SELECT o.key, coalesce(state ->> 'booked_at', CASE WHEN state ->> 'status' = 'held' THEN state ->> 'starts_at' END)::BIGINT,
    true, state ->> 'rep_id',
    unnest(['lead:' || (state ->> 'lead_id'), 'deal:' || (state ->> 'deal_id')]),
    coalesce((state ->> 'starts_at')::BIGINT, greatest((state ->> 'booked_at')::BIGINT, h.heard_ms)),
    unnest([CASE WHEN state ->> 'status' = 'held' THEN (state ->> 'starts_at')::BIGINT END, NULL])
FROM object o JOIN (SELECT key, max(time_ms) AS heard_ms FROM in_force WHERE kind = 'meeting' GROUP BY key) h USING (key)
WHERE kind = 'meeting' AND life = 'live';
INSERT INTO meets
SELECT key, (state ->> 'starts_at')::BIGINT FROM object
WHERE kind = 'meeting' AND life = 'live' AND coalesce(state ->> 'status', '') NOT IN ('cancelled', 'no_show')
    AND state ->> 'starts_at' IS NOT NULL;

-- @ cover
INSERT INTO oldest
SELECT 'briefly', min(least((state ->> 'starts_at')::BIGINT, (state ->> 'booked_at')::BIGINT)) FROM object WHERE kind = 'meeting';
