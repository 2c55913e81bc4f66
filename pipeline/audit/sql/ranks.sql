-- Ranks: of the reps who belong to a team now and are not in ramp, each KPI that is ranked, in each current window that
-- is published of a rep within a team and that the rep is shown in. Of who is not shown there, a rank of 0 says no more
-- than none.
CREATE OR REPLACE TEMP TABLE current_window AS
SELECT h.home, w.kind, w.win
FROM calendar h JOIN day_window w ON w.day = h.today AND w.periods = h.periods
UNION ALL
SELECT h.home, r.win, r.win FROM calendar h CROSS JOIN rolling r
UNION ALL
SELECT home, '90d', '90d' FROM calendar;

-- Homes that turned to another day, or that somebody joined or left, between their cut and the moment they were read.
CREATE OR REPLACE TEMP TABLE turned AS
WITH later AS (
    SELECT h.home, h.log, h.team, h.today, h.now_ms, greatest(h.now_ms, coalesce(r.until_ms, 0)) AS until_ms
    FROM calendar h LEFT JOIN read_until r USING (home)
)
SELECT l.home
FROM later l
ASOF JOIN zone_span s ON s.log = l.log AND s.team = l.team AND l.until_ms >= s.start_ms
ASOF JOIN zone_offset o ON o.zone = s.zone AND l.until_ms >= o.from_ms
WHERE least(floor((l.until_ms + o.offset_ms) / 86400000)::BIGINT + 719163, coalesce(s.last_day, 9999999)) <> l.today
UNION
SELECT l.home FROM later l JOIN place_span p ON p.log = l.log AND p.start_ms > l.now_ms AND p.start_ms <= l.until_ms;

CREATE OR REPLACE TEMP TABLE rank_looked_at AS
WITH ranked AS (
    SELECT kpi, unnest(above) AS measure FROM definition
    WHERE kpi IN ('calls', 'activities', 'meetings_set', 'won', 'bookings')
        AND family IN (SELECT family FROM chosen_family)
),
place AS (
    SELECT p.home, c.kind, c.win, k.kpi, p.rep, 'rep:' || p.rep || '@' || substr(p.home, 6) AS scope,
        coalesce(sum(s.amount), 0) AS amount
    FROM (FROM present ANTI JOIN ramping USING (home, rep)) p
    JOIN current_window c ON c.home = p.home AND c.kind IN (SELECT win FROM chosen WHERE sort = 'member')
    CROSS JOIN ranked k
    LEFT JOIN window_sum s ON s.scope = 'rep:' || p.rep || '@' || substr(p.home, 6) AND s.win = c.win AND s.measure = k.measure
    GROUP BY ALL
),
due AS (
    SELECT *, least(greatest(amount, -9223372036854775808::HUGEINT), 9223372036854775807::HUGEINT)::DOUBLE AS number,
        amount <> 0 OR EXISTS (FROM shown f WHERE f.scope = p.scope AND f.win = p.win AND f.kpi = p.kpi) AS needed
    FROM place p
),
there AS (FROM rank SEMI JOIN calendar USING (home)),
paired AS (
    SELECT
        coalesce(d.home, t.home) AS home, coalesce(d.win, w.win, t.kind) AS win, coalesce(d.kpi, t.kpi) AS kpi,
        'rep:' || coalesce(d.rep, t.rep) || '@' || substr(coalesce(d.home, t.home), 6) AS scope, 'rank' AS path,
        t.number AS shown, d.number AS expected, t.rep IS NOT NULL AS is_shown, d.rep IS NOT NULL AS is_expected, d.needed
    FROM due d FULL JOIN there t USING (home, kind, kpi, rep)
    LEFT JOIN current_window w ON w.home = t.home AND w.kind = t.kind
)
SELECT p.* EXCLUDE (home, needed)
FROM paired p
ANTI JOIN newer n ON n.scope = p.scope AND n.win = p.win
ANTI JOIN turned u ON u.home = p.home
WHERE is_shown OR needed;

CREATE OR REPLACE TEMP TABLE rank_difference AS
FROM rank_looked_at
WHERE is_shown <> is_expected OR abs(shown - expected) > greatest(abs(shown), abs(expected)) * 1e-9;
