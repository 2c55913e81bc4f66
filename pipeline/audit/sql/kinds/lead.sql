-- Leads: never forgotten, and their events never late.

-- @ declare
INSERT INTO kind_rule VALUES ('lead', 'crm', NULL);
INSERT INTO past VALUES ('lead', 'created_at'), ('lead', 'closed_at');
INSERT INTO definition VALUES
    ('lead', 'leads_created', 'leads', 'count', ['leads_created'], [], 1, 'period', true),
    ('lead', 'leads_worked', 'leads', 'count', ['leads_worked'], [], 1, 'period', true),
    ('lead', 'leads_worked_share', 'leads', 'ratio', ['leads_worked'], ['leads_created'], 1, 'period', true),
    ('lead', 'leads_waiting', 'leads', 'count', ['leads_waiting'], [], 1, 'now', true);

-- @ object
-- Leads count by when they were created; worked once somebody of ours reached out since, waiting until then.
CREATE OR REPLACE TEMP TABLE lead AS
WITH reached AS (
    SELECT subject, max(at_ms) AS at_ms FROM said WHERE kind IN ('touch', 'last') AND outbound GROUP BY subject
)
SELECT
    o.log, o.state ->> 'owner_id' AS owner, (o.state ->> 'created_at')::BIGINT AS created_ms,
    coalesce(o.state ->> 'status', 'open') = 'open' AS open,
    coalesce(r.at_ms >= created_ms, false) AS worked
FROM object o LEFT JOIN reached r ON r.subject = o.key
WHERE kind = 'lead' AND life = 'live' AND state ->> 'created_at' IS NOT NULL;

-- @ claim
INSERT INTO claim
SELECT log, 'rep', owner, created_ms, 'leads_created', NULL, 1 FROM lead
UNION ALL SELECT log, 'rep', owner, created_ms, 'leads_worked', NULL, 1 FROM lead WHERE worked
UNION ALL SELECT log, 'rep', owner, NULL, 'leads_waiting', NULL, 1 FROM lead WHERE open AND NOT worked;
