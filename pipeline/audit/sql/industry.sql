-- An industry's figures beside those of the company or a team: what the records of it say, of the 200 that began last.
-- After `present`.
CREATE OR REPLACE TEMP TABLE industry_looked_at AS
WITH told AS (
    SELECT h.home, r.name, r.payload, coalesce((r.payload ->> 'effective_on')::BIGINT, 0) AS since
    FROM org_record r
    JOIN calendar h ON h.log = r.log AND h.home = CASE coalesce(r.payload ->> 'team_id', 'company')
        WHEN 'company' THEN 'company' ELSE 'team:' || (r.payload ->> 'team_id')
    END
    WHERE r.kind = 'benchmark' AND r.payload ->> 'kpi' IS NOT NULL AND r.payload ->> 'period' IS NOT NULL
        AND r.payload ->> 'median' IS NOT NULL AND r.payload ->> 'source_name' IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY h.home ORDER BY since DESC, r.name DESC) <= 200
),
due AS (
    SELECT t.home, t.name AS id, f.field, CASE f.field
        WHEN 'id' THEN t.name
        WHEN 'effective_on' THEN CASE WHEN since > 0 THEN (DATE '1970-01-01' + (since - 719163)::INTEGER)::VARCHAR END
        ELSE t.payload ->> f.field
    END AS value
    FROM told t
    CROSS JOIN (
        VALUES ('id'), ('effective_on'), ('kpi'), ('period'), ('median'), ('lower_quartile'), ('upper_quartile'),
            ('source_name'), ('source_url')
    ) f (field)
    WHERE EXISTS (FROM published s WHERE s.scope = t.home)
),
paired AS (
    SELECT coalesce(d.home, s.home) AS home, coalesce(d.id, s.id) AS id, coalesce(d.field, s.field) AS field,
        coalesce(d.value, s.value) AS value, s.value IS NOT NULL AS is_shown, d.value IS NOT NULL AS is_expected
    FROM (FROM due WHERE value IS NOT NULL) d
    FULL JOIN (FROM industry_field SEMI JOIN calendar USING (home)) s
        ON s.home = d.home AND s.id = d.id AND s.field = d.field AND s.value = d.value
)
SELECT home AS scope, 'now' AS win, 'industry' AS kpi, id || ' ' || field || ' ' || value AS path,
    is_shown::INTEGER::DOUBLE AS shown, is_expected::INTEGER::DOUBLE AS expected, is_shown, is_expected
FROM paired;

CREATE OR REPLACE TEMP TABLE industry_difference AS FROM industry_looked_at WHERE is_shown <> is_expected;
