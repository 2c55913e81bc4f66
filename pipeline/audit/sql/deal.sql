-- How each deal went through the stages of its process.
CREATE OR REPLACE TEMP TABLE deal AS
SELECT
    o.log, o.key, o.state ->> 'account_id' AS account, (o.state ->> 'created_at')::BIGINT AS created_ms,
    coalesce(o.state ->> 'process_id', 'default') AS process, coalesce(v.pos, 0) AS edition,
    p.process IS NOT NULL AS charted,
    CASE
        WHEN p.process IS NOT NULL THEN p.process
        WHEN o.state ->> 'process_id' IS NULL THEN 'default'
        ELSE 'unassigned'
    END AS shown,
    CASE WHEN o.state ->> 'created_at' IS NOT NULL
        THEN greatest((o.state ->> 'created_at')::BIGINT, h.heard_ms) END AS born_ms
FROM object o
LEFT JOIN frozen v ON v.log = o.log AND v.key = o.key
LEFT JOIN (SELECT DISTINCT log, process, edition FROM stage) p
    ON p.log = o.log AND p.process = coalesce(o.state ->> 'process_id', 'default') AND p.edition = coalesce(v.pos, 0)
LEFT JOIN (SELECT key, min(time_ms) AS heard_ms FROM in_force WHERE by_time GROUP BY key) h ON h.key = o.key
WHERE o.kind = 'deal' AND o.life = 'live';

-- A deal in an unknown stage is open; so is one in an unknown process, whatever its stages are called.
CREATE OR REPLACE TEMP TABLE step AS
SELECT
    d.log, d.key, t.time_ms, t.value::JSON ->> '$' AS stage, s.kind, s.rank,
    CASE WHEN d.charted THEN coalesce(s.kind, 'open') ELSE 'open' END AS state
FROM deal d
JOIN timeline t ON t.key = d.key AND t.field = 'stage_id' AND t.value <> 'null'
LEFT JOIN stage s ON d.charted AND s.log = d.log AND s.process = d.process AND s.edition = d.edition
    AND s.stage = t.value::JSON ->> '$';

CREATE OR REPLACE TEMP TABLE run AS
FROM (
    SELECT key, time_ms, state, lag(state) OVER (PARTITION BY key ORDER BY time_ms) AS before FROM step
)
WHERE state IS DISTINCT FROM before;

CREATE OR REPLACE TEMP TABLE course AS
SELECT
    d.*, coalesce(r.state, 'open') AS state,
    CASE WHEN r.state <> 'open' THEN r.since_ms END AS closed_ms,
    coalesce(f.highest, 0) AS highest,
    CASE WHEN s.kind IS NOT NULL THEN f.stage ELSE 'unassigned' END AS stage,
    coalesce(s.qualified, false) AS qualified
FROM deal d
LEFT JOIN (SELECT key, max(time_ms) AS since_ms, arg_max(state, time_ms) AS state FROM run GROUP BY key) r
    ON r.key = d.key
LEFT JOIN (SELECT key, max(rank) AS highest, arg_max(stage, time_ms) AS stage FROM step GROUP BY key) f
    ON f.key = d.key
LEFT JOIN stage s ON d.charted AND s.log = d.log AND s.process = d.process AND s.edition = d.edition
    AND s.stage = f.stage;

-- First entries: a stage skipped was passed with the next one reached, all open ones with the win.
CREATE OR REPLACE TEMP TABLE stage_entry AS
WITH reached AS (
    SELECT c.log, c.key, c.shown, s.stage, s.rank,
        coalesce(min(t.time_ms), CASE WHEN c.state = 'won' THEN c.closed_ms END) AS at_ms
    FROM course c
    JOIN stage s ON c.charted AND s.log = c.log AND s.process = c.process AND s.edition = c.edition
        AND s.kind = 'open'
    LEFT JOIN step t ON t.key = c.key AND t.rank >= s.rank
    GROUP BY c.log, c.key, c.shown, s.stage, s.rank, c.state, c.closed_ms
)
SELECT r.log, r.key, r.shown || ':' || r.stage AS stage, r.at_ms,
    c.state = 'won' OR r.rank < c.highest AS converted,
    c.state = 'lost' AND r.rank >= c.highest AS lost
FROM reached r JOIN course c USING (key)
WHERE r.at_ms IS NOT NULL
UNION ALL
SELECT c.log, c.key, c.shown || ':unassigned', min(t.time_ms), false, false
FROM course c JOIN step t ON t.key = c.key AND t.kind IS NULL
GROUP BY ALL
UNION ALL
SELECT c.log, c.key, c.shown || ':' || t.stage, c.closed_ms, false, false
FROM course c JOIN step t ON t.key = c.key AND t.time_ms = c.closed_ms
WHERE c.closed_ms IS NOT NULL;

