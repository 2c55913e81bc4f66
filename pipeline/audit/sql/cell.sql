-- Where everything counts: team and rep of the time, local day and minute; amounts in the company's currency.
CREATE OR REPLACE TEMP TABLE placed AS
WITH asked AS (
    SELECT log, who, name, at_ms FROM claim
    UNION SELECT log, 'rep', owner, at_ms FROM amount_claim
    UNION SELECT log, 'rep', owner, at_ms FROM cycle_claim
    UNION SELECT log, 'rep', owner, at_ms FROM lasting_claim
    UNION SELECT log, 'rep', owner, at_ms FROM split_claim
    UNION SELECT log, 'rep', unnest(reps), at_ms FROM split_claim
    UNION SELECT log, 'rep', owner, NULL FROM untouched_claim
    UNION SELECT log, 'rep', owner, NULL FROM dated_claim
    UNION SELECT log, 'rep', owner, at_ms FROM sample_claim
    UNION SELECT log, 'rep', owner, from_ms FROM stretch_claim
    UNION SELECT log, 'rep', owner, from_ms FROM timeline_claim
    UNION SELECT log, 'rep', owner, at_ms FROM begun_claim
),
timed AS (SELECT a.*, coalesce(a.at_ms, c.now_ms) AS when_ms FROM asked a JOIN clock c USING (log))
SELECT
    a.log, a.who, a.name, a.at_ms,
    CASE WHEN a.who = 'team' THEN coalesce(t.team, 'unassigned') ELSE coalesce(p.team, 'unassigned') END AS team,
    CASE WHEN a.who = 'team' OR a.name IS NULL THEN '' ELSE coalesce(p.rep, 'unassigned') END AS rep
FROM timed a
LEFT JOIN team t ON a.who = 'team' AND t.log = a.log AND t.team = a.name
    AND (t.end_ms IS NULL OR a.at_ms IS NULL OR a.at_ms < t.end_ms)
ASOF LEFT JOIN named_span p ON p.log = a.log AND p.named = a.name AND a.when_ms >= p.start_ms;

CREATE OR REPLACE TEMP TABLE local_day AS
WITH asked AS (
    SELECT DISTINCT log, team, at_ms FROM placed WHERE at_ms IS NOT NULL
    UNION SELECT c.log, p.team, c.created_ms
    FROM cycle_claim c JOIN placed p
        ON p.log = c.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM c.owner AND p.at_ms = c.at_ms
    UNION SELECT u.log, p.team, u.touched_ms
    FROM untouched_claim u JOIN placed p
        ON p.log = u.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM u.owner AND p.at_ms IS NULL
    UNION SELECT d.log, p.team, d.at_ms
    FROM dated_claim d JOIN placed p
        ON p.log = d.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM d.owner AND p.at_ms IS NULL
    UNION SELECT s.log, p.team, s.to_ms - 1
    FROM stretch_claim s JOIN placed p
        ON p.log = s.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM s.owner AND p.at_ms = s.from_ms
    UNION SELECT log, 'company', now_ms FROM clock
    UNION SELECT log, 'company', at_ms FROM amount_claim WHERE at_ms IS NOT NULL
    UNION SELECT log, 'company', at_ms FROM split_claim WHERE at_ms IS NOT NULL
    UNION SELECT c.log, t.team, c.at_ms
    FROM (SELECT DISTINCT log, at_ms, unnest(reps) AS named FROM split_claim WHERE at_ms IS NOT NULL) c
    JOIN (SELECT DISTINCT log, named, unnest(teams) AS team FROM named_span) t USING (log, named)
)
SELECT
    a.log, a.team, a.at_ms,
    least(floor((a.at_ms + o.offset_ms) / 86400000)::BIGINT + 719163, coalesce(s.last_day, 9999999)) AS day
FROM asked a
ASOF JOIN zone_span s ON s.log = a.log AND s.team = a.team AND a.at_ms >= s.start_ms
ASOF JOIN zone_offset o ON o.zone = s.zone AND a.at_ms >= o.from_ms;

