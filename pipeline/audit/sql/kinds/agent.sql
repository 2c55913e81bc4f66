-- What reps' phones are set to: how long each was available or on contact, by local day, each state that is over, and what
-- the phone is set to now.

-- @ declare
INSERT INTO kind_rule VALUES ('agent', 'telephony', 'shortly');
INSERT INTO by_time VALUES ('agent', 'state'), ('agent', 'reason');
INSERT INTO settling VALUES ('agent', 3);
INSERT INTO definition VALUES
    ('agent', 'occupancy', 'occupancy', 'ratio', ['contact_ms'], ['contact_ms', 'available_ms'], 1, 'days', true),
    ('agent', 'contact_time', 'occupancy', 'count', ['contact_ms'], [], 1000, 'days', true),
    ('agent', 'available_time', 'occupancy', 'count', ['available_ms'], [], 1000, 'days', true),
    ('agent', 'phones_left_on', 'phones_left_on', 'count', ['phones_left_on'], [], 1, 'days', true),
    ('agent', 'phone_timeline', 'timeline', 'timeline', ['phone_stretch', 'phone_stretches_beyond'], [], 1, 'day', true),
    ('agent', 'agent_states', 'agent_states', 'states', ['agents', 'agents_since_ms'], [], 1, 'now', true);

-- @ object
-- Each telling once, with when it came; by its source and id one may correct another, as long as neither is settled.
CREATE OR REPLACE TEMP TABLE phone_telling AS
SELECT log, key, version, time_ms, sequence, source, id, corrects, min(pos) AS pos,
    max(value) FILTER (field = 'state') AS state, max(value) FILTER (field = 'reason') AS reason
FROM in_force
WHERE kind = 'agent' AND by_time
GROUP BY log, key, version, time_ms, sequence, source, id, corrects;

CREATE OR REPLACE TEMP TABLE phone_moment AS
WITH taken_out AS (
    SELECT DISTINCT e.key, e.version
    FROM phone_telling e
    JOIN phone_telling x ON x.key = e.key AND x.source = e.source AND x.corrects = e.id AND x.corrects <> x.id
    JOIN settled_at s ON s.log = e.log AND s.pos = greatest(e.pos, x.pos)
    WHERE least(e.time_ms, x.time_ms) >= s.before_ms
)
SELECT log, key, time_ms, sequence, arg_max(state, version) FILTER (state IS NOT NULL) AS state,
    arg_max(reason, version) FILTER (reason IS NOT NULL) AS reason
FROM phone_telling ANTI JOIN taken_out USING (key, version)
GROUP BY ALL;

-- What held from each moment on: a state that comes without a reason has none, and only absences have one.
CREATE OR REPLACE TEMP TABLE stint AS
WITH held AS (
    SELECT *, last_value(state IGNORE NULLS) OVER (PARTITION BY key ORDER BY time_ms, sequence) AS held_state,
        CASE WHEN held_state = '"break"' THEN coalesce(reason, 'null') ELSE 'null' END AS held_reason
    FROM phone_moment
),
named AS (
    SELECT *, CASE WHEN held_state <> 'null' THEN held_state::JSON ->> '$' END AS state_name,
        state_name || CASE WHEN held_reason = 'null' THEN '' ELSE ':' || (held_reason::JSON ->> '$') END AS name
    FROM held
),
changed AS (
    SELECT *, lead(time_ms) OVER in_order AS to_ms, lead(name) OVER in_order AS next_name,
        CASE WHEN name IS DISTINCT FROM lag(name) OVER in_order THEN time_ms END AS changed_ms
    FROM named
    WINDOW in_order AS (PARTITION BY key ORDER BY time_ms, sequence)
)
SELECT log, key, substr(key, strpos(key, ':') + 1) AS owner, time_ms AS from_ms, to_ms, state_name, name, next_name,
    last_value(changed_ms IGNORE NULLS) OVER (PARTITION BY key ORDER BY time_ms, sequence) AS since_ms
FROM changed;

-- What is over counts unless the phone was deleted: by now, or by when it was settled.
CREATE OR REPLACE TEMP TABLE settled_end AS
WITH touched AS (
    SELECT DISTINCT f.key, f.pos, s.before_ms
    FROM in_force f JOIN settled_at s USING (log, pos)
    WHERE f.kind = 'agent'
),
settled AS (
    SELECT s.key, s.to_ms, min(t.pos) AS pos
    FROM stint s JOIN touched t ON t.key = s.key AND t.before_ms > s.to_ms
    GROUP BY ALL
)
SELECT s.key, s.to_ms, coalesce(arg_max(f.value, f.version), '"live"') = '"live"' AS live
FROM settled s LEFT JOIN in_force f ON f.key = s.key AND f.field = 'life' AND f.pos < s.pos
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE counted_stint AS
SELECT DISTINCT s.log, s.owner, s.from_ms, s.to_ms, s.state_name
FROM stint s JOIN object o USING (key)
LEFT JOIN settled_end l ON l.key = s.key AND l.to_ms = s.to_ms
WHERE s.to_ms > s.from_ms AND s.state_name IN ('on_call', 'wrap_up', 'available') AND coalesce(l.live, o.life = 'live');

-- Stretches in one state, whether it was told once or again: each from since when until another one holds.
CREATE OR REPLACE TEMP TABLE counted_stretch AS
SELECT s.log, s.owner, s.since_ms AS from_ms, s.to_ms, s.name
FROM stint s JOIN object o USING (key)
LEFT JOIN settled_end l ON l.key = s.key AND l.to_ms = s.to_ms
WHERE s.to_ms > s.since_ms AND s.state_name <> 'offline' AND s.name IS DISTINCT FROM s.next_name
    AND coalesce(l.live, o.life = 'live');

-- @ claim
INSERT INTO stretch_claim
SELECT log, owner, from_ms, to_ms, CASE
        WHEN to_ms - from_ms > 86400000 THEN 'phones_left_on' WHEN state_name = 'available' THEN 'available_ms' ELSE 'contact_ms'
    END, to_ms - from_ms > 86400000
FROM counted_stint;

INSERT INTO timeline_claim SELECT log, owner, from_ms, to_ms, name FROM counted_stretch;

CREATE OR REPLACE TEMP TABLE standing_state AS
SELECT s.* FROM stint s JOIN object o USING (key)
WHERE s.to_ms IS NULL AND o.life = 'live' AND s.state_name <> 'offline';

INSERT INTO claim
SELECT log, 'rep', owner, NULL, unnest(['agents', 'agents_since_ms']), name, unnest([1, since_ms]) FROM standing_state;

INSERT INTO begun_claim
SELECT log, owner, from_ms, unnest([what || '_running', what || '_running_since']), unnest([1, from_ms // 60000])
FROM (
    SELECT *, CASE WHEN state_name = 'available' THEN 'available' ELSE 'contact' END AS what
    FROM standing_state WHERE state_name IN ('on_call', 'wrap_up', 'available')
);

-- @ cover
INSERT INTO oldest SELECT 'shortly', min(time_ms) FROM in_force WHERE kind = 'agent' AND by_time;