-- Who owned a deal when: before the first owner that is known, that one.
CREATE OR REPLACE TEMP TABLE moment AS
WITH asked AS (
    SELECT key, born_ms AS at_ms FROM deal WHERE born_ms IS NOT NULL
    UNION SELECT key, at_ms FROM stage_entry
    UNION SELECT key, time_ms FROM run
),
owner AS (FROM timeline WHERE field = 'owner_id'),
currency AS (FROM timeline WHERE field = 'currency'),
amount AS (FROM timeline WHERE field = 'amount_minor')
SELECT
    a.key, a.at_ms, coalesce(o.value, o1.value)::JSON ->> '$' AS owner,
    coalesce(c.value, c1.value)::JSON ->> '$' AS currency, (m.value::JSON ->> '$')::BIGINT AS amount_minor
FROM asked a
ASOF LEFT JOIN owner o ON o.key = a.key AND a.at_ms >= o.time_ms
LEFT JOIN owner o1 ON o1.key = a.key AND o1.first
ASOF LEFT JOIN currency c ON c.key = a.key AND a.at_ms >= c.time_ms
LEFT JOIN currency c1 ON c1.key = a.key AND c1.first
ASOF LEFT JOIN amount m ON m.key = a.key AND a.at_ms >= m.time_ms;

-- Amounts: at creation as they were then, at the close and while open as they are now; of a lost deal the last that
-- was not 0. Each is converted later, at the rate of its day.
CREATE OR REPLACE TEMP TABLE latest AS
SELECT
    d.key,
    (max(value) FILTER (field = 'owner_id' AND last))::JSON ->> '$' AS owner,
    (max(value) FILTER (field = 'currency' AND last))::JSON ->> '$' AS currency,
    ((max(value) FILTER (field = 'amount_minor' AND last))::JSON ->> '$')::BIGINT AS amount_minor,
    (arg_max(value, time_ms) FILTER (field = 'amount_minor' AND value NOT IN ('null', '0'))::JSON ->> '$')::BIGINT
        AS amount_before
FROM deal d LEFT JOIN timeline t ON t.key = d.key
GROUP BY d.key;

INSERT INTO claim
SELECT d.log, 'rep', m.owner, d.created_ms, 'deals_created', NULL, 1
FROM deal d JOIN moment m ON m.key = d.key AND m.at_ms = d.born_ms
UNION ALL
SELECT e.log, 'rep', m.owner, e.at_ms,
    unnest(['stage_entered', 'stage_converted', 'stage_lost']), e.stage,
    unnest([1, e.converted::BIGINT, e.lost::BIGINT])
FROM stage_entry e JOIN moment m USING (key, at_ms) JOIN deal d USING (key)
WHERE d.created_ms IS NOT NULL
UNION ALL
SELECT d.log, 'rep', m.owner, r.time_ms, 'reopened', NULL, 1
FROM run r JOIN moment m ON m.key = r.key AND m.at_ms = r.time_ms JOIN deal d ON d.key = r.key
WHERE r.state = 'open' AND r.before IS NOT NULL
UNION ALL
SELECT c.log, 'rep', l.owner, NULL, unnest(['open_deals', 'open_stage', 'open_qualified']),
    unnest([NULL, c.shown || ':' || c.stage, NULL]), unnest([1, 1, c.qualified::BIGINT])
FROM course c JOIN latest l USING (key)
WHERE c.closed_ms IS NULL
UNION ALL
SELECT c.log, 'rep', m.owner, c.closed_ms, c.state, NULL, 1
FROM course c JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms;

CREATE OR REPLACE TEMP TABLE amount_claim AS
SELECT d.log, m.owner, d.created_ms AS at_ms, ['deals_created_minor'] AS measures, NULL AS stage,
    m.amount_minor, m.currency
FROM deal d JOIN moment m ON m.key = d.key AND m.at_ms = d.born_ms
UNION ALL
SELECT c.log, m.owner, c.closed_ms, [c.state || '_minor'], NULL,
    CASE WHEN c.state = 'lost' AND coalesce(l.amount_minor, 0) = 0 THEN l.amount_before ELSE l.amount_minor END,
    l.currency
FROM course c JOIN latest l USING (key) JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms
UNION ALL
SELECT c.log, l.owner, NULL,
    CASE WHEN c.qualified THEN ['open_minor', 'open_stage_minor', 'open_qualified_minor']
        ELSE ['open_minor', 'open_stage_minor'] END,
    c.shown || ':' || c.stage, l.amount_minor, l.currency
FROM course c JOIN latest l USING (key)
WHERE c.closed_ms IS NULL;
DELETE FROM amount_claim WHERE amount_minor IS NULL;

-- From creation to close, in local days of the team that closed it.
CREATE OR REPLACE TEMP TABLE cycle_claim AS
SELECT c.log, m.owner, c.created_ms, c.closed_ms AS at_ms, c.state
FROM course c JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms
WHERE c.created_ms IS NOT NULL;
