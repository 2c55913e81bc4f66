-- Calls, as the dialer tells of them, or as people logged them where it does not.

-- @ declare
INSERT INTO kind_rule VALUES ('call', 'telephony', 'briefly');
INSERT INTO anchor VALUES ('call', 'started_at', 'instant');
INSERT INTO past VALUES ('call', 'started_at'), ('call', 'answered_at'), ('call', 'ended_at'),
    ('call', 'legs.answered_at'), ('call', 'legs.ended_at');
INSERT INTO definition VALUES
    ('call', 'goal_attainment', 'goals', 'goals', [], [], 1, 'calendar', true),
    ('call', 'goal_pace', 'goals', 'goals', [], [], 1, 'calendar', true),
    ('call', 'pipeline_coverage', 'goals', 'goals', [], [], 1, 'quarter', true),
    ('call', 'calls', 'calls', 'count', ['calls'], [], 1, 'period', true),
    ('call', 'dials', 'calls', 'count', ['dials'], [], 1, 'period', true),
    ('call', 'connected_calls', 'calls', 'count', ['connected'], [], 1, 'period', true),
    ('call', 'connect_rate', 'calls', 'ratio', ['connected_dials'], ['dials'], 1, 'period', true),
    ('call', 'talk_time', 'calls', 'count', ['talk_ms'], [], 1000, 'period', true),
    ('call', 'avg_talk_time', 'calls', 'ratio', ['talk_ms'], ['talk_legs'], 1000, 'period', true),
    ('call', 'conversations_60s', 'calls', 'count', ['conversations'], [], 1, 'period', true),
    ('call', 'conversation_rate_60s', 'calls', 'ratio', ['conversations'], ['dials'], 1, 'period', true),
    ('call', 'hold_time', 'handling', 'count', ['hold_ms'], [], 1000, 'period', true),
    ('call', 'avg_hold_time', 'handling', 'ratio', ['hold_ms'], ['talk_legs'], 1000, 'period', true),
    ('call', 'wrap_up_time', 'handling', 'count', ['wrap_up_ms'], [], 1000, 'period', true),
    ('call', 'avg_wrap_up_time', 'handling', 'ratio', ['wrap_up_ms'], ['wrapped_up'], 1000, 'period', true),
    ('call', 'handle_time', 'handling', 'count', ['talk_ms', 'hold_ms', 'wrap_up_ms'], [], 1000, 'period', true),
    ('call', 'avg_handle_time', 'handling', 'ratio', ['talk_ms', 'hold_ms', 'wrap_up_ms'], ['talk_legs'], 1000,
        'period', true),
    ('call', 'wrap_up_known', 'handling', 'ratio', ['wrapped_up'], ['talk_legs'], 1, 'period', true),
    ('call', 'missed_rings', 'missed', 'count', ['missed'], [], 1, 'period', true),
    ('call', 'hung_up_ringing', 'missed', 'count', ['hung_up_ringing'], [], 1, 'period', true),
    ('call', 'negative_talk', 'negative_talk', 'count', ['negative_talk'], [], 1, 'period', true),
    ('call', 'offered', 'inbound', 'count', ['offered'], [], 1, 'period', true),
    ('call', 'answered', 'inbound', 'count', ['answered'], [], 1, 'period', true),
    ('call', 'abandoned', 'inbound', 'count', ['abandoned'], [], 1, 'period', true),
    ('call', 'abandon_rate', 'inbound', 'ratio', ['abandoned'], ['offered'], 1, 'period', true),
    ('call', 'answer_speed', 'inbound', 'ratio', ['answer_wait_ms'], ['answered'], 1000, 'period', true),
    ('call', 'service_level_20s', 'inbound', 'ratio', ['answered_in_20s'], ['offered'], 1, 'period', true),
    ('call', 'service_level_20s_answered', 'inbound', 'ratio', ['answered_in_20s'], ['answered'], 1, 'period', true),
    ('call', 'callers_waiting', 'waiting_callers', 'wait', ['callers_waiting'], [], 1, 'now', false),
    ('call', 'dials_per_meeting', 'effort', 'ratio', ['dials'], ['meetings_set'], 1, '90d', true);
