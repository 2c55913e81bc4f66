-- Contests as they should stand: of each that says its KPI, its days and who takes part. After `attendance`, in the log of
-- the company.
CREATE OR REPLACE TEMP TABLE contest AS
WITH told AS (
    SELECT r.log, r.name, h.now_ms, payload ->> 'kpi' AS kpi, coalesce(payload ->> 'among', 'reps') AS among,
        coalesce((payload -> 'team_ids')::VARCHAR[], []) AS teams, coalesce((payload -> 'rep_ids')::VARCHAR[], []) AS reps,
        (payload ->> 'first_day')::BIGINT AS first_day, (payload ->> 'last_day')::BIGINT AS last_day,
        coalesce((payload ->> 'least_sample')::BIGINT, 5) AS least,
        coalesce((payload ->> 'settlement_hours')::BIGINT, 48) * 3600000 AS settlement_ms
    FROM org_record r JOIN calendar h ON h.home = 'company' AND h.log = r.log
    WHERE r.kind = 'contest'
)
SELECT t.* REPLACE (CASE among WHEN 'reps' THEN reps ELSE [] END AS reps)
FROM told t
WHERE kpi IS NOT NULL AND first_day <= last_day AND len(teams) + CASE among WHEN 'reps' THEN len(reps) ELSE 0 END > 0;

-- When its days begin and are over for each of its teams; for the company, where only reps are named. A team that nobody
-- knows has the company's days.
CREATE OR REPLACE TEMP TABLE contest_span AS
WITH whose AS (
    SELECT log, name, unnest(CASE WHEN len(teams) > 0 THEN teams ELSE ['company'] END) AS team, first_day, last_day FROM contest
),
bound AS (
    SELECT w.log, w.name, w.team, coalesce(t.team, 'company') AS owner, unnest(['start', 'end']) AS side,
        unnest([w.first_day, w.last_day + 1]) AS day
    FROM whose w LEFT JOIN team t ON t.log = w.log AND t.team = w.team
),
zoned AS (
    SELECT b.*, z.zone FROM bound b ASOF JOIN zone_span z ON z.log = b.log AND z.team = b.owner AND b.day >= z.first_day
),
placed AS (
    SELECT *, at_wall_ms(z.zone, (z.day - 719163) * 86400000) AS at_ms
    FROM zoned z
)
SELECT log, name, team, max(at_ms) FILTER (side = 'start') AS start_ms, max(at_ms) FILTER (side = 'end') AS end_ms
FROM placed GROUP BY ALL;

-- Who takes part: teams; reps who are named; and who belongs to a team, and is employed, as the first day begins there, and
-- not in ramp on that day. Of whoever was deleted there never was anybody.
CREATE OR REPLACE TEMP TABLE entrant AS
WITH gone AS (
    SELECT c.log, substr(c.subject, 5) AS rep
    FROM copy c JOIN bound b ON c.log = b.log AND c.pos < b.below
    WHERE c.subject LIKE 'rep:%'
    GROUP BY c.log, c.subject
    HAVING arg_max(c.payload, c.pos)::JSON ->> 'deleted' = 'true'
),
placed AS (
    SELECT s.log, s.name, s.team AS asked, s.start_ms, c.first_day, p.rep, arg_max(p.team, p.start_ms) AS team
    FROM contest_span s
    JOIN contest c ON c.log = s.log AND c.name = s.name AND c.among = 'reps'
    JOIN place_span p ON p.log = s.log AND p.start_ms <= s.start_ms
    GROUP BY ALL
),
whole AS (
    SELECT p.*
    FROM (SELECT *, ramp_on(log, team, first_day) AS ramp FROM placed) p LEFT JOIN hired_rep h USING (log, rep)
    WHERE p.team = p.asked AND ramp_bp(p.ramp, h.day, p.first_day) = 10000
)
SELECT name, unnest(teams) AS team, NULL AS rep FROM contest WHERE among = 'teams'
UNION
SELECT r.name, NULL, r.rep FROM (SELECT log, name, unnest(reps) AS rep FROM contest) r
ANTI JOIN gone g ON g.log = r.log AND g.rep = r.rep
UNION
SELECT p.name, NULL, p.rep
FROM whole p
JOIN employed e ON e.log = p.log AND e.team = p.team AND e.rep = p.rep AND p.start_ms >= e.since_ms AND p.start_ms < e.until_ms
ANTI JOIN gone g ON g.log = p.log AND g.rep = p.rep;

