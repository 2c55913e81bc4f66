-- What the organisation looks like in each log: the last copy of each record below the bound. Of a rep who was deleted
-- there is a copy, which says just that.
CREATE OR REPLACE TEMP TABLE org_record AS
SELECT log, split_part(subject, ':', 1) AS kind, substr(subject, strpos(subject, ':') + 1) AS name, payload::JSON AS payload
FROM (
    SELECT c.log, c.subject, arg_max(c.payload, c.pos) AS payload
    FROM copy c JOIN bound b ON c.log = b.log AND c.pos < b.below
    GROUP BY ALL
)
WHERE payload <> 'null' AND payload::JSON ->> 'deleted' IS DISTINCT FROM 'true';

CREATE OR REPLACE TEMP TABLE clock AS
SELECT b.log, coalesce(max(a.append_ms), 0) AS now_ms
FROM bound b LEFT JOIN appended a ON a.log = b.log AND a.pos < b.below
GROUP BY b.log;

CREATE OR REPLACE TEMP TABLE company AS
SELECT
    b.log,
    coalesce(r.payload ->> 'currency', p.currency) AS currency,
    coalesce(r.payload ->> 'time_zone', 'UTC') AS zone,
    coalesce((r.payload ->> 'fiscal_year_start')::INTEGER, 1) AS fiscal_start,
    coalesce((r.payload -> 'week_starts')::VARCHAR, '[]') AS week_starts
FROM bound b CROSS JOIN policy p LEFT JOIN org_record r ON r.log = b.log AND r.kind = 'company' AND r.name = 'company';

CREATE OR REPLACE TEMP TABLE team AS
SELECT log, name AS team, payload ->> 'parent_id' AS parent, (payload ->> 'fiscal_year_start')::INTEGER AS fiscal_start,
    (payload ->> 'ended_at')::BIGINT AS end_ms
FROM org_record WHERE kind = 'team';

-- From when on which zone holds in a team; a new one begins with its own midnight, the former one lasts until then.
CREATE OR REPLACE TEMP TABLE zone_span AS
WITH given AS (
    SELECT r.log, r.name AS team, (z.value ->> 0)::BIGINT AS first_day, z.value ->> 1 AS zone
    FROM org_record r, json_each(r.payload -> 'time_zones') z
    WHERE r.kind = 'team'
),
everybody AS (SELECT log, team FROM team UNION SELECT log, unnest(['company', 'unassigned']) FROM company),
whole AS (
    FROM given
    UNION ALL
    SELECT e.log, e.team, NULL, c.zone
    FROM everybody e JOIN company c USING (log)
    ANTI JOIN (FROM given WHERE first_day IS NULL) g ON g.log = e.log AND g.team = e.team
),
begun AS (
    SELECT w.*, CASE WHEN first_day IS NULL THEN -1 ELSE at_wall_ms(w.zone, (w.first_day - 719163) * 86400000) END AS midnight_ms
    FROM whole w
),
ordered AS (
    SELECT
        log, team, zone, coalesce(first_day, 0) AS first_day,
        max(midnight_ms) OVER (PARTITION BY log, team ORDER BY coalesce(first_day, 0)) AS start_ms,
        lead(first_day) OVER (PARTITION BY log, team ORDER BY coalesce(first_day, 0)) - 1 AS last_day
    FROM begun
)
FROM ordered
QUALIFY row_number() OVER (PARTITION BY log, team, start_ms ORDER BY first_day DESC) = 1;

-- From when on which team a rep belongs to: of several memberships, the one that began last, then the greater name. Where
-- that one is a share, all that are shares hold together, and the rep belongs to the team of the largest.
-- From the end of a team on it is nobody's.
CREATE OR REPLACE TEMP TABLE membership AS
SELECT
    log, name, payload ->> 'rep_id' AS rep, payload ->> 'team_id' AS team,
    coalesce(nullif((payload ->> 'valid_from')::BIGINT, 0), -1) AS from_ms,
    (payload ->> 'valid_to')::BIGINT AS to_ms, (payload ->> 'share_bp')::BIGINT AS share_bp