INSERT INTO left_out
SELECT unnest(['answer_speed', 'service_level_20s', 'service_level_20s_answered']), 'answered_untimed';
INSERT INTO left_out VALUES ('conversation_rate_60s', 'conversations_untimed');

-- @ object
-- A call that the dialer says nothing of is what the first activity by key says that names it.
INSERT INTO logged_call
SELECT
    l.log, l.payload ->> 'rep', (l.payload ->> 'at_ms')::BIGINT, (l.payload ->> 'outbound')::BOOLEAN,
    (l.payload ->> 'dials')::BIGINT, (l.payload ->> 'connected')::BOOLEAN, (l.payload ->> 'talk_ms')::BIGINT
FROM (
    SELECT log, subject, payload::JSON AS payload FROM standing_link WHERE kind = 'logged'
    QUALIFY row_number() OVER (PARTITION BY subject ORDER BY origin) = 1
) l
LEFT JOIN object o ON o.key = l.subject
WHERE o.key IS NULL OR (o.life = 'live' AND o.state ->> 'started_at' IS NULL);

CREATE OR REPLACE TEMP TABLE leg AS
SELECT
    o.key, l.key::INTEGER AS place, CASE WHEN l.value ->> 'rep_id' IS NULL THEN 'team' ELSE 'rep' END AS who,
    coalesce(l.value ->> 'rep_id', l.value ->> 'team_id') AS name, (l.value ->> 'answered_at')::BIGINT AS answered_ms,
    coalesce(l.value ->> 'ended_at', o.state ->> 'ended_at')::BIGINT AS ended_ms,
    (l.value ->> 'talk_seconds')::BIGINT AS talk_ms, coalesce((l.value ->> 'hold_seconds')::BIGINT, 0) AS hold_ms,
    (l.value ->> 'wrap_up_seconds')::BIGINT AS wrap_up_ms, (l.value ->> 'ended_at')::BIGINT AS own_end_ms,
    l.value ->> 'rep_id' AS rep,
    answered_ms IS NOT NULL OR coalesce((l.value ->> 'talk_seconds')::BIGINT, 0) > 0 AS taken
FROM object o, json_each(coalesce(nullif(o.state ->> 'legs', 'null'), '[]')::JSON) l
WHERE o.kind = 'call';

CREATE OR REPLACE TEMP TABLE first_leg AS
FROM leg WHERE answered_ms IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY key ORDER BY answered_ms, place) = 1;

-- It counts for whoever answered first, or else whom it names itself.
CREATE OR REPLACE TEMP TABLE dialled AS
SELECT
    log, o.key,
    CASE WHEN f.name IS NOT NULL THEN f.who WHEN state ->> 'rep_id' IS NULL THEN 'team' ELSE 'rep' END AS who,
    coalesce(f.name, state ->> 'rep_id', state ->> 'team_id') AS name, coalesce(state ->> 'direction', '') AS direction,
    (state ->> 'started_at')::BIGINT AS started_ms, (state ->> 'answered_at')::BIGINT AS answered_ms,
    coalesce(f.answered_ms, (state ->> 'answered_at')::BIGINT) AS first_answered_ms,
    o.key IN (SELECT key FROM leg) AS has_legs,
    (state ->> 'ended_at')::BIGINT AS ended_ms, (state ->> 'talk_seconds')::BIGINT AS talk_ms,
    coalesce((state ->> 'hold_seconds')::BIGINT, 0) AS hold_ms, (state ->> 'wait_seconds')::BIGINT AS wait_ms,
    (state ->> 'wrap_up_seconds')::BIGINT AS wrap_up_ms, state ->> 'rep_id' AS rep, state ->> 'outcome' AS outcome,
    coalesce(state ->> 'state' IN ('queued', 'ringing'), false) AS in_progress,
    coalesce(state ->> 'outcome', '') = 'abandoned' AS abandoned,
    CASE WHEN state ->> 'outcome' IS NOT NULL THEN state ->> 'outcome' = 'answered'
        ELSE coalesce(f.answered_ms::VARCHAR, state ->> 'answered_at') IS NOT NULL
            OR coalesce(state ->> 'state', '') = 'answered' END AS answered
