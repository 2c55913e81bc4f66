-- The limits beside the figures of a team: those of its rules that are on, its own before those of all teams, of these the
-- one that began last, then that of the greater id. After `present`; a limit that began within the last quarters of an hour,
-- or since the cut, may be shown or not yet.
CREATE OR REPLACE TEMP TABLE limit_looked_at AS
WITH rule_limit (kpi, rule, setting, divisor) AS (
    VALUES ('service_level_20s', 'service_level', 'limit_percent', 100), ('abandon_rate', 'abandoned_calls', 'limit_percent', 100),
        ('leads_waiting', 'waiting_leads', 'limit_count', 1),
        ('stalled_deals', 'deals_stalled', 'limit_count', 1), ('unknown_stages', 'stages_unknown', 'limit_count', 1)
),
said AS (
    SELECT h.home, h.now_ms, r.name, r.payload, r.payload ->> 'rule' AS rule, r.payload ->> 'team_id' IS NOT NULL AS own,
        coalesce((r.payload ->> 'valid_from')::BIGINT, -1) AS from_ms,
        greatest(h.now_ms, coalesce(u.until_ms, 0)) AS until_ms
    FROM calendar h
    JOIN org_record r ON r.log = h.log AND r.kind = 'alert_rule' AND coalesce(r.payload ->> 'team_id', h.team) = h.team
    LEFT JOIN read_until u USING (home)
    WHERE starts_with(h.home, 'team:')
),
unsettled AS (
    SELECT DISTINCT home, rule FROM said WHERE from_ms > now_ms - 1800000 AND from_ms <= until_ms
),
holding AS (
    SELECT s.home, s.rule, f.key AS setting, f.value::VARCHAR AS value
    FROM said s, json_each(s.payload) f
    WHERE s.from_ms <= s.now_ms AND f.key NOT IN ('rule', 'team_id', 'valid_from') AND f.value::VARCHAR <> 'null'
    QUALIFY row_number() OVER (PARTITION BY s.home, s.rule, setting ORDER BY s.own DESC, s.from_ms DESC, s.name DESC) = 1
),
due AS (
    SELECT s.home, l.kpi, s.value::BIGINT / l.divisor AS value
    FROM holding s
    JOIN rule_limit l USING (rule, setting)
    LEFT JOIN holding e ON e.home = s.home AND e.rule = s.rule AND e.setting = 'enabled'
    WHERE e.value IS DISTINCT FROM 'false' AND EXISTS (FROM published p WHERE p.scope = s.home)
),
paired AS (
    SELECT coalesce(d.home, s.home) AS home, coalesce(d.kpi, s.kpi) AS kpi, coalesce(d.value, s.value) AS value,
        s.value IS NOT NULL AS is_shown, d.value IS NOT NULL AS is_expected
    FROM due d
    FULL JOIN (FROM limit_field SEMI JOIN calendar USING (home)) s ON s.home = d.home AND s.kpi = d.kpi AND s.value = d.value
)
SELECT p.home AS scope, 'now' AS win, 'limit' AS kpi, p.kpi || ' ' || p.value AS path,
    p.is_shown::INTEGER::DOUBLE AS shown, p.is_expected::INTEGER::DOUBLE AS expected, p.is_shown, p.is_expected
FROM paired p
LEFT JOIN rule_limit l ON l.kpi = p.kpi
WHERE (p.home, l.rule) NOT IN (SELECT (home, rule) FROM unsettled);

CREATE OR REPLACE TEMP TABLE limit_difference AS FROM limit_looked_at WHERE is_shown <> is_expected;
