-- The KPIs, as docs define them. `above` over `below`; `divisor` turns milliseconds into seconds. `place`: in windows of
-- time, only now, or only the trailing 90 days. Those of teams only have `reps` false.
CREATE TABLE definition AS
FROM (VALUES
    ('calls', 'calls', 'count', ['calls'], [], 1, 'period', true),
    ('dials', 'calls', 'count', ['dials'], [], 1, 'period', true),
    ('connected_calls', 'calls', 'count', ['connected'], [], 1, 'period', true),
    ('connect_rate', 'calls', 'ratio', ['connected_dials'], ['dials'], 1, 'period', true),
    ('talk_time', 'calls', 'count', ['talk_ms'], [], 1000, 'period', true),
    ('avg_talk_time', 'calls', 'ratio', ['talk_ms'], ['connected'], 1000, 'period', true),
    ('offered', 'inbound', 'count', ['offered'], [], 1, 'period', true),
    ('answered', 'inbound', 'count', ['answered'], [], 1, 'period', true),
    ('abandoned', 'inbound', 'count', ['abandoned'], [], 1, 'period', true),
    ('abandon_rate', 'inbound', 'ratio', ['abandoned'], ['offered'], 1, 'period', true),
    ('answer_speed', 'inbound', 'ratio', ['answer_wait_ms'], ['answered'], 1000, 'period', true),
    ('service_level_20s', 'inbound', 'ratio', ['answered_in_20s'], ['offered'], 1, 'period', true),
    ('service_level_20s_answered', 'inbound', 'ratio', ['answered_in_20s'], ['answered'], 1, 'period', true),
    ('emails', 'emails', 'count', ['emails'], [], 1, 'period', true),
    ('emails_bulk', 'emails', 'count', ['emails_bulk'], [], 1, 'period', true),
    ('meetings_set', 'meetings', 'count', ['meetings_set'], [], 1, 'period', true),
    ('meetings_held', 'meetings', 'count', ['meetings_held'], [], 1, 'period', true),
    ('show_rate', 'meetings', 'ratio', ['meetings_held'], ['meetings_held', 'meetings_missed'], 1, 'period', true),
    ('activities', 'activities', 'count', ['activities'], [], 1, 'period', true),
    ('leads_created', 'leads', 'count', ['leads_created'], [], 1, 'period', true),
    ('leads_worked', 'leads', 'count', ['leads_worked'], [], 1, 'period', true),
    ('leads_worked_share', 'leads', 'ratio', ['leads_worked'], ['leads_created'], 1, 'period', true),
    ('leads_waiting', 'leads', 'count', ['leads_waiting'], [], 1, 'now', true),
    ('deals_created', 'deals', 'count', ['deals_created'], [], 1, 'period', true),
    ('deals_created_amount', 'deals', 'count', ['deals_created_minor'], [], 1, 'period', true),
    ('won', 'deals', 'count', ['won'], [], 1, 'period', true),
    ('lost', 'deals', 'count', ['lost'], [], 1, 'period', true),
    ('win_rate', 'deals', 'ratio', ['won'], ['won', 'lost'], 1, 'period', true),
    ('win_rate_value', 'deals', 'ratio', ['won_minor'], ['won_minor', 'lost_minor'], 1, 'period', true),
    ('bookings', 'deals', 'count', ['won_minor'], [], 1, 'period', true),
    ('avg_deal_size', 'deals', 'ratio', ['won_minor'], ['won'], 1, 'period', true),
    ('median_deal_size', 'deals', 'median', ['deal_size'], [], 1, 'period', true),
    ('sales_cycle', 'deals', 'ratio', ['won_cycle_days'], ['won_cycles'], 1, 'period', true),
    ('sales_cycle_median', 'deals', 'median', ['won_cycle'], [], 1, 'period', true),
    ('lost_cycle', 'deals', 'ratio', ['lost_cycle_days'], ['lost_cycles'], 1, 'period', true),
    ('lost_cycle_median', 'deals', 'median', ['lost_cycle'], [], 1, 'period', true),
    ('reopened', 'deals', 'count', ['reopened'], [], 1, 'period', true),
    ('unconverted', 'deals', 'count', ['unconverted'], [], 1, 'period', true),
    ('open_deals', 'pipeline', 'count', ['open_deals'], [], 1, 'now', true),
    ('open_pipeline', 'pipeline', 'count', ['open_minor'], [], 1, 'now', true),
    ('open_qualified', 'pipeline', 'count', ['open_qualified'], [], 1, 'now', true),
    ('open_qualified_pipeline', 'pipeline', 'count', ['open_qualified_minor'], [], 1, 'now', true),
    ('pipeline_velocity', 'pipeline', 'velocity', [], [], 1, '90d', true),
    ('stage_entries', 'funnel', 'stages', [], [], 1, 'period', true),
    ('stage_conversion', 'funnel', 'stages', [], [], 1, 'period', true),
    ('stage_open', 'funnel', 'stages', [], [], 1, 'now', true),
    ('new_customers', 'customers', 'count', ['new_customers'], [], 1, 'period', true),
    ('cost', 'cost', 'count', ['cost_minor'], [], 1, 'period', false),
    ('cac', 'cost', 'ratio', ['cost_minor'], ['new_customers'], 1, 'period', false)
) d (kpi, family, formula, above, below, divisor, place, reps);
CREATE TABLE rolling AS FROM (VALUES ('5m', 5), ('15m', 15), ('1h', 60), ('8h', 480), ('24h', 1440)) r (win, minutes);

-- What is compared: cells of all teams, each at the cut of its partition; whose figures, in which log, at which now.
CREATE TABLE counted (
    team VARCHAR, rep VARCHAR, day BIGINT, minute BIGINT, measure VARCHAR, stage VARCHAR, amount BIGINT
);
CREATE TABLE counted_sample (team VARCHAR, rep VARCHAR, day BIGINT, minute BIGINT, measure VARCHAR, value BIGINT);
CREATE TABLE sender (team VARCHAR, log VARCHAR);
CREATE TABLE home (home VARCHAR, log VARCHAR, now_ms BIGINT);
CREATE TABLE shown (
    scope VARCHAR, home VARCHAR, kind VARCHAR, win VARCHAR, kpi VARCHAR, path VARCHAR, number DOUBLE
);
CREATE TABLE heading (
    scope VARCHAR, home VARCHAR, kind VARCHAR, win VARCHAR, state VARCHAR, currency VARCHAR, as_of_ms BIGINT,
    due_as_of_ms BIGINT, start_ms BIGINT, end_ms BIGINT
);
CREATE TABLE newer (scope VARCHAR, win VARCHAR, family VARCHAR);
