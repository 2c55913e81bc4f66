-- Money that splits move between reps, in cells of its own measures: converted as a whole, then parted.
INSERT INTO cell
WITH asked AS (
    SELECT s.*, today.day AS rate_day, coalesce(s.currency, c.currency) AS of_currency, c.currency AS into_currency
    FROM split_claim s
    JOIN company c USING (log)
    JOIN clock k USING (log)
    JOIN local_day today
        ON today.log = s.log AND today.team = 'company' AND today.at_ms = coalesce(s.at_ms, k.now_ms)
    WHERE len(s.reps) > 0 AND s.amount_minor IS NOT NULL
),
rated AS (
    SELECT a.*, nullif(TRY_CAST(r.rate AS DECIMAL(38, 12)), 0) AS rate, di.digits - df.digits AS shift
    FROM asked a
    ASOF LEFT JOIN rate_step r ON r.log = a.log AND r.currency = a.of_currency AND a.rate_day >= r.day
    LEFT JOIN currency_digits df ON df.currency = a.of_currency
    LEFT JOIN currency_digits di ON di.currency = a.into_currency
),
worth AS (
    SELECT log, owner, at_ms, measures, reps, shares,
        CASE WHEN of_currency = into_currency THEN amount_minor ELSE at_rate(amount_minor, rate, shift) END AS whole
    FROM rated
),
parted AS (SELECT *, parts_of(whole, shares) AS parts FROM worth WHERE whole IS NOT NULL),
moved AS (
    SELECT log, owner AS name, at_ms, measures, -whole AS amount FROM parted
    UNION ALL
    SELECT log, unnest(reps), at_ms, measures, unnest(parts) FROM parted
),
placed_each AS (
    SELECT p.team, p.rep, l.day, m.at_ms // 60000 AS minute, unnest(m.measures) AS measure, m.amount
    FROM moved m
    JOIN placed p ON p.log = m.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM m.name
        AND p.at_ms IS NOT DISTINCT FROM m.at_ms
    LEFT JOIN local_day l ON l.log = m.log AND l.team = p.team AND l.at_ms = m.at_ms
)
SELECT team, rep, day, minute, measure, NULL, sum(amount)
FROM placed_each
GROUP BY ALL
HAVING sum(amount) <> 0;