FROM org_record
WHERE kind = 'membership' AND payload ->> 'rep_id' IS NOT NULL AND payload ->> 'team_id' IS NOT NULL;

CREATE OR REPLACE TEMP TABLE held AS
WITH start AS (
    SELECT log, name AS rep, -1 AS start_ms FROM org_record WHERE kind = 'rep' AND payload ->> 'deleted' IS NULL
    UNION SELECT log, rep, -1 FROM membership
    UNION SELECT log, rep, from_ms FROM membership
    UNION SELECT log, rep, to_ms FROM membership WHERE to_ms IS NOT NULL
    UNION SELECT m.log, m.rep, t.end_ms FROM membership m JOIN team t USING (log, team) WHERE t.end_ms IS NOT NULL
),
each_held AS (
    SELECT s.log, s.rep, s.start_ms, m.team, m.share_bp, row(m.from_ms, m.name) AS began,
        row_number() OVER (PARTITION BY s.log, s.rep, s.start_ms ORDER BY m.from_ms DESC, m.name DESC) AS nth,
        first_value(m.share_bp) OVER (PARTITION BY s.log, s.rep, s.start_ms ORDER BY m.from_ms DESC, m.name DESC)
            IS NOT NULL AS shared
    FROM start s LEFT JOIN membership m
        ON m.log = s.log AND m.rep = s.rep AND m.from_ms <= s.start_ms AND (m.to_ms IS NULL OR s.start_ms < m.to_ms)
)
FROM each_held WHERE CASE WHEN shared THEN share_bp IS NOT NULL ELSE nth = 1 END;

CREATE OR REPLACE TEMP TABLE place_span AS
WITH first AS (
    SELECT log, rep, start_ms, arg_max(team, row(coalesce(share_bp, 0), began)) AS team FROM held GROUP BY ALL
)
SELECT h.log, h.rep, h.start_ms, coalesce(t.team, 'unassigned') AS team
FROM first h LEFT JOIN team t
    ON t.log = h.log AND t.team = h.team AND (t.end_ms IS NULL OR h.start_ms < t.end_ms);

-- The teams that share a rep, in the order of their ids, with the share of each, and where each counts from then on.
CREATE OR REPLACE TEMP TABLE share_span AS
WITH summed AS (
    SELECT log, rep, start_ms, team, sum(share_bp)::BIGINT AS share_bp FROM held WHERE shared GROUP BY ALL
),
known AS (
    SELECT s.*, coalesce(t.team, 'unassigned') AS place
    FROM summed s LEFT JOIN team t
        ON t.log = s.log AND t.team = s.team AND (t.end_ms IS NULL OR s.start_ms < t.end_ms)
),
listed AS (
    SELECT log, rep, start_ms, list(place ORDER BY team) AS teams, list(share_bp ORDER BY team) AS shares
    FROM known GROUP BY ALL
)
SELECT p.log, p.rep, p.start_ms, coalesce(l.teams, [p.team]) AS teams, coalesce(l.shares, [1]) AS shares
FROM place_span p LEFT JOIN listed l USING (log, rep, start_ms);

-- Whom an id means from when on, of ids that mean somebody else than the rep whose own they are: of several identities
-- that of the one that began last, then of the greater name; where none holds, that rep.
CREATE OR REPLACE TEMP TABLE meant AS
WITH identity AS (
    SELECT
        log, name, payload ->> 'external_id' AS named, payload ->> 'rep_id' AS rep,
        coalesce(nullif((payload ->> 'valid_from')::BIGINT, 0), -1) AS from_ms, (payload ->> 'valid_to')::BIGINT AS to_ms
    FROM org_record
    WHERE kind = 'identity' AND payload ->> 'external_id' IS NOT NULL AND payload ->> 'rep_id' IS NOT NULL
),
start AS (
    SELECT log, named, -1 AS start_ms FROM identity
    UNION SELECT log, named, from_ms FROM identity
    UNION SELECT log, named, to_ms FROM identity WHERE to_ms IS NOT NULL
)
SELECT s.log, s.named, s.start_ms, coalesce(i.rep, s.named) AS rep
FROM start s LEFT JOIN identity i
    ON i.log = s.log AND i.named = s.named AND i.from_ms <= s.start_ms AND (i.to_ms IS NULL OR s.start_ms < i.to_ms)
