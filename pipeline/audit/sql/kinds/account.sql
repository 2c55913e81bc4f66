-- Accounts: never forgotten, and their events never late.

-- @ declare
INSERT INTO kind_rule VALUES ('account', 'crm', NULL);
INSERT INTO past VALUES ('account', 'created_at');
INSERT INTO definition VALUES
    ('account', 'new_customers', 'customers', 'count', ['new_customers'], [], 1, 'period', true);

-- @ claim
-- An account is a new customer at its first win, whether it was heard of by itself or not.
INSERT INTO claim
SELECT s.log, 'rep', s.rep, s.at_ms, 'new_customers', NULL, 1
FROM said s LEFT JOIN object o ON o.key = s.subject
WHERE s.kind = 'win' AND s.subject LIKE 'account:%' AND coalesce(o.life, 'live') = 'live'
QUALIFY row_number() OVER (PARTITION BY s.subject ORDER BY s.at_ms, s.origin, coalesce(s.rep, '')) = 1;