-- Amounts by place and currency, converted at the rate of the company's day (of now where it stands), rounded half to
-- even. What has no amount counts as `missing`, and what has one without a rate as `unpriced`.
CREATE OR REPLACE TEMP TABLE priced AS
WITH asked AS (
    SELECT a.log, p.team, p.rep, a.at_ms, l.day, today.day AS rate_day, NULL AS last_day,
        a.measures, a.missing, a.unpriced, a.stage_measure, a.stage, a.sample, a.amount_minor, coalesce(a.currency, c.currency) AS currency, c.currency AS into_currency
    FROM amount_claim a
    JOIN placed p ON p.log = a.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM a.owner
        AND p.at_ms IS NOT DISTINCT FROM a.at_ms
    JOIN company c ON c.log = a.log
    JOIN clock k ON k.log = a.log
    JOIN local_day today ON today.log = a.log AND today.team = 'company' AND today.at_ms = coalesce(a.at_ms, k.now_ms)
    LEFT JOIN local_day l ON l.log = a.log AND l.team = p.team AND l.at_ms = a.at_ms
    UNION ALL
    SELECT u.log, p.team, p.rep, NULL, NULL, today.day, NULL, ['untouched_minor'], ['untouched_without_amount'],
        ['untouched_unconverted'], NULL, touched.day::VARCHAR, NULL, u.amount_minor, coalesce(u.currency, c.currency),
        c.currency
    FROM untouched_claim u
    JOIN placed p ON p.log = u.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM u.owner AND p.at_ms IS NULL
    JOIN company c ON c.log = u.log
    JOIN clock k ON k.log = u.log
    JOIN local_day today ON today.log = u.log AND today.team = 'company' AND today.at_ms = k.now_ms
    JOIN local_day touched ON touched.log = u.log AND touched.team = p.team AND touched.at_ms = u.touched_ms
    UNION ALL
    SELECT p.log, p.team, '', NULL, p.first_day + p.later, p.first_day, p.last_day + p.later, [p.measure], [],
        CASE WHEN p.measure = 'cost_minor' THEN ['unconverted'] ELSE [] END, NULL, p.category, NULL, p.amount_minor,
        coalesce(p.currency, c.currency), c.currency
    FROM period_claim p JOIN company c ON c.log = p.log
    WHERE p.amount_minor IS NOT NULL
),
rated AS (
    SELECT a.*, nullif(TRY_CAST(r.rate AS DECIMAL(38, 12)), 0) AS rate, di.digits - df.digits AS shift
    FROM asked a
    ASOF LEFT JOIN rate_step r ON r.log = a.log AND r.currency = a.currency AND a.rate_day >= r.day
    LEFT JOIN currency_digits df ON df.currency = a.currency
    LEFT JOIN currency_digits di ON di.currency = a.into_currency
)
SELECT
    * EXCLUDE (rate, shift),
    CASE WHEN currency = into_currency THEN amount_minor ELSE at_rate(amount_minor, rate, shift) END AS converted
FROM rated;

CREATE OR REPLACE TEMP TABLE cycle AS
SELECT p.team, p.rep, l.day, c.at_ms // 60000 AS minute, c.state, greatest(l.day - b.day, 0) AS days,
    (l.day < b.day)::BIGINT AS negative
FROM cycle_claim c
JOIN placed p ON p.log = c.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM c.owner AND p.at_ms = c.at_ms
JOIN local_day l ON l.log = c.log AND l.team = p.team AND l.at_ms = c.at_ms
JOIN local_day b ON b.log = c.log AND b.team = p.team AND b.at_ms = c.created_ms;

CREATE OR REPLACE TEMP TABLE lasting AS
SELECT p.team, p.rep, l.day, c.stage, c.sample, c.spent_ms
FROM lasting_claim c
JOIN placed p ON p.log = c.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM c.owner AND p.at_ms = c.at_ms
JOIN local_day l ON l.log = c.log AND l.team = p.team AND l.at_ms = c.at_ms;

-- Stretches cut at the midnights between the local day on which they begin and that on which they end.
CREATE OR REPLACE TEMP TABLE stretch_day AS
WITH placed_stretch AS (
    SELECT s.*, p.team, p.rep, b.day AS first, greatest(e.day, b.day) AS last
    FROM stretch_claim s
    JOIN placed p ON p.log = s.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM s.owner AND p.at_ms = s.from_ms
    JOIN local_day b ON b.log = s.log AND b.team = p.team AND b.at_ms = s.from_ms
    JOIN local_day e ON e.log = s.log AND e.team = p.team AND e.at_ms = s.to_ms - 1
),
midnight AS (
    SELECT a.log, a.team, a.day, at_wall_ms(z.zone, (a.day - 719163) * 86400000) AS at_ms
    FROM (
        SELECT DISTINCT log, team, unnest(range(first + 1, last + 1)) AS day FROM placed_stretch
        WHERE NOT once AND last > first
    ) a
    ASOF JOIN zone_span z ON z.log = a.log AND z.team = a.team AND a.day >= z.first_day
),
of_day AS (
    SELECT *, unnest(range(first, last + 1)) AS day FROM placed_stretch WHERE NOT once
)
SELECT team, rep, first AS day, measure, 1 AS amount FROM placed_stretch WHERE once
UNION ALL
SELECT d.team, d.rep, d.day, d.measure,
    greatest(least(coalesce(e.at_ms, d.to_ms), d.to_ms) - greatest(coalesce(b.at_ms, d.from_ms), d.from_ms), 0)
FROM of_day d
LEFT JOIN midnight b ON b.log = d.log AND b.team = d.team AND b.day = d.day AND d.day > d.first
LEFT JOIN midnight e ON e.log = d.log AND e.team = d.team AND e.day = d.day + 1 AND d.day < d.last;