CREATE OR REPLACE TEMP TABLE contest_sum AS
SELECT c.name, e.team, e.rep, k.measure, sum(k.amount) AS amount
FROM contest c
JOIN entrant e USING (name)
JOIN counted k ON k.day BETWEEN c.first_day AND c.last_day AND k.stage IS NULL
    AND CASE WHEN e.rep IS NULL THEN k.team = e.team ELSE k.rep = e.rep AND k.team <> 'company' END
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE contest_value AS
WITH part AS (
    SELECT c.name, e.team, e.rep, d.formula, d.divisor, c.least,
        coalesce(sum(s.amount) FILTER (list_contains(d.above, s.measure)), 0)::HUGEINT AS above,
        (coalesce(sum(s.amount) FILTER (list_contains(d.below, s.measure)), 0)
            - coalesce(sum(s.amount) FILTER (s.measure IN (SELECT measure FROM left_out l WHERE l.kpi = c.kpi)), 0))::HUGEINT AS below
    FROM contest c
    JOIN definition d USING (kpi)
    JOIN entrant e USING (name)
    LEFT JOIN contest_sum s ON s.name = e.name AND s.team IS NOT DISTINCT FROM e.team AND s.rep IS NOT DISTINCT FROM e.rep
    GROUP BY ALL
),
valued AS (
    SELECT name, CASE WHEN rep IS NULL THEN 'team:' || team ELSE 'rep:' || rep END AS scope,
        CASE WHEN formula = 'count' THEN above::DOUBLE / divisor WHEN below > 0 THEN above::DOUBLE / divisor / below END AS value,
        CASE WHEN formula <> 'count' THEN greatest(below, 0) END::BIGINT AS n,
        formula = 'count' OR below >= least AS placed
    FROM part
)
SELECT *, CASE WHEN placed THEN rank() OVER (PARTITION BY name, placed ORDER BY value DESC) END AS place
FROM valued;

-- What a contest may be called, at what time the boards may have told. One whose days are forgotten, or that begins or ends
-- just now, is not compared.
CREATE OR REPLACE TEMP TABLE contest_due AS
WITH whole AS (
    SELECT c.*, min(s.start_ms) AS start_ms, max(s.end_ms) AS end_ms
    FROM contest c JOIN contest_span s ON s.log = c.log AND s.name = c.name
    GROUP BY ALL
),
bounded AS (SELECT *, end_ms + settlement_ms AS final_ms, now_ms - 15000 AS since_ms FROM whole)
SELECT b.name, b.now_ms, b.start_ms, b.end_ms, b.final_ms, (SELECT count(*) FROM entrant e WHERE e.name = b.name) AS entrants,
    CASE WHEN since_ms >= final_ms THEN 'final' WHEN since_ms >= end_ms THEN 'settling' WHEN since_ms >= start_ms THEN 'running'
        ELSE 'upcoming' END AS state
FROM bounded b
JOIN definition d USING (kpi)
JOIN coverage v ON v.family = d.family AND b.first_day >= v.first_day
WHERE NOT EXISTS (SELECT 1 FROM (SELECT unnest([b.start_ms, b.end_ms, b.final_ms]) AS at_ms) WHERE at_ms > since_ms AND at_ms <= now_ms);

CREATE OR REPLACE TEMP TABLE contest_expected AS
SELECT d.name, '' AS scope, 'state' AS field, d.state AS text FROM contest_due d
UNION ALL SELECT name, '', 'entrants', entrants::VARCHAR FROM contest_due
UNION ALL SELECT name, '', 'start_ms', start_ms::VARCHAR FROM contest_due
UNION ALL SELECT name, '', 'end_ms', end_ms::VARCHAR FROM contest_due
UNION ALL SELECT name, '', 'final_ms', final_ms::VARCHAR FROM contest_due
UNION ALL
SELECT v.name, v.scope, f.field, f.text
FROM (
    SELECT v.* FROM contest_value v JOIN contest_due d ON d.name = v.name AND d.state <> 'upcoming'
    QUALIFY row_number() OVER (PARTITION BY v.name ORDER BY v.place NULLS LAST, v.scope) <= 100
) v,
LATERAL (VALUES ('place', v.place::VARCHAR), ('value', v.value::DOUBLE::VARCHAR), ('n', v.n::VARCHAR)) f (field, text);

CREATE OR REPLACE TEMP TABLE contest_difference AS
WITH place AS (SELECT DISTINCT shown_in FROM contest_place),
wanted AS (SELECT p.shown_in, e.* FROM contest_expected e CROSS JOIN place p),
there AS (
    SELECT s.* FROM contest_shown s
    WHERE s.name IN (SELECT name FROM contest_due) OR s.name NOT IN (SELECT name FROM contest)
)
SELECT coalesce(w.shown_in, s.shown_in) AS shown_in, coalesce(w.name, s.name) AS name, coalesce(w.scope, s.scope) AS scope,
    coalesce(w.field, s.field) AS field, s.text AS shown, w.text AS expected, s.name IS NOT NULL AS is_shown,
    w.name IS NOT NULL AS is_expected
FROM wanted w FULL JOIN there s
    ON s.shown_in = w.shown_in AND s.name = w.name AND s.scope = w.scope AND s.field = w.field
WHERE s.name IS NULL OR w.name IS NULL
    OR (s.text IS DISTINCT FROM w.text AND coalesce(TRY_CAST(s.text AS DOUBLE) <> TRY_CAST(w.text AS DOUBLE), true))
ORDER BY ALL;
