-- When reps are at work at all, in the days of each team that may ask: those they ever belonged to, and the one whose
-- calendar their own figures have. After `organisation` and `scope`.
CREATE OR REPLACE TEMP TABLE attendant AS
SELECT DISTINCT log, team, rep FROM place_span WHERE team <> 'unassigned'
UNION
SELECT log, team, rep FROM (SELECT log, rep, unnest(teams) AS team FROM share_span) WHERE team <> 'unassigned'
UNION SELECT log, team, substr(home, 5) FROM calendar WHERE home LIKE 'rep:%'
UNION SELECT log, 'company', name FROM org_record WHERE kind = 'rep'
UNION SELECT log, 'company', payload ->> 'rep_id' FROM org_record WHERE kind = 'absence'
UNION SELECT h.log, h.team, m.rep FROM member m JOIN calendar h USING (home) WHERE m.scope LIKE 'rep:%';

-- What the records name by days: the local time (as if it were UTC) at which each of these begins, or is half over.
CREATE OR REPLACE TEMP TABLE attendance AS
WITH named AS (
    SELECT log, name AS rep, 'since' AS side, '' AS id, (payload ->> 'hired_on')::BIGINT AS day, 0 AS clock_ms
    FROM org_record WHERE kind = 'rep' AND payload ->> 'hired_on' IS NOT NULL
    UNION ALL
    SELECT log, name, 'until', '', (payload ->> 'left_on')::BIGINT + 1, 0
    FROM org_record WHERE kind = 'rep' AND payload ->> 'left_on' IS NOT NULL
        AND coalesce((payload ->> 'left_on')::BIGINT >= (payload ->> 'hired_on')::BIGINT, true)
    UNION ALL
    SELECT log, payload ->> 'rep_id', 'start', name, (payload ->> 'first_day')::BIGINT,
        CASE WHEN (payload ->> 'from_noon')::BOOLEAN THEN 43200000 ELSE 0 END
    FROM org_record
    WHERE kind = 'absence' AND payload ->> 'starts_at' IS NULL AND payload ->> 'first_day' IS NOT NULL
    UNION ALL
    SELECT log, payload ->> 'rep_id', 'end', name,
        (payload ->> 'last_day')::BIGINT + CASE WHEN (payload ->> 'until_noon')::BOOLEAN THEN 0 ELSE 1 END,
        CASE WHEN (payload ->> 'until_noon')::BOOLEAN THEN 43200000 ELSE 0 END
    FROM org_record
    WHERE kind = 'absence' AND payload ->> 'ends_at' IS NULL AND payload ->> 'last_day' IS NOT NULL
),
zoned AS (
    SELECT n.*, a.team, z.zone
    FROM named n JOIN attendant a USING (log, rep)
    ASOF JOIN zone_span z ON z.log = n.log AND z.team = a.team AND n.day >= z.first_day
)
SELECT log, team, rep, side, id, at_wall_ms(z.zone, (z.day - 719163) * 86400000 + z.clock_ms) AS at_ms
FROM zoned z
UNION ALL
SELECT r.log, a.team, a.rep, s.side, r.name, s.at_ms
FROM org_record r
JOIN attendant a ON a.log = r.log AND a.rep = r.payload ->> 'rep_id',
LATERAL (VALUES
    ('start', (r.payload ->> 'starts_at')::BIGINT), ('end', (r.payload ->> 'ends_at')::BIGINT)
) s (side, at_ms)
WHERE r.kind = 'absence' AND s.at_ms IS NOT NULL;

CREATE OR REPLACE TEMP TABLE employed AS
SELECT a.log, a.team, a.rep, coalesce(max(t.at_ms) FILTER (side = 'since'), -1) AS since_ms,
    coalesce(max(t.at_ms) FILTER (side = 'until'), 9000000000000000) AS until_ms
FROM attendant a LEFT JOIN attendance t USING (log, team, rep)
GROUP BY ALL;

-- Absences as they are told; they may overlap. Without an end they last.
CREATE OR REPLACE TEMP TABLE away AS
SELECT log, team, rep, id, max(at_ms) FILTER (side = 'start') AS start_ms,
    coalesce(max(at_ms) FILTER (side = 'end'), 9000000000000000) AS end_ms
FROM attendance WHERE side IN ('start', 'end')
GROUP BY ALL
HAVING max(at_ms) FILTER (side = 'start') < coalesce(max(at_ms) FILTER (side = 'end'), 9000000000000000);

-- Reps who were deleted or are not active: of those there is no more to say.
CREATE OR REPLACE TEMP TABLE gone_rep AS
SELECT c.log, substr(c.subject, 5) AS rep
FROM copy c JOIN bound b ON c.log = b.log AND c.pos < b.below
WHERE c.subject LIKE 'rep:%'
GROUP BY c.log, c.subject
HAVING arg_max(c.payload, c.pos)::JSON ->> 'deleted' = 'true' OR arg_max(c.payload, c.pos)::JSON ->> 'active' = 'false';