QUALIFY row_number() OVER (PARTITION BY s.log, s.named, s.start_ms ORDER BY i.from_ms DESC, i.name DESC) = 1;

-- The same as place and share of reps, by the ids that events name: of whom an id means, `unassigned` where nobody knows
-- that rep.
CREATE OR REPLACE TEMP TABLE named_span AS
WITH own AS (
    SELECT p.log, p.rep AS named, p.start_ms, p.rep, p.team, s.teams, s.shares
    FROM place_span p JOIN share_span s USING (log, rep, start_ms)
),
turn AS (
    SELECT log, named, start_ms FROM meant
    UNION SELECT m.log, m.named, p.start_ms FROM meant m JOIN place_span p USING (log, rep)
),
whose AS (
    SELECT t.log, t.named, t.start_ms, m.rep
    FROM turn t ASOF JOIN meant m ON m.log = t.log AND m.named = t.named AND t.start_ms >= m.start_ms
)
FROM own ANTI JOIN meant USING (log, named)
UNION ALL
SELECT w.log, w.named, w.start_ms, coalesce(o.rep, 'unassigned'), coalesce(o.team, 'unassigned'),
    coalesce(o.teams, ['unassigned']), coalesce(o.shares, [1])
FROM whose w ASOF LEFT JOIN own o ON o.log = w.log AND o.rep = w.rep AND w.start_ms >= o.start_ms;

CREATE OR REPLACE TEMP TABLE shared_rep AS SELECT DISTINCT log, named FROM named_span WHERE len(teams) > 1;

CREATE OR REPLACE TEMP TABLE rate_step AS
SELECT log, currency, day, arg_max(rate, name) AS rate
FROM (
    SELECT
        log, name, payload ->> 'currency' AS currency, (payload ->> 'effective_on')::BIGINT AS day,
        payload ->> 'rate' AS rate
    FROM org_record WHERE kind = 'rate'
)
WHERE currency IS NOT NULL AND day IS NOT NULL AND rate IS NOT NULL
GROUP BY ALL;

-- From when on which ids stand for nobody: of several policies that say so, the one that began last, then the greater
-- name; before all of them the usual ones.
CREATE OR REPLACE TEMP TABLE nobody_span AS
WITH given AS (
    SELECT
        log, name, coalesce((payload ->> 'valid_from')::BIGINT, -1) AS from_ms,
        [lower(id) FOR id IN (payload -> 'nobody')::VARCHAR[]] AS ids
    FROM org_record
    WHERE kind = 'policy' AND payload ->> 'nobody' IS NOT NULL
    UNION ALL
    SELECT log, '', -2, ['-', '0', 'n%2fa', 'n.a.', 'na', 'nil', 'none', 'null', 'undefined', 'unknown'] FROM bound
)
SELECT log, from_ms, ids FROM given
QUALIFY row_number() OVER (PARTITION BY log, from_ms ORDER BY name DESC) = 1;

-- From when on which notes and tasks count, by the same rule; before all policies none of them does.
CREATE OR REPLACE TEMP TABLE counted_span AS
WITH given AS (
    SELECT
        log, name, coalesce((payload ->> 'valid_from')::BIGINT, -1) AS from_ms,
        (payload -> 'counted_activities')::VARCHAR[] AS kinds
    FROM org_record
    WHERE kind = 'policy' AND payload ->> 'counted_activities' IS NOT NULL
    UNION ALL
    SELECT log, '', -2, [] FROM bound
)
SELECT log, from_ms, kinds FROM given
QUALIFY row_number() OVER (PARTITION BY log, from_ms ORDER BY name DESC) = 1;
