-- Deals: how each went through the stages of its processes, and when it is over.

-- @ declare
INSERT INTO kind_rule VALUES ('deal', 'crm', NULL);
INSERT INTO past VALUES ('deal', 'created_at');
INSERT INTO by_time
SELECT 'deal', unnest([
    'process_id', 'stage_id', 'owner_id', 'split', 'amount_minor', 'currency', 'expected_close_on'
]);
INSERT INTO definition VALUES
    ('deal', 'deals_created', 'deals', 'count', ['deals_created'], [], 1, 'period', true),
    ('deal', 'conversion_rate', 'deals', 'ratio', ['deals_created_won'], ['deals_created'], 1, 'period', true),
    ('deal', 'deals_created_amount', 'deals', 'count', ['deals_created_minor', 'deals_created_split_minor'], [], 1, 'period', true),
    ('deal', 'deals_created_amount_now', 'deals', 'count', [
        'deals_created_now_minor', 'deals_created_now_split_minor'
    ], [], 1, 'period', true),
    ('deal', 'won', 'deals', 'count', ['won'], [], 1, 'period', true),
    ('deal', 'lost', 'deals', 'count', ['lost'], [], 1, 'period', true),
    ('deal', 'win_rate', 'deals', 'ratio', ['won'], ['won', 'lost'], 1, 'period', true),
    ('deal', 'win_rate_value', 'deals', 'ratio', ['won_minor', 'won_adjustments_minor'], [
        'won_minor', 'won_adjustments_minor', 'lost_minor'
    ], 1, 'period', true),
    ('deal', 'bookings', 'deals', 'count', ['won_minor', 'won_split_minor'], [], 1, 'period', true),
    ('deal', 'bookings_split', 'splits', 'count', ['won_split_minor'], [], 1, 'period', true),
    ('deal', 'bookings_adjustments', 'deals', 'count', ['won_adjustments_minor'], [], 1, 'period', true),
    ('deal', 'avg_deal_size', 'deals', 'ratio', ['won_minor', 'won_adjustments_minor'], ['won'], 1, 'period', true),
    ('deal', 'median_deal_size', 'deals', 'median', ['deal_size'], [], 1, 'period', true),
    ('deal', 'sales_cycle', 'deals', 'ratio', ['won_cycle_days'], ['won_cycles'], 1, 'period', true),
    ('deal', 'sales_cycle_median', 'deals', 'median', ['won_cycle'], [], 1, 'period', true),
    ('deal', 'lost_cycle', 'deals', 'ratio', ['lost_cycle_days'], ['lost_cycles'], 1, 'period', true),
    ('deal', 'lost_cycle_median', 'deals', 'median', ['lost_cycle'], [], 1, 'period', true),
    ('deal', 'reopened', 'deals', 'count', ['reopened'], [], 1, 'period', true),
    ('deal', 'pipeline_change', 'pipeline_change', 'count', [
        'pipeline_new_minor', 'pipeline_won_minor', 'pipeline_lost_minor', 'pipeline_increased_minor',
        'pipeline_decreased_minor', 'pipeline_reopened_minor', 'pipeline_reassigned_minor', 'pipeline_deleted_minor',
        'pipeline_merged_minor', 'pipeline_split_minor'
    ], [], 1, 'days', true),
    ('deal', 'deals_pulled', 'pipeline_change', 'count', ['deals_pulled'], [], 1, 'days', true),
    ('deal', 'deals_pulled_amount', 'pipeline_change', 'count', ['deals_pulled_minor'], [], 1, 'days', true),
    ('deal', 'deals_pushed', 'pipeline_change', 'count', ['deals_pushed'], [], 1, 'days', true),
    ('deal', 'deals_pushed_amount', 'pipeline_change', 'count', ['deals_pushed_minor'], [], 1, 'days', true),
    ('deal', 'unconverted', 'unconverted', 'count', ['unconverted'], [], 1, 'always', true),
    ('deal', 'negative_cycles', 'negative_cycles', 'count', ['negative_cycles'], [], 1, 'period', true),
    ('deal', 'open_deals', 'pipeline', 'count', ['open_deals'], [], 1, 'now', true),
    ('deal', 'open_pipeline', 'pipeline', 'count', ['open_minor', 'open_split_minor'], [], 1, 'now', true),
    ('deal', 'open_pipeline_split', 'splits', 'count', ['open_split_minor'], [], 1, 'now', true),
    ('deal', 'open_qualified', 'pipeline', 'count', ['open_qualified'], [], 1, 'now', true),
    ('deal', 'open_qualified_pipeline', 'pipeline', 'count', [
        'open_qualified_minor', 'open_qualified_split_minor'
    ], [], 1, 'now', true),
    ('deal', 'unknown_stages', 'unknown_stages', 'count', ['unknown_stages'], [], 1, 'now', true),
    ('deal', 'bookings_per_rep_day', 'reps_at_work', 'per_rep', ['won_minor', 'won_split_minor'], [], 1, 'days', false),
    ('deal', 'open_pipeline_per_rep', 'reps_at_work', 'per_rep', ['open_minor', 'open_split_minor'], [], 1, 'now', false),
    ('deal', 'pipeline_velocity', 'pipeline', 'velocity', [], [], 1, '90d', true),
    ('deal', 'stage_entries', 'funnel', 'stages', [], [], 1, 'period', true),
    ('deal', 'stage_conversion', 'funnel', 'stages', [], [], 1, 'period', true),
    ('deal', 'stage_conversion_value', 'stage_value', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_open', 'funnel', 'stages', [], [], 1, 'now', true),
    ('deal', 'stage_skips', 'stage_detours', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_regressions', 'stage_detours', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_reentries', 'stage_detours', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_time', 'stage_times', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_time_median', 'stage_times', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_time_total', 'stage_times', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_time_total_median', 'stage_times', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_reopens', 'stage_detours', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_exits', 'stage_exits', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_progress', 'stage_exits', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_progress_value', 'stage_exits', 'stages', [], [], 1, 'days', true),
    ('deal', 'stage_stall', 'stage_stall', 'stall', [], [], 1, 'now', false),
    ('deal', 'past_close_deals', 'past_close', 'count', ['past_close'], [], 1, 'now', true),
    ('deal', 'past_close_pipeline', 'past_close', 'count', ['past_close_minor'], [], 1, 'now', true),
    ('deal', 'stalled_deals', 'stalled', 'count', ['stalled'], [], 1, 'now', true),
    ('deal', 'stalled_pipeline', 'stalled', 'count', ['stalled_minor'], [], 1, 'now', true);
INSERT INTO definition
SELECT 'deal', 'pipeline_' || part, 'pipeline_change', 'count', ['pipeline_' || part || '_minor'], [], 1, 'days', true
FROM (SELECT unnest([
    'new', 'won', 'lost', 'increased', 'decreased', 'reopened', 'reassigned', 'deleted', 'merged', 'split'
]) AS part);
INSERT INTO definition
SELECT 'deal', 'win_rate_' || band || '_touches', 'win_rate_touches', 'ratio', ['won_' || band || '_touches'],
    ['closed_' || band || '_touches'], 1, 'days', true
FROM (SELECT unnest(['0_2', '3_5', '6_9', '10_or_more']) AS band)
UNION ALL
SELECT 'deal', 'win_rate_tried_' || band, 'win_rate_speed', 'ratio', ['won_tried_' || band], ['closed_tried_' || band], 1,
    'days', true
FROM (SELECT unnest(['5min', '60min', '1day', 'later']) AS band);
INSERT INTO day_measure
SELECT unnest([
    'stage_skipped', 'stage_fell_back', 'stage_came_back', 'stage_reopened', 'stage_entered_minor',
    'stage_converted_minor', 'stage_lost_minor', 'stage_entered_without_amount', 'stage_entered_unconverted',
    'stage_left_on', 'stage_left_lost', 'stage_left_minor', 'stage_left_on_minor', 'stage_left_without_amount',
    'stage_left_unconverted'
])
UNION ALL
SELECT part || '_' || band || '_touches'
FROM (SELECT unnest(['won', 'closed']) AS part), (SELECT unnest(['0_2', '3_5', '6_9', '10_or_more']) AS band)
UNION ALL
SELECT part || '_tried_' || band
FROM (SELECT unnest(['won', 'closed']) AS part), (SELECT unnest(['5min', '60min', '1day', 'later']) AS band);
INSERT INTO left_out
SELECT 'avg_deal_size', unnest(['won_without_amount', 'won_unconverted', 'won_adjustments']);
INSERT INTO amounts
SELECT kpi, deals, part || '_without_amount', part || '_unconverted',
    CASE WHEN kpi = 'win_rate_value' AND deals = 'won' THEN 'won_adjustments' END
FROM (VALUES
    ('deals_created_amount', 'deals_created', 'deals_created'),
    ('deals_created_amount_now', 'deals_created', 'deals_created_now'),
    ('win_rate_value', 'won', 'won'),
    ('win_rate_value', 'lost', 'lost'),
    ('bookings', 'won', 'won'),
    ('bookings_adjustments', 'won', 'won'),
    ('avg_deal_size', 'won', 'won'),
    ('bookings_per_rep_day', 'won', 'won'),
    ('open_pipeline_per_rep', 'open_deals', 'open'),
    ('median_deal_size', 'won', 'won'),
    ('open_pipeline', 'open_deals', 'open'),
    ('open_qualified_pipeline', 'open_qualified', 'open_qualified'),
    ('past_close_pipeline', 'past_close', 'past_close'),
    ('stalled_pipeline', 'stalled', 'stalled'),
    ('pipeline_velocity', 'won', 'won'),
    ('pipeline_change', 'pipeline_changes', 'pipeline_changes'),
    ('deals_pulled_amount', 'deals_pulled', 'deals_pulled'),
    ('deals_pushed_amount', 'deals_pushed', 'deals_pushed')
) AS _(kpi, deals, part);

-- @ judge
-- What each process was told to be, once for each text of it: its editions, in order, with the instant from which each
-- holds. An id that an edition does not declare may be the former one of a stage that it does.
CREATE OR REPLACE TEMP TABLE chart AS
SELECT row_number() OVER (ORDER BY payload) AS chart, payload
FROM (SELECT DISTINCT payload FROM copy WHERE subject LIKE 'process:%' AND payload <> 'null');

CREATE OR REPLACE TEMP TABLE declared AS
WITH edition AS (
    SELECT c.chart, e.key::INTEGER AS number, (e.value ->> 0)::BIGINT AS from_ms, e.value -> 1 AS stages
    FROM chart c, json_each(c.payload::JSON -> 'editions') e
)
SELECT
    e.chart, e.number, e.from_ms, s.value ->> 'id' AS stage, min(s.key::INTEGER) AS place,
    arg_max(coalesce(s.value ->> 'kind', 'open'), s.key::INTEGER) AS kind,
    coalesce(bool_or((s.value ->> 'qualified')::BOOLEAN), false) AS qualified
FROM edition e, json_each(e.stages) s
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE renamed AS
WITH edition AS (
    SELECT c.chart, e.key::INTEGER AS number, e.value -> 1 AS stages
    FROM chart c, json_each(c.payload::JSON -> 'editions') e
),
listed AS (
    SELECT e.chart, e.number, s.key::INTEGER AS place, s.value ->> 'id' AS stage, s.value -> 'former_ids' AS former_ids
    FROM edition e, json_each(e.stages) s
),
told AS (SELECT l.chart, l.number, l.place, l.stage, f.value ->> '$' AS former FROM listed l, json_each(l.former_ids) f)
SELECT t.chart, t.number, t.former, arg_max(t.stage, t.place) AS stage
FROM told t ANTI JOIN declared d ON d.chart = t.chart AND d.number = t.number AND d.stage = t.former
GROUP BY ALL;

-- A stage has the name that it has in the end, through all that it was renamed to since.
CREATE OR REPLACE TEMP TABLE named AS
WITH RECURSIVE spoken AS (
    SELECT chart, number, stage AS told, stage FROM declared
    UNION ALL SELECT chart, number, former, stage FROM renamed
),
edition AS (SELECT DISTINCT chart, number FROM declared),
followed AS (
    SELECT chart, number, told, stage, number AS step, stage AS name FROM spoken
    UNION ALL
    SELECT f.chart, f.number, f.told, f.stage, e.number, coalesce(r.stage, f.name)
    FROM followed f
    JOIN edition e ON e.chart = f.chart AND e.number = f.step + 1
    LEFT JOIN renamed r ON r.chart = e.chart AND r.number = e.number AND r.former = f.name
)
SELECT chart, number, told, stage, arg_max(name, step) AS name FROM followed GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE edition_rank AS
SELECT d.chart, d.number, n.name, max(d.place) AS rank
FROM declared d JOIN named n ON n.chart = d.chart AND n.number = d.number AND n.told = d.stage
WHERE d.kind = 'open'
GROUP BY ALL;

-- A stage is read by the last edition up to its time that has it; before the first that has it, by that.
CREATE OR REPLACE TEMP TABLE reading AS
SELECT
    n.chart, n.told, n.number, n.name, d.kind, CASE WHEN d.kind = 'open' THEN e.rank END AS rank,
    CASE WHEN row_number() OVER (PARTITION BY n.chart, n.told ORDER BY n.number) = 1 THEN -1 ELSE d.from_ms END AS since_ms
FROM named n
JOIN declared d ON d.chart = n.chart AND d.number = n.number AND d.stage = n.stage
LEFT JOIN edition_rank e ON e.chart = n.chart AND e.number = n.number AND e.name = n.name;

CREATE OR REPLACE TEMP TABLE stage_flag AS
SELECT
    chart, name, qualified,
    CASE WHEN row_number() OVER (PARTITION BY chart, name ORDER BY number) = 1 THEN -1 ELSE from_ms END AS since_ms
FROM (
    SELECT d.chart, d.number, d.from_ms, n.name, bool_or(d.qualified) AS qualified
    FROM declared d JOIN named n ON n.chart = d.chart AND n.number = d.number AND n.told = d.stage
    GROUP BY ALL
);

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
dead AS (
    SELECT key, pos FROM entry WHERE field = 'life' GROUP BY ALL HAVING arg_max(value, version) <> '"live"'
),
corrected AS (
    SELECT DISTINCT key, pos, field, source, corrects AS id FROM entry
    WHERE field <> 'life' AND corrects IS NOT NULL AND corrects <> id
),
standing AS (FROM entry ANTI JOIN corrected USING (key, pos, field, source, id) WHERE field <> 'life'),
export AS (
    SELECT key, pos, field, source, ingested, min(row(time_ms, sequence)) AS since
    FROM standing WHERE ingested > 0
    GROUP BY ALL
),
told_anew AS (
    SELECT DISTINCT e.key, e.pos, e.field, e.version
    FROM standing e JOIN export x ON x.key = e.key AND x.pos = e.pos AND x.field = e.field AND x.source = e.source
        AND x.ingested > e.ingested
    WHERE e.ingested > 0 AND x.since <= row(e.time_ms, e.sequence)
),
instant AS (
    SELECT key, log, pos, field, time_ms, sequence, row(time_ms, sequence) AS moment, arg_max(value, version) AS value
    FROM standing ANTI JOIN told_anew USING (key, pos, field, version)
    GROUP BY ALL
),
line AS (
    FROM instant QUALIFY value IS DISTINCT FROM lag(value) OVER (PARTITION BY key, pos, field ORDER BY moment)
),
within AS (
    SELECT key, log, pos, coalesce(value::JSON ->> '$', 'default') AS process,
        row(CASE WHEN row_number() OVER (PARTITION BY key, pos ORDER BY moment) = 1 THEN -1 ELSE time_ms END, sequence)
            AS since
    FROM line WHERE field = 'process_id'
    UNION ALL
    SELECT r.key, r.log, r.pos, 'default', row(-1::BIGINT, 0::BIGINT)
    FROM revival r ANTI JOIN (FROM line WHERE field = 'process_id') l ON l.key = r.key AND l.pos = r.pos
),
charted AS (
    SELECT w.key, w.pos, w.process, arg_max(c.payload, c.pos) AS payload
    FROM (SELECT DISTINCT key, log, pos, process FROM within) w
    JOIN copy c ON c.log = w.log AND c.pos < w.pos AND c.subject = 'process:' || w.process
    GROUP BY ALL
),
held AS (SELECT d.key, d.pos, d.process, c.chart FROM charted d JOIN chart c USING (payload)),
stepped AS (
    SELECT key, log, pos, time_ms, moment, value::JSON ->> '$' AS told, process
    FROM (
        SELECT i.key, i.log, i.pos, i.time_ms, i.moment, i.value, w.process
        FROM instant i ASOF JOIN within w ON w.key = i.key AND w.pos = i.pos AND i.moment >= w.since
        WHERE i.field = 'stage_id'
        QUALIFY row(w.process, i.value) IS DISTINCT FROM lag(row(w.process, i.value)) OVER (
            PARTITION BY i.key, i.pos ORDER BY i.moment
        )
    )
    WHERE value <> 'null'
),
known AS (SELECT s.*, h.chart FROM stepped s LEFT JOIN held h USING (key, pos, process)),
step AS (
    SELECT k.key, k.log, k.pos, k.time_ms, k.moment, r.kind,
        coalesce(last_value(r.kind IGNORE NULLS) OVER (PARTITION BY k.key, k.pos ORDER BY k.moment), 'open') AS state
    FROM known k ASOF LEFT JOIN reading r ON r.chart = k.chart AND r.told = k.told AND k.time_ms >= r.since_ms
),
run AS (
    FROM (SELECT *, lag(state) OVER (PARTITION BY key, pos ORDER BY moment) AS before FROM step)
    WHERE state IS DISTINCT FROM before
),
ended AS (SELECT key, pos, max(time_ms) AS closed_at_ms, arg_max(state, moment) AS state FROM run GROUP BY ALL),
undeclared AS (
    FROM step QUALIFY kind IS NULL AND row_number() OVER (PARTITION BY key, pos ORDER BY moment DESC) = 1
),
first AS (
    SELECT r.log, r.key, min(r.pos) AS pos
    FROM revival r JOIN ended e USING (key, pos) ANTI JOIN dead USING (key, pos)
        ANTI JOIN undeclared USING (key, pos), policy
    WHERE e.state <> 'open' AND greatest(e.closed_at_ms, r.heard_day_ms) + closed_ms < r.now_ms
    GROUP BY ALL
)
SELECT f.log, f.key, f.pos, h.process, h.chart FROM first f JOIN held h USING (key, pos);

DELETE FROM change c USING over o WHERE c.log = o.log AND c.key = o.key AND c.pos >= o.pos AND NOT c.astray;

-- @ object
-- Processes as they are; of deals that are over as they were when they came to be that.
CREATE OR REPLACE TEMP TABLE frozen AS
SELECT o.* FROM over o JOIN bound b ON o.log = b.log AND o.pos < b.below;

CREATE OR REPLACE TEMP TABLE present AS
SELECT r.log, r.name AS process, c.chart
FROM org_record r JOIN chart c ON c.payload = r.payload::VARCHAR SEMI JOIN declared d ON d.chart = c.chart
WHERE r.kind = 'process';

-- Those that have ended too: they were part of the pipeline until then.
CREATE OR REPLACE TEMP TABLE any_deal AS
SELECT
    o.log, o.key, o.life, o.state ->> 'account_id' AS account, (o.state ->> 'created_at')::BIGINT AS created_ms, h.heard_ms,
    CASE WHEN o.life <> 'live' THEN o.fate_version[1] END AS ended_ms
FROM object o
LEFT JOIN (
    SELECT key, min(first_ms) AS heard_ms
    FROM (
        SELECT key, field, min(time_ms) AS first_ms FROM telling
        GROUP BY ALL HAVING bool_or(value::JSON ->> '$' IS NOT NULL)
    )
    GROUP BY key
) h ON h.key = o.key
WHERE o.kind = 'deal';

CREATE OR REPLACE TEMP TABLE deal AS
SELECT log, key, account, created_ms, CASE WHEN created_ms IS NOT NULL THEN greatest(created_ms, heard_ms) END AS born_ms
FROM any_deal WHERE life = 'live';

-- From when on a deal is in which process, and what that is called; none has no stage that is known.
CREATE OR REPLACE TEMP TABLE process_span AS
WITH given AS (
    SELECT d.log, d.key, t.value::JSON ->> '$' AS name,
        row(CASE WHEN t.first THEN -1 ELSE t.time_ms END, t.sequence) AS since
    FROM any_deal d JOIN timeline t ON t.key = d.key AND t.field = 'process_id'
),
whole AS (
    FROM given UNION ALL SELECT log, key, NULL, row(-1::BIGINT, 0::BIGINT) FROM any_deal ANTI JOIN given g USING (key)
)
SELECT w.log, w.key, w.since, coalesce(f.chart, p.chart) AS chart,
    CASE
        WHEN coalesce(f.chart, p.chart) IS NOT NULL THEN coalesce(w.name, 'default')
        WHEN w.name IS NULL THEN 'default'
        ELSE 'unassigned'
    END AS shown
FROM whole w
LEFT JOIN frozen f ON f.key = w.key AND f.process = coalesce(w.name, 'default')
LEFT JOIN present p ON p.log = w.log AND p.process = coalesce(w.name, 'default')
    AND w.key NOT IN (SELECT key FROM frozen);

-- What was told of a deal's stage, in one process the same stage once, read by the process of that time. A stage that
-- this does not have leaves the deal as open or as closed as it was.
CREATE OR REPLACE TEMP TABLE stage_telling AS
SELECT t.key, t.time_ms, row(t.time_ms, t.sequence) AS moment, t.value
FROM telling t SEMI JOIN any_deal d ON d.key = t.key
WHERE t.field = 'stage_id';

CREATE OR REPLACE TEMP TABLE told_step AS
WITH within AS (
    SELECT t.key, t.time_ms, t.moment, t.value, p.log, p.chart, p.shown
    FROM stage_telling t ASOF JOIN process_span p ON p.key = t.key AND t.moment >= p.since
    QUALIFY row(p.shown, p.chart, t.value) IS DISTINCT FROM lag(row(p.shown, p.chart, t.value)) OVER (
        PARTITION BY t.key ORDER BY t.moment
    )
),
told AS (
    SELECT key, time_ms, moment, value::JSON ->> '$' AS told, log, chart, shown FROM within WHERE value <> 'null'
)
SELECT t.*, r.name, r.number, r.kind, r.rank,
    coalesce(last_value(r.kind IGNORE NULLS) OVER (PARTITION BY t.key ORDER BY t.moment), 'open') AS state
FROM told t ASOF LEFT JOIN reading r ON r.chart = t.chart AND r.told = t.told AND t.time_ms >= r.since_ms;

-- A process that changes without a word of the stage takes an open deal along, if it has that stage as an open one.
CREATE OR REPLACE TEMP TABLE step AS
WITH changed AS (
    SELECT p.key, p.since[1] AS time_ms, p.since AS moment, s.value::JSON ->> '$' AS told, p.log, p.chart, p.shown
    FROM process_span p ASOF JOIN stage_telling s ON s.key = p.key AND p.since >= s.moment
    WHERE s.value <> 'null' AND s.moment < p.since
),
went_on AS (
    SELECT c.*, r.name, r.number, r.kind, r.rank, 'open' AS state
    FROM changed c
    ASOF JOIN reading r ON r.chart = c.chart AND r.told = c.told AND c.time_ms >= r.since_ms
    WHERE r.kind = 'open'
)
FROM told_step
UNION ALL
SELECT w.* FROM went_on w ASOF JOIN told_step t ON t.key = w.key AND w.moment >= t.moment WHERE t.state = 'open';

CREATE OR REPLACE TEMP TABLE run AS
FROM (
    SELECT *, lag(state) OVER (PARTITION BY key ORDER BY moment) AS before FROM told_step
)
WHERE state IS DISTINCT FROM before;

CREATE OR REPLACE TEMP TABLE course AS
WITH final AS (FROM step QUALIFY row_number() OVER (PARTITION BY key ORDER BY moment DESC) = 1),
latest AS (FROM process_span QUALIFY row_number() OVER (PARTITION BY key ORDER BY since DESC) = 1),
ended AS (FROM run QUALIFY row_number() OVER (PARTITION BY key ORDER BY moment DESC) = 1),
place AS (
    SELECT d.*, c.now_ms, coalesce(e.state, 'open') AS state, CASE WHEN e.state <> 'open' THEN e.time_ms END AS closed_ms,
        CASE WHEN e.state <> 'open' THEN e.moment END AS closed_at,
        coalesce(f.shown, l.shown) AS shown, coalesce(f.name, 'unassigned') AS stage,
        f.key IS NOT NULL AND f.name IS NULL AS undeclared, CASE WHEN f.name IS NOT NULL THEN f.chart END AS chart
    FROM deal d
    JOIN clock c USING (log)
    LEFT JOIN ended e ON e.key = d.key
    LEFT JOIN final f ON f.key = d.key
    LEFT JOIN latest l ON l.key = d.key
)
SELECT p.*, coalesce(q.qualified, false) AS qualified
FROM place p ASOF LEFT JOIN stage_flag q ON q.chart = p.chart AND q.name = p.stage AND p.now_ms >= q.since_ms;

-- First entries: a stage skipped was passed with the next one told, by the edition that this is read by, and all that
-- lie ahead with the win.
CREATE OR REPLACE TEMP TABLE stage_entry AS
WITH first_told AS (SELECT key, shown, name, min(moment) AS moment FROM step WHERE rank IS NOT NULL GROUP BY ALL),
ahead AS (
    SELECT s.key, s.shown, s.chart, s.number, s.moment, s.name, s.rank, s.kind, s.state,
        coalesce(max(e.rank), -1) AS highest
    FROM (FROM step WHERE rank IS NOT NULL UNION ALL SELECT * EXCLUDE (before) FROM run WHERE kind = 'won') s
    LEFT JOIN first_told f ON f.key = s.key AND f.shown = s.shown AND f.moment < s.moment
    LEFT JOIN edition_rank e ON e.chart = s.chart AND e.number = s.number AND e.name = f.name
    GROUP BY ALL
),
reached AS (
    SELECT a.key, a.shown, e.name, min(a.moment) AS moment
    FROM ahead a JOIN edition_rank e ON e.chart = a.chart AND e.number = a.number
    WHERE a.kind = 'open' AND (e.name = a.name OR (e.rank < a.rank AND e.rank > a.highest))
    GROUP BY ALL
),
entered AS (
    FROM reached
    UNION ALL
    SELECT a.key, a.shown, e.name, a.moment
    FROM ahead a
    JOIN course c ON c.key = a.key AND c.closed_at = a.moment AND c.state = 'won'
    JOIN edition_rank e ON e.chart = a.chart AND e.number = a.number AND e.rank > a.highest
    ANTI JOIN reached r ON r.key = a.key AND r.shown = a.shown AND r.name = e.name
    WHERE a.kind = 'won'
),
onward AS (
    SELECT DISTINCT n.key, n.shown, n.name
    FROM entered n
    JOIN step s ON s.key = n.key AND s.shown = n.shown AND s.rank IS NOT NULL AND s.moment >= n.moment AND s.name <> n.name
    LEFT JOIN edition_rank e ON e.chart = s.chart AND e.number = s.number AND e.name = n.name
    WHERE e.rank IS NULL OR e.rank < s.rank
)
SELECT c.log, n.key, 'stage_entered' AS measure, n.shown || ':' || n.name AS stage, n.moment[1] AS at_ms,
    c.state = 'won' OR o.key IS NOT NULL AS converted,
    c.state = 'lost' AND o.key IS NULL AS lost, t.key IS NULL AS skipped,
    -- A stage that was skipped is entered by implication, unless its process says that it is not.
    t.key IS NOT NULL OR coalesce(p.payload ->> 'implied', 'true') <> 'false' AS counts
FROM entered n
JOIN course c ON c.key = n.key
LEFT JOIN org_record p ON p.log = c.log AND p.kind = 'process' AND p.name = n.shown
LEFT JOIN step t ON t.key = n.key AND t.shown = n.shown AND t.name = n.name AND t.moment = n.moment AND t.rank IS NOT NULL
LEFT JOIN onward o ON o.key = n.key AND o.shown = n.shown AND o.name = n.name
UNION ALL
SELECT log, key, 'stage_entered', shown || ':unassigned', min(time_ms), false, false, false, true
FROM told_step WHERE kind IS NULL GROUP BY log, key, shown
UNION ALL
SELECT c.log, c.key, 'stage_closed', r.shown || ':' || r.name, c.closed_ms, false, false, false, true
FROM course c JOIN run r ON r.key = c.key AND r.moment = c.closed_at;

-- Visits of open deals to stages: what was told of one stage in a row, whatever closed in between. Each telling lasts
-- until the next one; what lasts while the deal is closed is no part of a visit. The last visit is over if the deal is
-- closed.
CREATE OR REPLACE TEMP TABLE visit AS
WITH lasting AS (
    SELECT *, coalesce(name, 'unassigned') AS called,
        lead(time_ms) OVER (PARTITION BY key ORDER BY moment) AS until_ms,
        lead({state: state, shown: shown, chart: chart, number: number, rank: rank}) OVER (
            PARTITION BY key ORDER BY moment
        ) AS next
    FROM step
),
opened AS (
    SELECT *, row(shown, called) IS DISTINCT FROM lag(row(shown, called)) OVER (PARTITION BY key ORDER BY moment) AS begins
    FROM lasting WHERE state = 'open'
),
numbered AS (
    SELECT *, count(*) FILTER (begins) OVER (PARTITION BY key ORDER BY moment) AS visit FROM opened
),
whole AS (
    SELECT log, key, shown, called, visit, min(time_ms) AS from_ms, min(moment) AS moment,
        arg_min(chart, moment) AS chart, arg_min(number, moment) AS number, arg_min(rank, moment) AS rank,
        CASE WHEN count(until_ms) = count(*) THEN max(until_ms) END AS until_ms, arg_max(next, moment) AS next,
        sum(until_ms - time_ms)::BIGINT AS spent_ms
    FROM numbered GROUP BY ALL
)
SELECT *, row_number() OVER (PARTITION BY key, shown, called ORDER BY visit) AS nth,
    lag(called) OVER (PARTITION BY key ORDER BY visit) AS came_from,
    lag(shown) OVER (PARTITION BY key ORDER BY visit) AS came_in
FROM whole;

-- When a deal first left a stage for one before it, as its process was then, and when it first came back to one.
CREATE OR REPLACE TEMP TABLE turn AS
SELECT v.log, v.key, 'stage_fell_back' AS measure, v.came_in || ':' || v.came_from AS stage, min(v.from_ms) AS at_ms
FROM visit v JOIN edition_rank e ON e.chart = v.chart AND e.number = v.number AND e.name = v.came_from
WHERE v.came_in = v.shown AND v.rank < e.rank
GROUP BY ALL
UNION ALL
SELECT log, key, 'stage_came_back', shown || ':' || called, from_ms FROM visit WHERE nth = 2;

-- The stages that a deal left: when last, for how long it was in there then, and in all visits that are over; and what
-- came of it: a win, a loss, or another stage, which is a further one where it lies behind by the process of then.
CREATE OR REPLACE TEMP TABLE stay AS
WITH ended AS (
    SELECT v.*, CASE
            WHEN v.next.state = 'won' THEN 'on'
            WHEN v.next.state = 'lost' THEN 'lost'
            WHEN v.called = 'unassigned' OR v.next.shown <> v.shown THEN 'elsewhere'
            WHEN e.rank IS NULL AND v.next.rank IS NOT NULL OR e.rank < v.next.rank THEN 'on'
            ELSE 'elsewhere'
        END AS how
    FROM visit v
    LEFT JOIN edition_rank e ON e.chart = v.next.chart AND e.number = v.next.number AND e.name = v.called
    WHERE v.until_ms IS NOT NULL
)
SELECT log, key, shown || ':' || called AS stage, max(until_ms) AS at_ms, arg_max(spent_ms, visit) AS latest_ms,
    sum(spent_ms)::BIGINT AS total_ms, count(*) AS visits, arg_max(how, visit) AS how
FROM ended
GROUP BY ALL;

-- Who owned a deal when: before the first owner that is known, that one.
CREATE OR REPLACE TEMP TABLE moment AS
WITH asked AS (
    SELECT key, born_ms AS at_ms FROM deal WHERE born_ms IS NOT NULL
    UNION SELECT key, at_ms FROM stage_entry
    UNION SELECT key, at_ms FROM turn
    UNION SELECT key, at_ms FROM stay
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
    ((max(value) FILTER (field = 'amount_minor' AND last))::JSON ->> '$')::BIGINT AS amount_minor,
    ((max(value) FILTER (field = 'expected_close_on' AND last))::JSON ->> '$')::BIGINT AS closes_on
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

-- Who shared the money of a deal when: the last split that was told, until there is none. Reps are in the order of their
-- ids.
CREATE OR REPLACE TEMP TABLE split_span AS
SELECT log, key, time_ms, last,
    list_sort([row(s ->> 'rep_id', (s ->> 'share_bp')::BIGINT) FOR s IN nullif(value, 'null')::JSON[]]) AS pairs,
    [p[1] FOR p IN pairs] AS reps, [p[2] FOR p IN pairs] AS shares
FROM timeline WHERE field = 'split' AND final;

-- What stood of each deal when: at every instant at which something of it, or the place of one of its owners, became
-- another. An amount told within a day is its amount from the beginning. All are converted at the rate of the day on
-- which the deal began. One that was deleted at an instant at which something else was told of it was taken back, as
-- imports are that are undone: it never was.
CREATE OR REPLACE TEMP TABLE lifetime AS
WITH moment_told AS (
    SELECT key, time_ms FROM in_force WHERE kind = 'deal' AND by_time
    UNION
    SELECT key, max(version)[1] FROM in_force WHERE kind = 'deal' AND NOT by_time AND field <> 'life' GROUP BY key, field
)
SELECT d.*, coalesce(d.created_ms, d.heard_ms) AS began_ms, c.now_ms, f.told_ms
FROM any_deal d
JOIN clock c USING (log)
LEFT JOIN (
    SELECT key, min(time_ms) AS told_ms FROM timeline WHERE field = 'amount_minor' AND value <> 'null' GROUP BY key
) f ON f.key = d.key AND f.told_ms <= greatest(d.created_ms, d.heard_ms) + 86400000
WHERE began_ms IS NOT NULL AND NOT (life = 'deleted' AND (
    created_ms IS NOT DISTINCT FROM ended_ms
    OR EXISTS (FROM moment_told m WHERE m.key = d.key AND m.time_ms = d.ended_ms)
));

CREATE OR REPLACE TEMP TABLE stand AS
WITH turn AS (
    SELECT key, began_ms AS at_ms FROM lifetime
    UNION SELECT key, ended_ms FROM lifetime WHERE ended_ms IS NOT NULL
    UNION SELECT key, time_ms FROM run
    UNION SELECT key, time_ms FROM timeline
    WHERE field IN ('owner_id', 'split', 'amount_minor', 'currency', 'expected_close_on')
    UNION SELECT s.key, p.start_ms
    FROM (SELECT key, unnest(reps) AS rep FROM split_span) s
    JOIN lifetime l ON l.key = s.key
    JOIN named_span p ON p.log = l.log AND p.named = s.rep AND p.start_ms <= l.now_ms
    UNION SELECT t.key, p.start_ms
    FROM timeline t
    JOIN lifetime l ON l.key = t.key
    JOIN named_span p ON p.log = l.log AND p.named = t.value::JSON ->> '$' AND p.start_ms <= l.now_ms
    WHERE t.field = 'owner_id'
),
asked AS (
    SELECT l.*, t.at_ms, greatest(t.at_ms, l.told_ms) AS amount_ms, least(t.at_ms, l.now_ms) AS place_ms
    FROM turn t JOIN lifetime l ON l.key = t.key AND t.at_ms >= l.began_ms
),
last_run AS (FROM run QUALIFY lead(time_ms) OVER (PARTITION BY key ORDER BY moment) IS DISTINCT FROM time_ms),
owner AS (FROM timeline WHERE field = 'owner_id' AND final),
currency AS (FROM timeline WHERE field = 'currency' AND final),
amount AS (FROM timeline WHERE field = 'amount_minor' AND final),
due AS (FROM timeline WHERE field = 'expected_close_on' AND final),
told AS (
    SELECT a.log, a.key, a.at_ms, a.began_ms, a.place_ms,
        CASE WHEN a.at_ms >= a.ended_ms THEN CASE WHEN a.life LIKE 'into:%' THEN 'merged' ELSE 'deleted' END
            ELSE coalesce(r.state, 'open') END AS how,
        coalesce(o.value, o1.value)::JSON ->> '$' AS owner, coalesce(c.value, c1.value)::JSON ->> '$' AS currency,
        (m.value::JSON ->> '$')::BIGINT AS amount_minor, (e.value::JSON ->> '$')::BIGINT AS closes_on
    FROM asked a
    ASOF LEFT JOIN last_run r ON r.key = a.key AND a.at_ms >= r.time_ms
    ASOF LEFT JOIN owner o ON o.key = a.key AND a.at_ms >= o.time_ms
    LEFT JOIN timeline o1 ON o1.key = a.key AND o1.field = 'owner_id' AND o1.first
    ASOF LEFT JOIN currency c ON c.key = a.key AND a.at_ms >= c.time_ms
    LEFT JOIN timeline c1 ON c1.key = a.key AND c1.field = 'currency' AND c1.first
    ASOF LEFT JOIN amount m ON m.key = a.key AND a.amount_ms >= m.time_ms
    ASOF LEFT JOIN due e ON e.key = a.key AND a.at_ms >= e.time_ms
),
somewhere AS (
    SELECT t.*, t.how = 'open' AS stands, coalesce(p.team, 'unassigned') AS team,
        CASE WHEN t.owner IS NULL THEN '' ELSE coalesce(p.rep, 'unassigned') END AS rep
    FROM told t ASOF LEFT JOIN named_span p ON p.log = t.log AND p.named = t.owner AND t.place_ms >= p.start_ms
),
begun AS (
    SELECT l.key, floor((l.began_ms + o.offset_ms) / 86400000)::BIGINT + 719163 AS rate_day
    FROM lifetime l
    ASOF JOIN (FROM zone_span WHERE team = 'company') s ON s.log = l.log AND l.began_ms >= s.start_ms
    ASOF JOIN zone_offset o ON o.zone = s.zone AND l.began_ms >= o.from_ms
),
rated AS (
    SELECT s.*, c.currency AS into_currency, coalesce(s.currency, c.currency) AS of_currency,
        nullif(TRY_CAST(r.rate AS DECIMAL(38, 12)), 0) AS rate, di.digits - df.digits AS shift
    FROM somewhere s
    JOIN begun b ON b.key = s.key
    JOIN company c ON c.log = s.log
    ASOF LEFT JOIN rate_step r ON r.log = s.log AND r.currency = coalesce(s.currency, c.currency) AND b.rate_day >= r.day
    LEFT JOIN currency_digits df ON df.currency = coalesce(s.currency, c.currency)
    LEFT JOIN currency_digits di ON di.currency = c.currency
),
worth AS (
    SELECT *,
        CASE WHEN of_currency = into_currency THEN amount_minor ELSE at_rate(amount_minor, rate, shift) END AS converted
    FROM rated
)
SELECT log, key, at_ms, how, stands, closes_on, CASE WHEN stands THEN team END AS team, CASE WHEN stands THEN rep END AS rep,
    coalesce(converted, 0) AS minor, amount_minor IS NULL AS nothing, amount_minor IS NOT NULL AND converted IS NULL AS unpriced
FROM worth;

-- By the days of each team that ever had it: what the day began with, and what it ended with.
CREATE OR REPLACE TEMP TABLE stand_day AS
WITH had AS (SELECT DISTINCT key, team AS seen_by FROM stand WHERE stands),
dated AS (
    SELECT s.*, h.seen_by,
        least(floor((s.at_ms + o.offset_ms) / 86400000)::BIGINT + 719163, coalesce(z.last_day, 9999999)) AS day
    FROM had h
    JOIN stand s ON s.key = h.key
    ASOF JOIN zone_span z ON z.log = s.log AND z.team = h.seen_by AND s.at_ms >= z.start_ms
    ASOF JOIN zone_offset o ON o.zone = z.zone AND s.at_ms >= o.from_ms
),
ended AS (
    FROM dated QUALIFY row_number() OVER (PARTITION BY key, seen_by, day ORDER BY at_ms DESC) = 1
)
SELECT key, seen_by, day, how, team, rep, minor, nothing, unpriced, closes_on,
    coalesce(lag(how) OVER days, 'not yet') AS how_before, lag(team) OVER days AS team_before,
    lag(rep) OVER days AS rep_before, lag(minor) OVER days AS minor_before, lag(nothing) OVER days AS nothing_before,
    lag(unpriced) OVER days AS unpriced_before, lag(closes_on) OVER days AS closed_on_before
FROM ended
WINDOW days AS (PARTITION BY key, seen_by ORDER BY day);

-- What was credited elsewhere of what stood open, and taken from the owner's place, by the days of the team of each
-- place.
CREATE OR REPLACE TEMP TABLE split_day AS
WITH owned AS (
    SELECT s.log, s.key, s.at_ms, coalesce(o.value, o1.value)::JSON ->> '$' AS owner
    FROM stand s
    ASOF LEFT JOIN (FROM timeline WHERE field = 'owner_id' AND final) o ON o.key = s.key AND s.at_ms >= o.time_ms
    LEFT JOIN timeline o1 ON o1.key = s.key AND o1.field = 'owner_id' AND o1.first
),
told AS (
    SELECT s.*, least(s.at_ms, c.now_ms) AS place_ms, p.reps, p.shares, o.owner, r.named IS NOT NULL AS shared
    FROM stand s
    JOIN clock c USING (log)
    JOIN owned o ON o.key = s.key AND o.at_ms = s.at_ms
    ASOF LEFT JOIN split_span p ON p.key = s.key AND s.at_ms >= p.time_ms
    LEFT JOIN shared_rep r ON r.log = s.log AND r.named = o.owner
),
held AS (
    SELECT *, CASE WHEN len(reps) > 0 THEN reps ELSE [owner] END AS names,
        CASE WHEN len(reps) > 0 THEN parts_of(minor, shares) ELSE [minor] END AS parts
    FROM told WHERE stands AND (len(reps) > 0 OR shared)
),
given AS (SELECT log, key, at_ms, place_ms, unnest(names) AS name, unnest(parts) AS part FROM held),
landed AS (
    SELECT g.key, g.at_ms, coalesce(s.teams, ['unassigned']) AS teams, coalesce(s.rep, 'unassigned') AS rep,
        CASE WHEN s.rep IS NULL THEN [g.part] ELSE parts_of(g.part, s.shares) END AS pieces
    FROM given g ASOF LEFT JOIN named_span s ON s.log = g.log AND s.named = g.name AND g.place_ms >= s.start_ms
),
credited AS (
    SELECT key, at_ms, team, rep, -minor AS credit FROM held
    UNION ALL
    SELECT key, at_ms, unnest(teams), rep, unnest(pieces) FROM landed
),
at_place AS (SELECT key, at_ms, team, rep, sum(credit) AS credit FROM credited GROUP BY ALL),
dated AS (
    SELECT w.key, w.team, w.rep, s.at_ms,
        least(floor((s.at_ms + o.offset_ms) / 86400000)::BIGINT + 719163, coalesce(z.last_day, 9999999)) AS day
    FROM (SELECT DISTINCT key, team, rep FROM at_place) w
    JOIN stand s ON s.key = w.key
    ASOF JOIN zone_span z ON z.log = s.log AND z.team = w.team AND s.at_ms >= z.start_ms
    ASOF JOIN zone_offset o ON o.zone = z.zone AND s.at_ms >= o.from_ms
),
ended AS (
    FROM dated QUALIFY row_number() OVER (PARTITION BY key, team, rep, day ORDER BY at_ms DESC) = 1
),
known AS (
    SELECT e.*, coalesce(a.credit, 0) AS credit
    FROM ended e LEFT JOIN at_place a ON a.key = e.key AND a.team = e.team AND a.rep = e.rep AND a.at_ms = e.at_ms
)
SELECT key, team, rep, day, credit - coalesce(lag(credit) OVER (PARTITION BY key, team, rep ORDER BY day), 0) AS moved
FROM known;

-- @ claim
INSERT INTO claim
SELECT d.log, 'rep', m.owner, d.created_ms, unnest(['deals_created', 'deals_created_won']), NULL,
    unnest([1, (c.state = 'won')::BIGINT])
FROM deal d JOIN moment m ON m.key = d.key AND m.at_ms = d.born_ms JOIN course c ON c.key = d.key
UNION ALL
SELECT e.log, 'rep', m.owner, e.at_ms,
    unnest([e.measure, 'stage_converted', 'stage_lost', 'stage_skipped']), e.stage,
    unnest([e.counts::BIGINT, (e.counts AND e.converted)::BIGINT, (e.counts AND e.lost)::BIGINT, e.skipped::BIGINT])
FROM stage_entry e JOIN moment m USING (key, at_ms) JOIN deal d USING (key)
WHERE d.created_ms IS NOT NULL
UNION ALL
SELECT t.log, 'rep', m.owner, t.at_ms, t.measure, t.stage, 1
FROM turn t JOIN moment m USING (key, at_ms) JOIN deal d USING (key)
WHERE d.created_ms IS NOT NULL
UNION ALL
SELECT s.log, 'rep', m.owner, s.at_ms, 'stage_left_' || s.how, s.stage, 1
FROM stay s JOIN moment m USING (key, at_ms) JOIN deal d USING (key)
WHERE d.created_ms IS NOT NULL AND s.how <> 'elsewhere'
UNION ALL
SELECT d.log, 'rep', m.owner, r.time_ms, unnest(['reopened', 'stage_reopened']), unnest([NULL, r.shown || ':' || r.name]), 1
FROM run r JOIN moment m ON m.key = r.key AND m.at_ms = r.time_ms JOIN deal d ON d.key = r.key
WHERE r.state = 'open' AND r.before IS NOT NULL
UNION ALL
SELECT c.log, 'rep', l.owner, NULL, unnest(['open_deals', 'open_stage', 'open_qualified']),
    unnest([NULL, c.shown || ':' || c.stage, NULL]), unnest([1, 1, c.qualified::BIGINT])
FROM course c JOIN latest l USING (key)
WHERE c.closed_ms IS NULL
UNION ALL
SELECT c.log, 'rep', l.owner, NULL, 'closing', l.closes_on::VARCHAR, 1
FROM course c JOIN latest l USING (key)
WHERE c.closed_ms IS NULL AND l.closes_on IS NOT NULL
UNION ALL
SELECT c.log, 'rep', l.owner, NULL, 'unknown_stages', NULL, 1
FROM course c JOIN latest l USING (key)
WHERE c.undeclared
UNION ALL
SELECT c.log, 'rep', m.owner, c.closed_ms, c.state, NULL, 1
FROM course c JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms;

INSERT INTO lasting_claim
SELECT s.log, m.owner, s.at_ms, s.stage, unnest(CASE WHEN visits = 1 THEN ['stage_once'] ELSE ['stage_latest', 'stage_total'] END),
    unnest(CASE WHEN visits = 1 THEN [total_ms] ELSE [latest_ms, total_ms] END)
FROM stay s JOIN moment m USING (key, at_ms) JOIN deal d USING (key)
WHERE d.created_ms IS NOT NULL;

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
SELECT e.log, m.owner, e.at_ms, CASE
        WHEN e.converted THEN ['stage_entered_minor', 'stage_converted_minor']
        WHEN e.lost THEN ['stage_entered_minor', 'stage_lost_minor']
        ELSE ['stage_entered_minor']
    END, ['stage_entered_without_amount'], ['stage_entered_unconverted'], NULL, e.stage, NULL,
    CASE WHEN w.amount_minor >= 0 THEN w.amount_minor END, w.currency
FROM stage_entry e JOIN moment m USING (key, at_ms) JOIN deal d USING (key) JOIN worth w USING (key)
WHERE d.created_ms IS NOT NULL AND e.counts AND e.measure = 'stage_entered' AND e.stage NOT LIKE '%:unassigned'
UNION ALL
SELECT s.log, m.owner, s.at_ms,
    CASE WHEN s.how = 'on' THEN ['stage_left_minor', 'stage_left_on_minor'] ELSE ['stage_left_minor'] END,
    ['stage_left_without_amount'], ['stage_left_unconverted'], NULL, s.stage, NULL,
    CASE WHEN w.amount_minor >= 0 THEN w.amount_minor END, w.currency
FROM stay s JOIN moment m USING (key, at_ms) JOIN deal d USING (key) JOIN worth w USING (key)
WHERE d.created_ms IS NOT NULL
UNION ALL
SELECT c.log, l.owner, NULL,
    CASE WHEN c.qualified THEN ['open_minor', 'open_qualified_minor'] ELSE ['open_minor'] END,
    CASE WHEN c.qualified THEN ['open_without_amount', 'open_qualified_without_amount']
        ELSE ['open_without_amount'] END,
    CASE WHEN c.qualified THEN ['open_unconverted', 'open_qualified_unconverted', 'unconverted']
        ELSE ['open_unconverted', 'unconverted'] END,
    'open_stage_minor', c.shown || ':' || c.stage, NULL, w.amount_minor, w.currency
FROM course c JOIN latest l USING (key) JOIN worth w USING (key)
WHERE c.closed_ms IS NULL
UNION ALL
SELECT c.log, l.owner, NULL, ['closing_minor'], ['closing_without_amount'], ['closing_unconverted'], NULL,
    l.closes_on::VARCHAR, NULL, w.amount_minor, w.currency
FROM course c JOIN latest l USING (key) JOIN worth w USING (key)
WHERE c.closed_ms IS NULL AND l.closes_on IS NOT NULL;

-- The same money, as the reps of a split share it, or the teams that share its owner: by the split of the instant that
-- says whose it is.
INSERT INTO split_claim
WITH money AS (
    SELECT d.log, d.key, a.owner, d.born_ms AS told_ms, d.created_ms AS at_ms, ['deals_created_split_minor'] AS measures,
        a.amount_minor, a.currency
    FROM deal d JOIN asking a USING (key)
    UNION ALL
    SELECT d.log, d.key, a.owner, d.born_ms, d.created_ms, ['deals_created_now_split_minor'], w.amount_minor, w.currency
    FROM deal d JOIN asking a USING (key) JOIN worth w USING (key)
    UNION ALL
    SELECT c.log, c.key, m.owner, c.closed_ms, c.closed_ms, ['won_split_minor'], w.amount_minor, w.currency
    FROM course c JOIN worth w USING (key) JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms
    WHERE c.state = 'won'
    UNION ALL
    SELECT c.log, c.key, l.owner, 9000000000000000, NULL, CASE
            WHEN c.qualified THEN ['open_split_minor', 'open_qualified_split_minor'] ELSE ['open_split_minor']
        END, w.amount_minor, w.currency
    FROM course c JOIN latest l USING (key) JOIN worth w USING (key)
    WHERE c.closed_ms IS NULL
)
SELECT m.log, m.owner, m.at_ms, m.measures, m.amount_minor, m.currency,
    CASE WHEN len(p.reps) > 0 THEN p.reps ELSE [m.owner] END, CASE WHEN len(p.reps) > 0 THEN p.shares ELSE [1] END
FROM money m
ASOF LEFT JOIN split_span p ON p.key = m.key AND m.told_ms >= p.time_ms
LEFT JOIN shared_rep s ON s.log = m.log AND s.named = m.owner
WHERE len(p.reps) > 0 OR s.named IS NOT NULL;

INSERT INTO daily_claim SELECT team, rep, day, 'pipeline_split_minor', moved FROM split_day;

-- How the open pipeline changed, in the places of the team whose days these are.
INSERT INTO daily_claim
WITH change AS (
    SELECT *, team IS NOT DISTINCT FROM team_before AND rep IS NOT DISTINCT FROM rep_before AS stays,
        how = 'open' AND team = seen_by AS here, how_before = 'open' AND team_before = seen_by AS was_here
    FROM stand_day
),
edited AS (
    FROM change WHERE here AND stays
        AND (minor <> minor_before OR nothing <> nothing_before OR unpriced <> unpriced_before)
),
arrived AS (FROM change WHERE here AND NOT stays),
gone AS (FROM change WHERE was_here AND NOT stays)
SELECT team, rep, day, 'pipeline_changes', 1 FROM edited
UNION ALL SELECT team, rep, day, 'pipeline_changes', 1 FROM arrived
UNION ALL SELECT team_before, rep_before, day, 'pipeline_changes', 1 FROM gone
UNION ALL
SELECT team, rep, day, 'pipeline_changes_unconverted', 1 FROM edited
WHERE (unpriced OR nothing) AND (unpriced_before OR nothing_before)
UNION ALL SELECT team, rep, day, 'pipeline_changes_unconverted', 1 FROM arrived WHERE unpriced
UNION ALL SELECT team_before, rep_before, day, 'pipeline_changes_unconverted', 1 FROM gone WHERE unpriced_before
UNION ALL
SELECT team, rep, day, 'pipeline_changes_without_amount', 1 FROM arrived WHERE nothing
UNION ALL SELECT team_before, rep_before, day, 'pipeline_changes_without_amount', 1 FROM gone WHERE nothing_before
UNION ALL
SELECT team, rep, day, CASE WHEN minor > minor_before THEN 'pipeline_increased_minor' ELSE 'pipeline_decreased_minor' END,
    minor - minor_before
FROM change WHERE here AND how_before = 'open' AND minor <> minor_before
UNION ALL
SELECT team, rep, day, CASE how_before
        WHEN 'not yet' THEN 'pipeline_new_minor'
        WHEN 'open' THEN 'pipeline_reassigned_minor'
        ELSE 'pipeline_reopened_minor'
    END, CASE how_before WHEN 'open' THEN minor_before ELSE minor END
FROM arrived
UNION ALL
SELECT team_before, rep_before, day,
    'pipeline_' || CASE how WHEN 'open' THEN 'reassigned' ELSE how END || '_minor', -minor_before
FROM gone
UNION ALL
SELECT team, rep, day, 'deals_' || CASE WHEN closes_on < closed_on_before THEN 'pulled' ELSE 'pushed' END || part,
    CASE part WHEN '' THEN 1 WHEN '_minor' THEN minor WHEN '_unconverted' THEN unpriced::BIGINT ELSE nothing::BIGINT END
FROM change, (SELECT unnest(['', '_minor', '_unconverted', '_without_amount']) AS part)
WHERE here AND how_before = 'open' AND closes_on <> closed_on_before;

-- Open deals by when anybody last was in touch, or will meet, since they were created.
INSERT INTO untouched_claim
WITH touched AS (
    SELECT subject, max(greatest(at_ms, meets_ms)) AS at_ms
    FROM (
        SELECT subject, (payload::JSON ->> 'at_ms')::BIGINT AS at_ms, (payload::JSON ->> 'meets_ms')::BIGINT AS meets_ms
        FROM standing_link WHERE kind = 'touch'
        UNION ALL
        SELECT subject, at_ms, NULL FROM passed_link WHERE kind = 'last'
    )
    GROUP BY subject
)
SELECT c.log, l.owner, greatest(c.created_ms, t.at_ms, 0), w.amount_minor, w.currency
FROM course c JOIN latest l USING (key) JOIN worth w USING (key) LEFT JOIN touched t ON t.subject = c.key
WHERE c.closed_ms IS NULL;

-- From creation to close, in local days of the team that closed it.
INSERT INTO cycle_claim
SELECT c.log, m.owner, c.created_ms, c.closed_ms AS at_ms, c.state
FROM course c JOIN moment m ON m.key = c.key AND m.at_ms = c.closed_ms
WHERE c.created_ms IS NOT NULL;

-- How often anybody was in touch with a deal until it was closed, in bands.
INSERT INTO claim
WITH touched AS (
    SELECT c.key, count(t.subject) AS touches
    FROM course c LEFT JOIN standing_link t
        ON t.kind = 'touch' AND t.subject = c.key AND (t.payload::JSON ->> 'at_ms')::BIGINT <= c.closed_ms
    WHERE c.closed_ms IS NOT NULL
    GROUP BY c.key
),
banded AS (
    SELECT c.log, c.key, c.closed_ms, c.state, CASE
            WHEN touches <= 2 THEN '0_2' WHEN touches <= 5 THEN '3_5' WHEN touches <= 9 THEN '6_9' ELSE '10_or_more'
        END AS band
    FROM course c JOIN touched USING (key)
)
SELECT b.log, 'rep', m.owner, b.closed_ms, how || '_' || band || '_touches', NULL, 1
FROM (FROM banded, (SELECT unnest(['closed', 'won']) AS how)) b
JOIN moment m ON m.key = b.key AND m.at_ms = b.closed_ms
WHERE b.how = 'closed' OR b.state = 'won';

-- How soon the lead was tried that a deal came of, the first of several that came in.
INSERT INTO claim
WITH lead_of AS (
    SELECT subject AS key, arg_min(payload::JSON, row((payload::JSON ->> 'at_ms')::BIGINT, origin)) AS told
    FROM standing_link WHERE kind = 'became' GROUP BY subject
),
timed AS (
    SELECT c.log, c.key, c.closed_ms, c.state, coalesce(
        (l.told ->> 'tried_ms')::BIGINT - (l.told ->> 'at_ms')::BIGINT, 9000000000000
    ) AS took_ms
    FROM course c JOIN lead_of l USING (key)
    WHERE c.closed_ms IS NOT NULL
)
SELECT t.log, 'rep', m.owner, t.closed_ms, how || '_tried_' || CASE
        WHEN took_ms <= 300000 THEN '5min' WHEN took_ms <= 3600000 THEN '60min' WHEN took_ms <= 86400000 THEN '1day' ELSE 'later'
    END, NULL, 1
FROM (FROM timed, (SELECT unnest(['closed', 'won']) AS how)) t
JOIN moment m ON m.key = t.key AND m.at_ms = t.closed_ms
WHERE t.how = 'closed' OR t.state = 'won';

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