-- States of known reps, with how many of the same rep ended in the same hour (UTC) up to each: the first 120 are told.
CREATE OR REPLACE TEMP TABLE timeline_hour AS
SELECT p.team, p.rep, t.to_ms // 3600000 * 60 AS minute, t.from_ms || ':' || t.to_ms || ':' || t.state AS stretch,
    row_number() OVER (PARTITION BY p.team, p.rep, t.to_ms // 3600000 ORDER BY t.to_ms) AS number
FROM timeline_claim t
JOIN placed p ON p.log = t.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM t.owner AND p.at_ms = t.from_ms
WHERE p.rep <> 'unassigned';

CREATE OR REPLACE TEMP TABLE cell AS
SELECT team, rep, day, CASE WHEN measure NOT IN (FROM day_measure) THEN minute END AS minute, measure, stage,
    sum(amount) AS amount
FROM (
    SELECT p.team, p.rep, l.day, c.at_ms // 60000 AS minute, c.measure, c.stage, c.amount
    FROM claim c
    JOIN placed p ON p.log = c.log AND p.who = c.who AND p.name IS NOT DISTINCT FROM c.name
        AND p.at_ms IS NOT DISTINCT FROM c.at_ms
    LEFT JOIN local_day l ON l.log = c.log AND l.team = p.team AND l.at_ms = c.at_ms
    UNION ALL
    SELECT team, rep, day, at_ms // 60000, unnest(measures), CASE WHEN stage_measure IS NULL THEN stage END, converted
    FROM priced WHERE converted IS NOT NULL AND last_day IS NULL
    UNION ALL
    SELECT team, rep, day, at_ms // 60000, stage_measure, stage, converted
    FROM priced WHERE converted IS NOT NULL AND stage_measure IS NOT NULL
    UNION ALL
    SELECT team, rep, day, at_ms // 60000, unnest(CASE WHEN amount_minor IS NULL THEN missing ELSE unpriced END),
        CASE WHEN stage_measure IS NULL THEN stage END, 1
    FROM priced WHERE converted IS NULL
    UNION ALL
    SELECT team, rep, day, at_ms // 60000, unnest(['won_adjustments', 'won_adjustments_minor']), NULL,
        unnest([1, -converted])
    FROM priced WHERE measures = ['won_minor'] AND converted < 0
    UNION ALL
    SELECT team, rep, NULL, NULL, 'untouched', stage, 1 FROM priced WHERE measures = ['untouched_minor']
    UNION ALL
    SELECT p.team, p.rep, NULL, NULL, d.measure, l.day::VARCHAR, 1
    FROM dated_claim d
    JOIN placed p ON p.log = d.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM d.owner AND p.at_ms IS NULL
    JOIN local_day l ON l.log = d.log AND l.team = p.team AND l.at_ms = d.at_ms
    UNION ALL
    SELECT team, rep, day, minute, unnest([state || '_cycles', state || '_cycle_days', 'negative_cycles']), NULL,
        unnest([1, days, negative])
    FROM cycle
    UNION ALL
    SELECT team, rep, day, NULL, sample || '_ms', stage, spent_ms FROM lasting
    UNION ALL
    SELECT team, rep, day, NULL, measure, NULL, amount FROM daily_claim
    UNION ALL
    SELECT team, rep, day, NULL, measure, NULL, amount FROM stretch_day
    UNION ALL
    SELECT team, rep, NULL, minute, CASE WHEN number <= 120 THEN 'phone_stretch' ELSE 'phone_stretches_beyond' END,
        CASE WHEN number <= 120 THEN stretch END, 1
    FROM timeline_hour
    UNION ALL
    SELECT p.team, p.rep, NULL, NULL, c.measure, l.day::VARCHAR, c.amount
    FROM begun_claim c
    JOIN placed p ON p.log = c.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM c.owner AND p.at_ms = c.at_ms
    JOIN local_day l ON l.log = c.log AND l.team = p.team AND l.at_ms = c.at_ms
    UNION ALL
    SELECT team, rep, of_day, NULL, measures[1], stage,
        (converted - ((converted % days) + days) % days) // days
            + CASE WHEN of_day - day < ((converted % days) + days) % days THEN 1 ELSE 0 END
    FROM (
        SELECT *, unnest(range(day, last_day + 1)) AS of_day, last_day - day + 1 AS days
        FROM priced WHERE last_day IS NOT NULL AND converted IS NOT NULL
    )
)
WHERE amount <> 0
GROUP BY ALL
HAVING sum(amount) <> 0;

-- The single values behind medians and the like; times in stages in whole minutes.
CREATE OR REPLACE TEMP TABLE sample AS
SELECT team, rep, day, minute, state || '_cycle' AS measure, NULL AS stage, days AS value FROM cycle
UNION ALL
SELECT team, rep, day, at_ms // 60000, sample, NULL, converted
FROM priced WHERE sample IS NOT NULL AND converted >= 0
UNION ALL
SELECT team, rep, day, NULL, sample, stage, spent_ms // 60000 FROM lasting
UNION ALL
SELECT p.team, p.rep, l.day, CASE WHEN s.measure NOT IN (FROM day_measure) THEN s.at_ms // 60000 END, s.measure, NULL,
    s.value
FROM sample_claim s
JOIN placed p ON p.log = s.log AND p.who = 'rep' AND p.name IS NOT DISTINCT FROM s.owner AND p.at_ms = s.at_ms
JOIN local_day l ON l.log = s.log AND l.team = p.team AND l.at_ms = s.at_ms;
