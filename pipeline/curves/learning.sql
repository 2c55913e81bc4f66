-- Curves, from periods that are over. Filled before: aim (what is to be learnt), period, worked (working time of each
-- day) and amount (what was reached on each day, where it was anything).

-- Each day of each period, from which share of the period's working time on it is, and up to which.
CREATE OR REPLACE TEMP TABLE placed AS
WITH summed AS (
    SELECT p.scope, p.kind, p.first_day, w.day, w.work_ms,
        sum(w.work_ms) OVER (PARTITION BY p.scope, p.kind, p.first_day ORDER BY w.day) AS after_ms,
        sum(w.work_ms) OVER (PARTITION BY p.scope, p.kind, p.first_day) AS total_ms
    FROM period p JOIN worked w ON w.scope = p.scope AND w.day BETWEEN p.first_day AND p.last_day
)
SELECT scope, kind, first_day, day, (after_ms - work_ms)::DOUBLE / total_ms AS from_share,
    after_ms::DOUBLE / total_ms AS to_share
FROM summed WHERE total_ms > 0;

-- The latest periods in which anything was reached: older ones went as another team did.
CREATE OR REPLACE TEMP TABLE whole AS
SELECT g.scope, g.kpi, g.kind, p.first_day, sum(a.amount)::DOUBLE AS total
FROM aim g
JOIN placed p USING (scope, kind)
JOIN amount a ON a.scope = g.scope AND a.kpi = g.kpi AND a.day = p.day
GROUP BY g.scope, g.kpi, g.kind, p.first_day
HAVING sum(a.amount) > 0
QUALIFY row_number() OVER (PARTITION BY g.scope, g.kpi, g.kind ORDER BY p.first_day DESC)
    <= getvariable('most_periods');

-- What was reached after each twentieth of working time: of a day on which somebody works a part, by the straight line;
-- of any other day all, once later work has begun.
CREATE OR REPLACE TEMP TABLE dated AS
SELECT t.scope, t.kpi, t.kind, t.first_day, t.total, p.from_share, p.to_share, a.amount
FROM whole t
JOIN placed p ON p.scope = t.scope AND p.kind = t.kind AND p.first_day = t.first_day
JOIN amount a ON a.scope = t.scope AND a.kpi = t.kpi AND a.day = p.day;

CREATE OR REPLACE TEMP TABLE reached AS
SELECT d.scope, d.kpi, d.kind, d.first_day, d.total, n.number,
    sum(d.amount * CASE
        WHEN d.to_share > d.from_share
            THEN greatest(0, least(1, (n.number / 20 - d.from_share) / (d.to_share - d.from_share)))
        ELSE (d.from_share < n.number / 20)::INTEGER
    END) AS amount
FROM dated d CROSS JOIN (SELECT unnest(range(1, 20)) AS number) n
GROUP BY ALL;

-- The usual share is the one in the middle, and never falls: a single period of luck, or of takings back, moves little.
CREATE OR REPLACE TEMP TABLE usual AS
WITH middle AS (
    SELECT scope, kpi, kind, number, median(greatest(0, least(1, amount / total))) AS share, median(total) AS typical,
        count(*) AS periods
    FROM reached GROUP BY ALL
)
SELECT scope, kpi, kind, number, typical, periods,
    max(share) OVER (PARTITION BY scope, kpi, kind ORDER BY number) AS share
FROM middle;

-- How far totals were from what would have been projected of them, at each point; and between which two of these the
-- total of one more period lies in eight cases of ten: at the ranks of a tenth and nine tenths of one more than there are.
CREATE OR REPLACE TEMP TABLE curve AS
WITH projected AS (
    SELECT r.*, (r.amount + 0.1 * (1 - u.share) * u.typical) / (u.share + 0.1 * (1 - u.share)) AS projection
    FROM reached r JOIN usual u USING (scope, kpi, kind, number)
),
ordered AS (
    SELECT scope, kpi, kind, number, list_sort(list(CASE
            WHEN projection * getvariable('most_factor') > total THEN total / projection
            ELSE getvariable('most_factor')
        END)) AS factors,
        greatest(1, (count(*) + 1) / 10) AS low_rank, least(count(*), (count(*) + 1) * 9 / 10) AS high_rank
    FROM projected GROUP BY ALL
),
-- A rank between two of them lies between their factors, by the straight line.
lower AS (SELECT *, floor(low_rank)::INTEGER AS low_at, floor(high_rank)::INTEGER AS high_at FROM ordered),
bounded AS (
    SELECT scope, kpi, kind, number,
        factors[low_at] + (factors[least(low_at + 1, len(factors))] - factors[low_at]) * (low_rank - low_at) AS below,
        factors[high_at] + (factors[least(high_at + 1, len(factors))] - factors[high_at]) * (high_rank - high_at) AS above
    FROM lower
)
SELECT u.scope, u.kpi, u.kind, any_value(u.periods) AS periods, greatest(1, round(any_value(u.typical)))::BIGINT AS typical,
    list(round(10000 * u.share)::BIGINT ORDER BY u.number) AS shares,
    list(least(10000, floor(round(10000 * b.below, 6)))::BIGINT
        ORDER BY u.number) AS low,
    list(greatest(10000, ceil(round(10000 * b.above, 6)))::BIGINT
        ORDER BY u.number) AS high
FROM usual u JOIN bounded b USING (scope, kpi, kind, number)
GROUP BY u.scope, u.kpi, u.kind;
