-- Deals: how each went through the stages of its process, and when it is over.

-- @ declare
INSERT INTO kind_rule VALUES ('deal', 'crm', NULL);
INSERT INTO past VALUES ('deal', 'created_at');
INSERT INTO by_time
SELECT 'deal', unnest(['stage_id', 'owner_id', 'amount_minor', 'currency', 'expected_close_on']);
INSERT INTO definition VALUES
    ('deal', 'deals_created', 'deals', 'count', ['deals_created'], [], 1, 'period', true),
    ('deal', 'deals_created_amount', 'deals', 'count', ['deals_created_minor'], [], 1, 'period', true),
    ('deal', 'deals_created_amount_now', 'deals', 'count', ['deals_created_now_minor'], [], 1, 'period', true),
    ('deal', 'won', 'deals', 'count', ['won'], [], 1, 'period', true),
    ('deal', 'lost', 'deals', 'count', ['lost'], [], 1, 'period', true),
    ('deal', 'win_rate', 'deals', 'ratio', ['won'], ['won', 'lost'], 1, 'period', true),
    ('deal', 'win_rate_value', 'deals', 'ratio', ['won_minor'], ['won_minor', 'lost_minor'], 1, 'period', true),
    ('deal', 'bookings', 'deals', 'count', ['won_minor'], [], 1, 'period', true),
    ('deal', 'avg_deal_size', 'deals', 'ratio', ['won_minor'], ['won'], 1, 'period', true),
    ('deal', 'median_deal_size', 'deals', 'median', ['deal_size'], [], 1, 'period', true),
    ('deal', 'sales_cycle', 'deals', 'ratio', ['won_cycle_days'], ['won_cycles'], 1, 'period', true),
    ('deal', 'sales_cycle_median', 'deals', 'median', ['won_cycle'], [], 1, 'period', true),
    ('deal', 'lost_cycle', 'deals', 'ratio', ['lost_cycle_days'], ['lost_cycles'], 1, 'period', true),
    ('deal', 'lost_cycle_median', 'deals', 'median', ['lost_cycle'], [], 1, 'period', true),
    ('deal', 'reopened', 'deals', 'count', ['reopened'], [], 1, 'period', true),
    ('deal', 'unconverted', 'unconverted', 'count', ['unconverted'], [], 1, 'always', true),
    ('deal', 'negative_cycles', 'negative_cycles', 'count', ['negative_cycles'], [], 1, 'period', true),
    ('deal', 'open_deals', 'pipeline', 'count', ['open_deals'], [], 1, 'now', true),
    ('deal', 'open_pipeline', 'pipeline', 'count', ['open_minor'], [], 1, 'now', true),
    ('deal', 'open_qualified', 'pipeline', 'count', ['open_qualified'], [], 1, 'now', true),
    ('deal', 'open_qualified_pipeline', 'pipeline', 'count', ['open_qualified_minor'], [], 1, 'now', true),
    ('deal', 'pipeline_velocity', 'pipeline', 'velocity', [], [], 1, '90d', true),
    ('deal', 'stage_entries', 'funnel', 'stages', [], [], 1, 'period', true),
    ('deal', 'stage_conversion', 'funnel', 'stages', [], [], 1, 'period', true),
    ('deal', 'stage_open', 'funnel', 'stages', [], [], 1, 'now', true);
INSERT INTO left_out
SELECT 'avg_deal_size', unnest(['won_without_amount', 'won_unconverted']);
INSERT INTO amounts
SELECT kpi, deals, part || '_without_amount', part || '_unconverted'
FROM (VALUES
    ('deals_created_amount', 'deals_created', 'deals_created'),
    ('deals_created_amount_now', 'deals_created', 'deals_created_now'),
    ('win_rate_value', 'won', 'won'),
    ('win_rate_value', 'lost', 'lost'),
    ('bookings', 'won', 'won'),
    ('avg_deal_size', 'won', 'won'),
    ('median_deal_size', 'won', 'won'),
    ('open_pipeline', 'open_deals', 'open'),
    ('open_qualified_pipeline', 'open_qualified', 'open_qualified'),
    ('pipeline_velocity', 'won', 'won')
) AS _(kpi, deals, part);

