-- Where prospects stall: by stage of each team and larger scope, what its exits of 28 days came to on each of the 180 days
-- before today, and how far the last of these is from their median, in median absolute deviations.
CREATE OR REPLACE TEMP TABLE stalled_stage AS
WITH exit_day AS (
    SELECT m.scope, m.home, s.stage, s.day, 1 AS deals, 0 AS onward, 0::HUGEINT AS spent_ms
    FROM counted_sample s JOIN member m USING (team, rep)
    WHERE s.measure IN ('stage_once', 'stage_latest') AND s.stage NOT LIKE '%:unassigned' AND m.scope NOT LIKE 'rep:%'
    UNION ALL
    SELECT scope, home, stage, day, 0, CASE measure WHEN 'stage_left_on' THEN amount ELSE 0 END,
        CASE measure WHEN 'stage_left_on' THEN 0 ELSE amount END
    FROM scope_cell
    WHERE measure IN ('stage_left_on', 'stage_once_ms', 'stage_latest_ms') AND scope NOT LIKE 'rep:%'
        AND stage NOT LIKE '%:unassigned'
),
daily AS (
    SELECT e.scope, e.home, e.stage, e.day - h.today AS day, sum(deals) AS deals, sum(onward) AS onward,
        sum(spent_ms) AS spent_ms
    FROM exit_day e JOIN calendar h USING (home)
    WHERE e.day BETWEEN h.today - 207 AND h.today - 1
    GROUP BY ALL
),
span AS (
    SELECT d.scope, d.home, d.stage, l.day, sum(d.deals) AS deals, sum(d.onward)::DOUBLE / sum(d.deals)::DOUBLE AS conversion,
        sum(d.spent_ms)::DOUBLE / sum(d.deals)::DOUBLE / 86400000 AS days
    FROM daily d JOIN (SELECT unnest(range(-180, 0)) AS day) l ON d.day BETWEEN l.day - 27 AND l.day
    GROUP BY ALL
    HAVING sum(d.deals) >= 20
),
judged AS (
    SELECT scope, home, stage, max(deals) FILTER (day = -1) AS n, max(conversion) FILTER (day = -1) AS conversion,
        max(days) FILTER (day = -1) AS days, list_sort(list(conversion)) AS conversions, list_sort(list(days)) AS lengths
    FROM span GROUP BY ALL
    HAVING n IS NOT NULL AND count(*) >= 90
),
usual AS (
    SELECT *, middle(conversions) AS conversion_median, middle(lengths) AS days_median,
        middle(list_sort(list_transform(conversions, lambda x: abs(x - middle(conversions))))) AS conversion_deviation,
        middle(list_sort(list_transform(lengths, lambda x: abs(x - middle(lengths))))) AS days_deviation
    FROM judged
)
SELECT *, greatest(
        (conversion_median - conversion) / greatest(conversion_deviation, 0.01::DOUBLE),
        (days - days_median) / greatest(days_deviation, 1::DOUBLE / 24)
    ) AS away
FROM usual
QUALIFY row_number() OVER (PARTITION BY scope ORDER BY away DESC, stage) = 1 AND away > 1;

INSERT INTO expected
SELECT a.scope, a.home, a.kind, a.win, 'stage_stall', 'value', s.away, 'stage_stall', 'stall'
FROM asked a LEFT JOIN stalled_stage s USING (scope)
WHERE a.kind = 'now' AND NOT a.rep
UNION ALL
SELECT a.scope, a.home, a.kind, a.win, 'stage_stall', 'stages.' || stage || '.' || unnest([
        'value', 'n', 'conversion', 'conversion_median', 'conversion_deviation', 'days', 'days_median', 'days_deviation'
    ]), unnest([
        away, n, conversion, conversion_median, conversion_deviation, s.days, days_median, days_deviation
    ]), 'stage_stall', 'stall'
FROM asked a JOIN stalled_stage s USING (scope)
WHERE a.kind = 'now' AND NOT a.rep;
