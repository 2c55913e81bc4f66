-- What calls, emails, meetings and other activities count: one row a measure, for whom and when.
-- `who` tells whether `name` is a rep or a team; without an instant it stands now.
CREATE OR REPLACE TEMP TABLE claim (
    log VARCHAR, who VARCHAR, name VARCHAR, at_ms BIGINT, measure VARCHAR, stage VARCHAR, amount BIGINT
);

-- A call as people logged it: the activity itself where it names no call of the dialer, else by its link to that call.
CREATE OR REPLACE TEMP TABLE logged_call AS
SELECT
    log, state ->> 'rep_id' AS rep, (state ->> 'occurred_at')::BIGINT AS at_ms,
    state ->> 'direction' IS DISTINCT FROM 'inbound' AS outbound, coalesce((state ->> 'dials')::BIGINT, 1) AS dials,
    coalesce((state ->> 'connected')::BOOLEAN, false) AS connected,
    coalesce((state ->> 'talk_seconds')::BIGINT, 0) AS talk_ms
FROM object
WHERE kind = 'activity' AND life = 'live' AND state ->> 'kind' = 'call' AND state ->> 'call_id' IS NULL
    AND state ->> 'occurred_at' IS NOT NULL
UNION ALL
SELECT
    l.log, l.payload ->> 'rep', (l.payload ->> 'at_ms')::BIGINT, (l.payload ->> 'outbound')::BOOLEAN,
    (l.payload ->> 'dials')::BIGINT, (l.payload ->> 'connected')::BOOLEAN, (l.payload ->> 'talk_ms')::BIGINT
FROM (
    SELECT log, subject, payload::JSON AS payload FROM own_link WHERE kind = 'logged'
    QUALIFY row_number() OVER (PARTITION BY subject ORDER BY origin) = 1
) l
LEFT JOIN object o ON o.key = l.subject
WHERE o.key IS NULL OR (o.life = 'live' AND o.state ->> 'started_at' IS NULL);

INSERT INTO claim
SELECT log, 'rep', rep, at_ms, unnest(['calls', 'activities', 'dials', 'connected', 'talk_ms', 'connected_dials']), NULL,
    unnest([
        1, (outbound OR connected)::BIGINT, CASE WHEN outbound THEN dials ELSE 0 END, connected::BIGINT,
        CASE WHEN connected THEN talk_ms ELSE 0 END, (connected AND outbound)::BIGINT
    ])
FROM logged_call;

CREATE OR REPLACE TEMP TABLE dialled AS
SELECT
    log, CASE WHEN state ->> 'rep_id' IS NULL THEN 'team' ELSE 'rep' END AS who,
    coalesce(state ->> 'rep_id', state ->> 'team_id') AS name, coalesce(state ->> 'direction', '') AS direction,
    (state ->> 'started_at')::BIGINT AS started_ms, (state ->> 'answered_at')::BIGINT AS answered_ms,
    (state ->> 'ended_at')::BIGINT AS ended_ms, (state ->> 'talk_seconds')::BIGINT AS talk_ms,
    coalesce((state ->> 'hold_seconds')::BIGINT, 0) AS hold_ms, (state ->> 'wait_seconds')::BIGINT AS wait_ms,
    coalesce(state ->> 'outcome', '') = 'abandoned' AS abandoned,
    CASE WHEN state ->> 'outcome' IS NOT NULL THEN state ->> 'outcome' = 'answered'
        ELSE state ->> 'answered_at' IS NOT NULL OR coalesce(state ->> 'state', '') = 'answered' END AS answered
FROM object
WHERE kind = 'call' AND life = 'live' AND state ->> 'started_at' IS NOT NULL
    AND state ->> 'direction' IS DISTINCT FROM 'internal';

INSERT INTO claim
SELECT log, who, name, started_ms,
    unnest([
        'calls', 'activities', 'connected', 'dials', 'connected_dials', 'offered', 'answered', 'abandoned',
        'answer_wait_ms', 'answered_in_20s'
    ]), NULL,
    unnest([
        1, (answered OR NOT inbound)::BIGINT, answered::BIGINT, outbound::BIGINT, (outbound AND answered)::BIGINT,
        inbound::BIGINT, (inbound AND answered)::BIGINT, (inbound AND NOT answered AND abandoned)::BIGINT,
        CASE WHEN inbound AND answered THEN coalesce(waited_ms, 0) ELSE 0 END,
        (inbound AND answered AND coalesce(waited_ms <= 20000, false))::BIGINT
    ])