-- @ judge
-- A closed deal of which nothing was heard for so long is over: from then on whatever comes for it is late, and its
-- process, whatever becomes of that, no longer is its own. When that is follows from the deal's own log: what was said
-- of it before, the process as it stood there, and the time there. It is asked where it matters: where something comes
-- for the deal, and where a process becomes another one.
CREATE OR REPLACE TEMP TABLE revival AS
WITH heard AS (SELECT DISTINCT log, pos, key, append_ms FROM change WHERE kind = 'deal' AND NOT astray),
long AS (
    SELECT h.log, h.key
    FROM heard h JOIN (SELECT log, max(append_ms) AS append_ms FROM appended GROUP BY log) a USING (log), policy
    GROUP BY h.log, h.key, closed_ms
    HAVING max(a.append_ms) - min(h.append_ms) > closed_ms
),
told AS (SELECT log, pos, max(append_ms) OVER (PARTITION BY log ORDER BY pos) AS now_ms FROM appended),
redefined AS (
    FROM (FROM copy WHERE subject LIKE 'process:%')
    QUALIFY payload IS DISTINCT FROM lag(payload) OVER (PARTITION BY log, subject ORDER BY pos)
),
met AS (
    SELECT log, pos, key, append_ms FROM heard SEMI JOIN long USING (log, key)
    UNION ALL
    SELECT log, r.pos, key, NULL FROM redefined r JOIN long USING (log)
),
after AS (
    SELECT log, pos, key,
        max(append_ms) OVER (PARTITION BY key ORDER BY pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS heard_ms
    FROM met
)
SELECT a.*, a.heard_ms // 86400000 * 86400000 AS heard_day_ms, t.now_ms
FROM after a JOIN told t USING (log, pos), policy
WHERE heard_day_ms + closed_ms < t.now_ms;

CREATE OR REPLACE TEMP TABLE over AS
WITH entry AS (
    SELECT r.key, r.log, r.pos, c.field, c.value, c.version, c.time_ms, c.sequence, c.ingested, c.source, c.id, c.corrects
    FROM revival r JOIN change c ON c.key = r.key AND c.log = r.log AND c.pos < r.pos AND NOT c.astray
    WHERE c.field IN ('stage_id', 'process_id', 'life')
),
register AS (
    SELECT key, pos, coalesce(arg_max(value, version) FILTER (field = 'life'), '"live"') AS life,
        coalesce(arg_max(value, version) FILTER (field = 'process_id')::JSON ->> '$', 'default') AS process
    FROM entry GROUP BY ALL
),
corrected AS (
    SELECT DISTINCT key, pos, source, corrects AS id FROM entry
    WHERE field = 'stage_id' AND corrects IS NOT NULL AND corrects <> id
),
standing AS (FROM entry ANTI JOIN corrected USING (key, pos, source, id) WHERE field = 'stage_id'),
export AS (
    SELECT key, pos, source, ingested, min(row(time_ms, sequence)) AS since
    FROM standing WHERE ingested > 0
    GROUP BY ALL
),
told_anew AS (
    SELECT DISTINCT e.key, e.pos, e.version
    FROM standing e JOIN export x ON x.key = e.key AND x.pos = e.pos AND x.source = e.source AND x.ingested > e.ingested
    WHERE e.ingested > 0 AND x.since <= row(e.time_ms, e.sequence)
),
moment AS (
    SELECT key, log, pos, time_ms, sequence, arg_max(value, version) AS value
    FROM standing ANTI JOIN told_anew USING (key, pos, version)
    GROUP BY ALL
),
process AS (
    SELECT r.key, r.pos, arg_max(c.payload, c.pos) AS payload
    FROM revival r JOIN register g USING (key, pos)
    JOIN copy c ON c.log = r.log AND c.pos < r.pos AND c.subject = 'process:' || g.process
    GROUP BY ALL
),
kind AS (
    SELECT p.key, p.pos, s.value ->> 'id' AS stage, arg_max(coalesce(s.value ->> 'kind', 'open'), s.key::INTEGER) AS kind
    FROM process p, json_each(p.payload::JSON -> 'stages') s
    GROUP BY ALL
),
step AS (
    SELECT i.key, i.log, i.pos, i.time_ms, i.sequence, coalesce(k.kind, 'open') AS state
    FROM moment i LEFT JOIN kind k ON k.key = i.key AND k.pos = i.pos AND k.stage = i.value::JSON ->> '$'
    WHERE i.value <> 'null'
),
run AS (
    FROM (SELECT *, lag(state) OVER (PARTITION BY key, pos ORDER BY time_ms, sequence) AS before FROM step)
    WHERE state IS DISTINCT FROM before
),
ended AS (
    SELECT key, pos, max(time_ms) AS closed_at_ms, arg_max(state, row(time_ms, sequence)) AS state FROM run GROUP BY ALL
)
SELECT r.log, r.key, min(r.pos) AS pos, arg_min(g.process, r.pos) AS process, arg_min(p.payload, r.pos) AS payload
FROM revival r JOIN ended e USING (key, pos) JOIN register g USING (key, pos) JOIN process p USING (key, pos), policy
WHERE e.state <> 'open' AND g.life = '"live"' AND greatest(e.closed_at_ms, r.heard_day_ms) + closed_ms < r.now_ms
GROUP BY ALL;

DELETE FROM change c USING over o WHERE c.log = o.log AND c.key = o.key AND c.pos >= o.pos AND NOT c.astray;

-- @ object
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
    d.log, d.key, t.time_ms, t.sequence, t.value::JSON ->> '$' AS stage, s.kind, s.rank,
    CASE WHEN d.charted THEN coalesce(s.kind, 'open') ELSE 'open' END AS state
FROM deal d
JOIN timeline t ON t.key = d.key AND t.field = 'stage_id' AND t.value <> 'null'
LEFT JOIN stage s ON d.charted AND s.log = d.log AND s.process = d.process AND s.edition = d.edition
    AND s.stage = t.value::JSON ->> '$';

CREATE OR REPLACE TEMP TABLE run AS
FROM (
    SELECT key, time_ms, sequence, stage, state,
        lag(state) OVER (PARTITION BY key ORDER BY time_ms, sequence) AS before
    FROM step
)
WHERE state IS DISTINCT FROM before;

CREATE OR REPLACE TEMP TABLE course AS
SELECT
    d.*, coalesce(r.state, 'open') AS state,
    CASE WHEN r.state <> 'open' THEN r.since_ms END AS closed_ms, r.stage AS run_stage,
    coalesce(f.highest, 0) AS highest,
    CASE WHEN s.kind IS NOT NULL THEN f.stage ELSE 'unassigned' END AS stage,
    coalesce(s.qualified, false) AS qualified
FROM deal d
LEFT JOIN (
    SELECT key, max(time_ms) AS since_ms, arg_max(state, row(time_ms, sequence)) AS state,
        arg_max(stage, row(time_ms, sequence)) AS stage
    FROM run GROUP BY key
) r ON r.key = d.key
LEFT JOIN (
    SELECT key, max(rank) AS highest, arg_max(stage, row(time_ms, sequence)) AS stage FROM step GROUP BY key
) f ON f.key = d.key
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
SELECT c.log, c.key, c.shown || ':' || c.run_stage, c.closed_ms, false, false
FROM course c
WHERE c.closed_ms IS NOT NULL;

-- Who owned a deal when: before the first owner that is known, that one.
CREATE OR REPLACE TEMP TABLE moment AS
WITH asked AS (
    SELECT key, born_ms AS at_ms FROM deal WHERE born_ms IS NOT NULL
    UNION SELECT key, at_ms FROM stage_entry
    UNION SELECT key, time_ms FROM run
),
owner AS (FROM timeline WHERE field = 'owner_id' AND final),
currency AS (FROM timeline WHERE field = 'currency' AND final),
amount AS (FROM timeline WHERE field = 'amount_minor' AND final)
SELECT
    a.key, a.at_ms, coalesce(o.value, o1.value)::JSON ->> '$' AS owner,
    coalesce(c.value, c1.value)::JSON ->> '$' AS currency, (m.value::JSON ->> '$')::BIGINT AS amount_minor
FROM asked a
ASOF LEFT JOIN owner o ON o.key = a.key AND a.at_ms >= o.time_ms
LEFT JOIN timeline o1 ON o1.key = a.key AND o1.field = 'owner_id' AND o1.first
ASOF LEFT JOIN currency c ON c.key = a.key AND a.at_ms >= c.time_ms
LEFT JOIN timeline c1 ON c1.key = a.key AND c1.field = 'currency' AND c1.first
ASOF LEFT JOIN amount m ON m.key = a.key AND a.at_ms >= m.time_ms;

-- Amounts: at creation the first one told by a day after it, at the close and while open as they are now; of a lost deal
-- the last above 0, in the currency of the last moment at which it stood. Each is converted later, at the rate of its
-- day.
CREATE OR REPLACE TEMP TABLE latest AS
SELECT
    d.key,
    (max(value) FILTER (field = 'owner_id' AND last))::JSON ->> '$' AS owner,
    (max(value) FILTER (field = 'currency' AND last))::JSON ->> '$' AS currency,
    ((max(value) FILTER (field = 'amount_minor' AND last))::JSON ->> '$')::BIGINT AS amount_minor
FROM deal d LEFT JOIN timeline t ON t.key = d.key
GROUP BY d.key;

CREATE OR REPLACE TEMP TABLE above_nothing AS
WITH spell AS (
    SELECT key, time_ms, (value::JSON ->> '$')::BIGINT AS amount_minor,
        sequence,
        coalesce(lead(time_ms) OVER (PARTITION BY key ORDER BY time_ms, sequence), 9000000000000000) - 1 AS until_ms
    FROM timeline WHERE field = 'amount_minor'
),
above AS (
    FROM spell WHERE amount_minor > 0
    QUALIFY row_number() OVER (PARTITION BY key ORDER BY time_ms DESC, sequence DESC) = 1
),
currency AS (FROM timeline WHERE field = 'currency' AND final)
SELECT f.key, f.amount_minor, coalesce(c.value, c1.value)::JSON ->> '$' AS currency
FROM above f
ASOF LEFT JOIN currency c ON c.key = f.key AND f.until_ms >= c.time_ms
LEFT JOIN timeline c1 ON c1.key = f.key AND c1.field = 'currency' AND c1.first;

CREATE OR REPLACE TEMP TABLE worth AS
SELECT c.key,
    CASE WHEN c.state = 'lost' THEN a.amount_minor ELSE l.amount_minor END AS amount_minor,
    CASE WHEN c.state = 'lost' THEN a.currency ELSE l.currency END AS currency
FROM course c JOIN latest l USING (key) LEFT JOIN above_nothing a USING (key);

CREATE OR REPLACE TEMP TABLE asking AS
WITH first_day AS (
    SELECT d.key, min(t.time_ms) AS told_ms
    FROM deal d JOIN timeline t ON t.key = d.key AND t.field = 'amount_minor' AND t.value <> 'null'
    WHERE t.time_ms > d.born_ms AND t.time_ms <= d.born_ms + 86400000
    GROUP BY d.key
),
told AS (
    SELECT m.key, m.owner, CASE WHEN m.amount_minor IS NULL THEN f.told_ms ELSE m.at_ms END AS told_ms
    FROM deal d JOIN moment m ON m.key = d.key AND m.at_ms = d.born_ms LEFT JOIN first_day f ON f.key = d.key
),
currency AS (FROM timeline WHERE field = 'currency' AND final),
amount AS (FROM timeline WHERE field = 'amount_minor' AND final)
SELECT t.key, t.owner, coalesce(c.value, c1.value)::JSON ->> '$' AS currency,
    (a.value::JSON ->> '$')::BIGINT AS amount_minor
FROM told t
ASOF LEFT JOIN currency c ON c.key = t.key AND t.told_ms >= c.time_ms
LEFT JOIN timeline c1 ON c1.key = t.key AND c1.field = 'currency' AND c1.first
ASOF LEFT JOIN amount a ON a.key = t.key AND t.told_ms >= a.time_ms;

-- @ claim
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

INSERT INTO amount_claim
SELECT d.log, a.owner, d.created_ms, ['deals_created_minor'], ['deals_created_without_amount'],
    ['deals_created_unconverted', 'unconverted'], NULL, NULL, NULL, a.amount_minor, a.currency
FROM deal d JOIN asking a USING (key)
UNION ALL
SELECT d.log, a.owner, d.created_ms, ['deals_created_now_minor'], ['deals_created_now_without_amount'],
    ['deals_created_now_unconverted'], NULL, NULL, NULL, w.amount_minor, w.currency
FROM deal d JOIN asking a USING (key) JOIN worth w USING (key)
UNION ALL
SELECT c.log, m.owner, c.closed_ms, [c.state || '_minor'], [c.state || '_without_amount'],
    [c.state || '_unconverted', 'unconverted'], NULL, NULL, CASE WHEN c.state = 'won' THEN 'deal_size' END,
    w.amount_minor, w.currency
FROM course c JOIN worth w USING (key) JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms
UNION ALL
SELECT c.log, l.owner, NULL,
    CASE WHEN c.qualified THEN ['open_minor', 'open_qualified_minor'] ELSE ['open_minor'] END,
    CASE WHEN c.qualified THEN ['open_without_amount', 'open_qualified_without_amount']
        ELSE ['open_without_amount'] END,
    CASE WHEN c.qualified THEN ['open_unconverted', 'open_qualified_unconverted', 'unconverted']
        ELSE ['open_unconverted', 'unconverted'] END,
    'open_stage_minor', c.shown || ':' || c.stage, NULL, w.amount_minor, w.currency
FROM course c JOIN latest l USING (key) JOIN worth w USING (key)
WHERE c.closed_ms IS NULL;

-- From creation to close, in local days of the team that closed it.
INSERT INTO cycle_claim
SELECT c.log, m.owner, c.created_ms, c.closed_ms AS at_ms, c.state
FROM course c JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms
WHERE c.created_ms IS NOT NULL;

-- @ say
INSERT INTO owed_link
SELECT c.key, 'win', 'account:' || c.account, to_json({'rep': m.owner, 'won_ms': c.closed_ms})::VARCHAR
FROM course c JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms
ASOF JOIN nobody_span n ON n.log = c.log AND c.closed_ms >= n.from_ms
WHERE c.state = 'won' AND c.account IS NOT NULL AND NOT list_contains(n.ids, lower(c.account));

-- A process that changes moves its deals.
INSERT INTO moving
SELECT key FROM object
WHERE kind = 'deal'
    AND EXISTS (FROM copy WHERE subject LIKE 'process:%' AND append_ms > getvariable('settled_ms'));

-- @ cover
INSERT INTO oldest SELECT 'long', min(closed_ms) FROM course;
