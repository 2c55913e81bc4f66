-- Emails.

-- @ declare
INSERT INTO kind_rule VALUES ('email', 'crm', 'briefly');
INSERT INTO anchor VALUES ('email', 'sent_at', 'instant');
INSERT INTO past VALUES ('email', 'sent_at');
INSERT INTO definition VALUES
    ('email', 'emails', 'emails', 'count', ['emails'], [], 1, 'period', true),
    ('email', 'emails_bulk', 'emails', 'count', ['emails_bulk'], [], 1, 'period', true);

-- @ claim
INSERT INTO claim
SELECT log, 'rep', state ->> 'rep_id', (state ->> 'sent_at')::BIGINT,
    unnest(CASE WHEN coalesce((state ->> 'bulk')::BOOLEAN, false) THEN ['emails_bulk'] ELSE ['emails', 'activities'] END),
    NULL, 1
FROM object
WHERE kind = 'email' AND life = 'live' AND state ->> 'sent_at' IS NOT NULL AND state ->> 'direction' = 'outbound'
    AND NOT coalesce((state ->> 'auto_reply')::BOOLEAN, false);

-- @ say
INSERT INTO touch
SELECT key, (state ->> 'sent_at')::BIGINT, state ->> 'direction' = 'outbound', state ->> 'rep_id',
    unnest(['lead:' || (state ->> 'lead_id'), 'deal:' || (state ->> 'deal_id')]), NULL,
    unnest([CASE WHEN state ->> 'direction' <> 'outbound' THEN (state ->> 'sent_at')::BIGINT END, NULL])
FROM object
WHERE kind = 'email' AND life = 'live' AND state ->> 'direction' IS NOT NULL
    AND NOT coalesce((state ->> 'bulk')::BOOLEAN, false)
    AND NOT coalesce((state ->> 'auto_reply')::BOOLEAN, false);

-- @ cover
INSERT INTO oldest
SELECT 'briefly', min((state ->> 'sent_at')::BIGINT) FROM object WHERE kind = 'email';