FROM (
    SELECT *, direction = 'inbound' AS inbound, direction = 'outbound' AS outbound,
        CASE
            WHEN wait_ms IS NOT NULL THEN wait_ms
            WHEN answered_ms IS NOT NULL THEN greatest(answered_ms - started_ms, 0)
        END AS waited_ms
    FROM dialled
);

INSERT INTO claim
SELECT log, who, name, coalesce(ended_ms, started_ms), 'talk_ms', NULL,
    coalesce(talk_ms, greatest(ended_ms - answered_ms - hold_ms, 0))
FROM dialled
WHERE answered AND (talk_ms IS NOT NULL OR (ended_ms IS NOT NULL AND answered_ms IS NOT NULL));

INSERT INTO claim
SELECT log, 'rep', state ->> 'rep_id', (state ->> 'occurred_at')::BIGINT, 'activities', NULL, 1
FROM object
WHERE kind = 'activity' AND life = 'live' AND state ->> 'kind' IS DISTINCT FROM 'call'
    AND state ->> 'occurred_at' IS NOT NULL;

INSERT INTO claim
SELECT log, 'rep', state ->> 'rep_id', (state ->> 'sent_at')::BIGINT,
    unnest(CASE WHEN coalesce((state ->> 'bulk')::BOOLEAN, false) THEN ['emails_bulk'] ELSE ['emails', 'activities'] END),
    NULL, 1
FROM object
WHERE kind = 'email' AND life = 'live' AND state ->> 'sent_at' IS NOT NULL AND state ->> 'direction' = 'outbound'
    AND NOT coalesce((state ->> 'auto_reply')::BOOLEAN, false);

INSERT INTO claim
SELECT log, 'rep', state ->> 'rep_id', (state ->> 'booked_at')::BIGINT, 'meetings_set', NULL, 1
FROM object
WHERE kind = 'meeting' AND life = 'live' AND state ->> 'booked_at' IS NOT NULL
UNION ALL
SELECT log, 'rep', state ->> 'rep_id', (state ->> 'starts_at')::BIGINT,
    unnest(CASE WHEN state ->> 'status' = 'held' THEN ['meetings_held', 'activities'] ELSE ['meetings_missed'] END),
    NULL, 1
FROM object
WHERE kind = 'meeting' AND life = 'live' AND state ->> 'starts_at' IS NOT NULL
    AND state ->> 'status' IN ('held', 'no_show');

-- Leads count by when they were created; worked once somebody of ours reached out, waiting until then.
CREATE OR REPLACE TEMP TABLE lead AS
SELECT
    o.log, o.state ->> 'owner_id' AS owner, (o.state ->> 'created_at')::BIGINT AS created_ms,
    coalesce(o.state ->> 'status', 'open') = 'open' AS open,
    o.key IN (SELECT subject FROM said WHERE kind = 'touch' AND (payload ->> 'outbound')::BOOLEAN) AS worked
FROM object o
WHERE kind = 'lead' AND life = 'live' AND state ->> 'created_at' IS NOT NULL;

INSERT INTO claim
SELECT log, 'rep', owner, created_ms, 'leads_created', NULL, 1 FROM lead
UNION ALL SELECT log, 'rep', owner, created_ms, 'leads_worked', NULL, 1 FROM lead WHERE worked
UNION ALL SELECT log, 'rep', owner, NULL, 'leads_waiting', NULL, 1 FROM lead WHERE open AND NOT worked;

-- An account is a new customer at its first win, whether it was heard of by itself or not.
INSERT INTO claim
SELECT s.log, 'rep', s.payload ->> 'rep', (s.payload ->> 'won_ms')::BIGINT, 'new_customers', NULL, 1
FROM said s LEFT JOIN object o ON o.key = s.subject
WHERE s.kind = 'win' AND s.subject LIKE 'account:%' AND coalesce(o.life, 'live') = 'live'
QUALIFY row_number() OVER (PARTITION BY s.subject ORDER BY (s.payload ->> 'won_ms')::BIGINT, s.origin) = 1;
