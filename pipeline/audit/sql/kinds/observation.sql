-- What was observed of reps and teams: talks, and ratings as shares of their scale, rounded to basis points, half up.

-- @ declare
INSERT INTO kind_rule VALUES ('observation', 'crm', 'long');
INSERT INTO anchor VALUES ('observation', 'observed_at', 'instant');
INSERT INTO past VALUES ('observation', 'observed_at');
INSERT INTO definition VALUES
    ('observation', 'one_to_ones', 'coaching', 'count', ['one_to_ones'], [], 1, 'period', true),
    ('observation', 'coaching_sessions', 'coaching', 'count', ['coaching_sessions'], [], 1, 'period', true),
    ('observation', 'call_quality', 'ratings', 'ratio', ['call_quality_bp'], ['calls_rated'], 10000, 'period', true),
    ('observation', 'customer_satisfaction', 'ratings', 'ratio', ['customer_satisfaction_bp'], ['customer_ratings'],
        10000, 'period', true);

-- @ claim
INSERT INTO claim
WITH seen AS (
    SELECT o.log, o.state ->> 'name' AS name, o.state ->> 'rep_id' AS rep,
        CASE WHEN o.state ->> 'team_id' IS NULL THEN NULL ELSE coalesce(t.team, 'unassigned') END AS team,
        (o.state ->> 'observed_at')::BIGINT AS at_ms, coalesce((o.state ->> 'count')::BIGINT, 1) AS times,
        (o.state ->> 'value')::BIGINT AS value, (o.state ->> 'scale')::BIGINT AS scale
    FROM object o LEFT JOIN team t ON t.log = o.log AND t.team = o.state ->> 'team_id'
    WHERE o.kind = 'observation' AND o.life = 'live' AND o.state ->> 'observed_at' IS NOT NULL
),
counted AS (
    SELECT *, CASE name WHEN 'one_to_one' THEN 'one_to_ones' WHEN 'coaching_session' THEN 'coaching_sessions'
            WHEN 'call_quality' THEN 'calls_rated' WHEN 'customer_satisfaction' THEN 'customer_ratings' END AS measure,
        CASE WHEN name IN ('call_quality', 'customer_satisfaction')
            THEN round(value::DECIMAL(18, 0) * 10000 / scale)::BIGINT END AS share_bp
    FROM seen
    WHERE name IN ('one_to_one', 'coaching_session')
        OR (name IN ('call_quality', 'customer_satisfaction') AND value <= scale)
)
SELECT log, CASE WHEN rep IS NULL AND team IS NOT NULL THEN 'team' ELSE 'rep' END, coalesce(rep, team), at_ms,
    unnest([measure, name || '_bp']), NULL, unnest([times, times * share_bp])
FROM counted;

-- @ cover
INSERT INTO oldest
SELECT 'long', min((state ->> 'observed_at')::BIGINT) FROM object WHERE kind = 'observation';
