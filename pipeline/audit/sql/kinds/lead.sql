-- Leads: never forgotten, and their events never late.

-- @ declare
INSERT INTO kind_rule VALUES ('lead', 'crm', NULL);
INSERT INTO past VALUES ('lead', 'created_at'), ('lead', 'closed_at');
INSERT INTO day_measure
SELECT unnest([
    'lead_try', 'lead_try_ms', 'leads_tried_5m', 'leads_tried_5_15m', 'leads_tried_15_60m', 'leads_contacted',
    'lead_contact', 'lead_contact_ms', 'leads_contacted_5m', 'leads_contacted_5_15m', 'leads_contacted_15_60m'
]);
INSERT INTO definition VALUES
    ('lead', 'leads_created', 'leads', 'count', ['leads_created'], [], 1, 'period', true),
    ('lead', 'leads_worked', 'leads', 'count', ['leads_worked'], [], 1, 'period', true),
    ('lead', 'leads_worked_share', 'leads', 'ratio', ['leads_worked'], ['leads_created'], 1, 'period', true),
    ('lead', 'leads_waiting', 'leads', 'count', ['leads_waiting'], [], 1, 'now', true),
    ('lead', 'leads_waiting_oldest', 'leads', 'age', [], [], 1, 'now', true),
    ('lead', 'speed_to_lead', 'speed_to_lead', 'ratio', ['lead_try_ms'], ['leads_worked'], 1000, 'days', true),
    ('lead', 'speed_to_lead_median', 'speed_to_lead', 'median', ['lead_try'], [], 1000, 'days', true),
    ('lead', 'speed_to_lead_p90', 'speed_to_lead', 'p90', ['lead_try'], [], 1000, 'days', true),
    ('lead', 'leads_tried_5m', 'speed_to_lead', 'ratio', ['leads_tried_5m'], ['leads_created'], 1, 'days', true),
    ('lead', 'leads_tried_15m', 'speed_to_lead', 'ratio', ['leads_tried_5m', 'leads_tried_5_15m'], ['leads_created'], 1,
        'days', true),
    ('lead', 'leads_tried_60m', 'speed_to_lead', 'ratio',
        ['leads_tried_5m', 'leads_tried_5_15m', 'leads_tried_15_60m'], ['leads_created'], 1, 'days', true),
    ('lead', 'speed_to_contact', 'speed_to_contact', 'ratio', ['lead_contact_ms'], ['leads_contacted'], 1000, 'days',
        true),
    ('lead', 'speed_to_contact_median', 'speed_to_contact', 'median', ['lead_contact'], [], 1000, 'days', true),
    ('lead', 'speed_to_contact_p90', 'speed_to_contact', 'p90', ['lead_contact'], [], 1000, 'days', true),
    ('lead', 'leads_contacted_5m', 'speed_to_contact', 'ratio', ['leads_contacted_5m'], ['leads_created'], 1, 'days',
        true),
    ('lead', 'leads_contacted_15m', 'speed_to_contact', 'ratio', ['leads_contacted_5m', 'leads_contacted_5_15m'],
        ['leads_created'], 1, 'days', true),
    ('lead', 'leads_contacted_60m', 'speed_to_contact', 'ratio',
        ['leads_contacted_5m', 'leads_contacted_5_15m', 'leads_contacted_15_60m'], ['leads_created'], 1, 'days', true);

-- @ object
-- Leads count by when they were created; worked once somebody of ours reached out since, waiting until then. What lies
-- before the creation is no part of how long it took, neither until then nor until both sides were in contact.
CREATE OR REPLACE TEMP TABLE lead AS
WITH born AS (
    SELECT key, log, state ->> 'owner_id' AS owner, (state ->> 'created_at')::BIGINT AS created_ms,
        coalesce(state ->> 'status', 'open') = 'open' AS open
    FROM object
    WHERE kind = 'lead' AND life = 'live' AND state ->> 'created_at' IS NOT NULL
),
happened AS (
    SELECT subject, 'try' AS what, at_ms FROM said WHERE kind IN ('touch', 'last') AND outbound
    UNION ALL
    SELECT subject, 'contact', contact_ms FROM said WHERE contact_ms IS NOT NULL
),
since AS (
    SELECT b.key, min(h.at_ms) FILTER (h.what = 'try') AS try_at_ms,
        min(h.at_ms) FILTER (h.what = 'contact') AS contact_at_ms
    FROM born b JOIN happened h ON h.subject = b.key AND h.at_ms >= b.created_ms
    GROUP BY b.key
)
SELECT b.*, s.try_at_ms - b.created_ms AS try_ms, s.contact_at_ms - b.created_ms AS contact_ms
FROM born b LEFT JOIN since s USING (key);

-- @ claim
INSERT INTO claim
SELECT log, 'rep', owner, created_ms, 'leads_created', NULL, 1 FROM lead
UNION ALL SELECT log, 'rep', owner, NULL, 'leads_waiting', NULL, 1 FROM lead WHERE open AND try_ms IS NULL;

INSERT INTO dated_claim SELECT log, owner, created_ms, 'leads_waiting_since' FROM lead WHERE open AND try_ms IS NULL;

CREATE OR REPLACE TEMP TABLE lead_pace AS
SELECT log, owner, created_ms, 'worked' AS counted, 'try' AS what, 'tried' AS done, try_ms AS took_ms
FROM lead WHERE try_ms IS NOT NULL
UNION ALL
SELECT log, owner, created_ms, 'contacted', 'contact', 'contacted', contact_ms
FROM lead WHERE contact_ms IS NOT NULL;

INSERT INTO claim
SELECT log, 'rep', owner, created_ms, 'leads_' || counted, NULL, 1 FROM lead_pace
UNION ALL
SELECT log, 'rep', owner, created_ms, 'lead_' || what || '_ms', NULL, took_ms FROM lead_pace
UNION ALL
SELECT log, 'rep', owner, created_ms, 'leads_' || done || CASE
        WHEN took_ms <= 300000 THEN '_5m' WHEN took_ms <= 900000 THEN '_5_15m' ELSE '_15_60m'
    END, NULL, 1
FROM lead_pace WHERE took_ms <= 3600000;

INSERT INTO sample_claim SELECT log, owner, created_ms, 'lead_' || what, took_ms FROM lead_pace;

-- @ say
-- A lead says to the deal that it was converted into when it came in, and when it was first tried since.
INSERT INTO owed_link
SELECT l.key, 'became', 'deal:' || (o.state ->> 'deal_id'), concat(
    '{"at_ms":', l.created_ms, CASE WHEN l.try_ms IS NOT NULL THEN ',"tried_ms":' || (l.created_ms + l.try_ms) END, '}'
)
FROM lead l JOIN object o ON o.key = l.key
ASOF JOIN nobody_span n ON n.log = l.log AND l.created_ms >= n.from_ms
WHERE o.state ->> 'deal_id' IS NOT NULL AND NOT list_contains(n.ids, lower(o.state ->> 'deal_id'));
