-- Cost of a team or the company, over the local days of a period.

-- @ declare
INSERT INTO kind_rule VALUES ('cost', 'crm', 'long');
INSERT INTO anchor VALUES ('cost', 'period_end', 'day');
INSERT INTO period VALUES ('cost', 'period_start', 'period_end');
INSERT INTO definition VALUES
    ('cost', 'cost', 'cost', 'count', ['cost_minor'], [], 1, 'days', false),
    ('cost', 'cac', 'cost', 'ratio', ['cost_minor'], ['new_customers'], 1, 'days', false),
    ('cost', 'cac_30d', 'cac_lagged', 'ratio', ['cost_30d_minor'], ['new_customers'], 1, 'days', false),
    ('cost', 'cac_60d', 'cac_lagged', 'ratio', ['cost_60d_minor'], ['new_customers'], 1, 'days', false),
    ('cost', 'cac_90d', 'cac_lagged', 'ratio', ['cost_90d_minor'], ['new_customers'], 1, 'days', false),
    ('cost', 'cac_by_category', 'cost_categories', 'categories', ['cost_category_minor'], ['new_customers'], 1, 'days',
        false),
    ('cost', 'cost_per_meeting', 'effort', 'ratio', ['cost_minor'], ['meetings_set'], 1, '90d', false),
    ('cost', 'cost_per_win', 'effort', 'ratio', ['cost_minor'], ['won'], 1, '90d', false);

INSERT INTO lagging VALUES ('cac_lagged', 90);

-- @ claim
-- Each cost five times: on its days as a whole and by category, and as much 30, 60 and 90 days later.
INSERT INTO period_claim
WITH counted_as AS (
    FROM (VALUES
        ('cost_minor', false, 0), ('cost_category_minor', true, 0), ('cost_30d_minor', false, 30),
        ('cost_60d_minor', false, 60), ('cost_90d_minor', false, 90)
    ) AS _(measure, named, later)
)
SELECT
    o.log, CASE WHEN t.team IS NOT NULL THEN t.team WHEN o.state ->> 'team_id' IS NULL THEN 'company' ELSE 'unassigned' END,
    (o.state ->> 'period_start')::BIGINT AS first_day, (o.state ->> 'period_end')::BIGINT AS last_day, a.measure,
    (o.state ->> 'amount_minor')::BIGINT, o.state ->> 'currency',
    CASE WHEN a.named THEN coalesce(o.state ->> 'category', 'unassigned') END, a.later
FROM object o CROSS JOIN counted_as a LEFT JOIN team t ON t.log = o.log AND t.team = o.state ->> 'team_id'
WHERE o.kind = 'cost' AND o.life = 'live' AND o.state ->> 'amount_minor' IS NOT NULL
    AND last_day - first_day BETWEEN 0 AND 3659;

-- @ cover
INSERT INTO oldest
SELECT 'long', min(((state ->> 'period_end')::BIGINT - 719163) * 86400000) FROM object WHERE kind = 'cost';