FROM object o LEFT JOIN first_leg f ON f.key = o.key
WHERE kind = 'call' AND life = 'live' AND state ->> 'started_at' IS NOT NULL
    AND state ->> 'direction' IS DISTINCT FROM 'internal';

-- @ claim
INSERT INTO claim
SELECT log, 'rep', rep, at_ms,
    unnest([
        'calls', 'activities', 'dials', 'connected', 'talk_legs', 'talk_ms', 'connected_dials', 'conversations',
        'conversations_untimed'
    ]), NULL,
    unnest([
        1, (outbound OR connected)::BIGINT, CASE WHEN outbound THEN dials ELSE 0 END, connected::BIGINT,
        (connected AND talk_ms IS NOT NULL)::BIGINT, CASE WHEN connected THEN coalesce(talk_ms, 0) ELSE 0 END,
        (connected AND outbound)::BIGINT, (connected AND outbound AND coalesce(talk_ms, 0) >= 60000)::BIGINT,
        (connected AND outbound AND talk_ms IS NULL)::BIGINT
    ])
FROM logged_call;

INSERT INTO claim
SELECT log, who, name, started_ms,
    unnest([
        'calls', 'activities', 'connected', 'dials', 'connected_dials', 'offered', 'answered', 'abandoned',
        'answered_untimed', 'answer_wait_ms', 'answered_in_20s'
    ]), NULL,
    unnest([
        1, (answered OR NOT inbound)::BIGINT, answered::BIGINT, outbound::BIGINT, (outbound AND answered)::BIGINT,
        inbound::BIGINT, (inbound AND answered)::BIGINT, (inbound AND NOT answered AND abandoned)::BIGINT,
        (inbound AND answered AND waited_ms IS NULL)::BIGINT,
        CASE WHEN inbound AND answered THEN coalesce(waited_ms, 0) ELSE 0 END,
        (inbound AND answered AND coalesce(waited_ms <= 20000, false))::BIGINT
    ])
FROM (
    SELECT *, direction = 'inbound' AS inbound, direction = 'outbound' AS outbound,
        CASE
            WHEN wait_ms IS NOT NULL THEN wait_ms
            WHEN first_answered_ms IS NOT NULL THEN greatest(first_answered_ms - started_ms, 0)
        END AS waited_ms
    FROM dialled
);

