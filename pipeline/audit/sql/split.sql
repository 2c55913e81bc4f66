-- Money that reps share, or teams that share a rep, in cells of its own measures: converted as a whole, then parted.
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
parted AS (
    SELECT w.*, coalesce(w.at_ms, c.now_ms) AS when_ms, parts_of(whole, shares) AS parts
    FROM worth w JOIN clock c USING (log) WHERE whole IS NOT NULL
),
given AS (SELECT log, at_ms, when_ms, measures, unnest(reps) AS name, unnest(parts) AS part FROM parted),
landed AS (
    SELECT g.log, g.at_ms, g.measures, coalesce(s.teams, ['unassigned']) AS teams, coalesce(s.rep, 'unassigned') AS rep,
        CASE WHEN s.rep IS NULL THEN [g.part] ELSE parts_of(g.part, s.shares) END AS pieces
    FROM given g ASOF LEFT JOIN named_span s ON s.log = g.log AND s.named = g.name AND g.when_ms >= s.start_ms
),
moved AS (
    SELECT w.log, p.team, p.rep, w.at_ms, w.measures, -w.whole AS amount
    FROM parted w
    JOIN placed p ON p.log = w.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM w.owner
        AND p.at_ms IS NOT DISTINCT FROM w.at_ms
    UNION ALL
    SELECT log, unnest(teams), rep, at_ms, measures, unnest(pieces) FROM landed
),
dated AS (
    SELECT m.team, m.rep, l.day, m.at_ms // 60000 AS minute, unnest(m.measures) AS measure, m.amount
    FROM moved m LEFT JOIN local_day l ON l.log = m.log AND l.team = m.team AND l.at_ms = m.at_ms
)
SELECT team, rep, day, minute, measure, NULL, sum(amount)
FROM dated
GROUP BY ALL
HAVING sum(amount) <> 0;