-- Callers who wait, by the second in which they called, in a ring of 64 minutes.
INSERT INTO claim
SELECT log, who, name, started_ms, 'callers_waiting', (started_ms // 1000 % 3840)::VARCHAR, 1
FROM dialled
WHERE direction = 'inbound' AND NOT answered AND in_progress AND outcome IS NULL AND ended_ms IS NULL;

-- Each part of an answered call: what was talked is what the dialer says, else from answer to end without holds. Clocks
-- that differ may make that less than nothing. A leg that only rang is no part.
CREATE OR REPLACE TEMP TABLE spoken AS
FROM (
    SELECT
        key, log, who, name, coalesce(ended_ms, started_ms) AS at_ms, talk_ms AS told_ms,
        ended_ms - answered_ms - hold_ms AS between_ms, hold_ms, wrap_up_ms
    FROM dialled WHERE answered AND NOT has_legs
    UNION ALL
    SELECT
        key, d.log, l.who, l.name, coalesce(l.ended_ms, l.answered_ms, d.started_ms), l.talk_ms,
        l.ended_ms - l.answered_ms - l.hold_ms, l.hold_ms, l.wrap_up_ms
    FROM dialled d JOIN leg l USING (key) WHERE d.answered AND l.taken
);

-- It counts at its end for who had it, with its hold and what is known of its wrap-up.
INSERT INTO claim
SELECT log, who, name, at_ms,
    unnest(['talk_legs', 'talk_ms', 'negative_talk', 'hold_ms', 'wrapped_up', 'wrap_up_ms']), NULL,
    unnest([
        1, coalesce(told_ms, greatest(between_ms, 0)), (told_ms IS NULL AND between_ms < 0)::BIGINT, hold_ms,
        (wrap_up_ms IS NOT NULL)::BIGINT, coalesce(wrap_up_ms, 0)
    ])
FROM spoken
WHERE told_ms IS NOT NULL OR between_ms IS NOT NULL;

-- An answered dial is a conversation once a minute was talked in all its parts together. Shorter, it is none if the talk
-- of each is known.
INSERT INTO claim
SELECT log, who, name, started_ms, unnest(['conversations', 'conversations_untimed']), NULL,
    unnest([minute::BIGINT, (NOT minute AND NOT timed)::BIGINT])
FROM (
    SELECT d.log, d.who, d.name, d.started_ms,
        coalesce(sum(greatest(coalesce(told_ms, between_ms), 0)), 0) >= 60000 AS minute,
        count(s.key) > 0 AND count(s.key) = count(coalesce(told_ms, between_ms)) AS timed
    FROM dialled d LEFT JOIN spoken s USING (key)
    WHERE d.answered AND d.direction = 'outbound'
    GROUP BY d.key, d.log, d.who, d.name, d.started_ms
);

-- Phones that rang in vain, by how the ringing stopped: before the call was over, by itself unless a colleague answered
-- within the second before; with the call, by itself or by the caller, as the outcome says.
INSERT INTO claim
SELECT log, 'rep', rep, started_ms, unnest(['missed', 'hung_up_ringing']), NULL,
    unnest([
        CASE WHEN early THEN NOT taken_over ELSE rang_out END::BIGINT,
        (NOT early AND NOT rang_out AND caller)::BIGINT
    ])
FROM (
    SELECT d.log, l.rep, d.started_ms,
        coalesce(l.own_end_ms < coalesce(d.ended_ms, l.own_end_ms + 1), false) AS early,
        EXISTS (
            SELECT 1 FROM leg c
            WHERE c.key = d.key AND l.own_end_ms BETWEEN c.answered_ms AND c.answered_ms + 1000
        ) AS taken_over,
        coalesce(d.outcome IN ('no_answer', 'voicemail'), false) AS rang_out,
        coalesce(d.outcome IN ('abandoned', 'cancelled'), false)
            OR (d.ended_ms IS NOT NULL AND d.key IN (SELECT key FROM leg WHERE taken)) AS caller
    FROM dialled d JOIN leg l USING (key)
    WHERE d.direction = 'inbound' AND NOT l.taken AND l.rep IS NOT NULL
    UNION ALL
    SELECT log, rep, started_ms, false, false, coalesce(outcome IN ('no_answer', 'voicemail'), false),
        coalesce(outcome IN ('abandoned', 'cancelled'), false)
    FROM dialled
    WHERE direction = 'inbound' AND NOT answered AND NOT has_legs AND rep IS NOT NULL
);

-- @ say
INSERT INTO touch
SELECT key, at_ms, outbound, rep, unnest(['lead:' || (state ->> 'lead_id'), 'deal:' || (state ->> 'deal_id')]), NULL,
    unnest([CASE WHEN answered THEN at_ms END, NULL])
FROM (
    SELECT o.key, state, (state ->> 'started_at')::BIGINT AS at_ms,
        CASE WHEN f.name IS NULL THEN state ->> 'rep_id' WHEN f.who = 'rep' THEN f.name END AS rep,
        state ->> 'direction' IS DISTINCT FROM 'inbound' AS outbound,
        coalesce(state ->> 'direction', '') AS direction,
        CASE WHEN state ->> 'outcome' IS NOT NULL THEN state ->> 'outcome' = 'answered'
            ELSE coalesce(f.answered_ms::VARCHAR, state ->> 'answered_at') IS NOT NULL
                OR coalesce(state ->> 'state', '') = 'answered' END AS answered
    FROM object o LEFT JOIN first_leg f ON f.key = o.key
    WHERE kind = 'call' AND life = 'live' AND direction <> 'internal' AND (direction <> 'inbound' OR answered)
);

-- @ cover
INSERT INTO oldest
SELECT 'briefly', min((state ->> 'started_at')::BIGINT) FROM object WHERE kind = 'call';
