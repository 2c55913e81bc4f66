-- What is known of each object: the last value of each field, and what held when where that is asked.
CREATE OR REPLACE TEMP TABLE in_force AS
SELECT c.* FROM change c JOIN bound b ON c.log = b.log AND c.pos < b.below WHERE NOT c.astray;

-- What others say of an object in its own log: the last word of each origin, and what merged objects pass on.
CREATE OR REPLACE TEMP TABLE own_link AS
FROM (
    SELECT l.log, l.subject, l.kind, l.origin, arg_max(l.payload, l.pos) AS payload
    FROM link l JOIN bound b ON l.log = b.log AND l.pos < b.below
    GROUP BY ALL
)
WHERE payload <> 'null';

-- An object ends by its own log, and lives on where another one was merged into it later than that.
CREATE OR REPLACE TEMP TABLE object AS
WITH field AS (
    SELECT key, field, arg_max(value, version) AS value, max(version) AS version
    FROM in_force WHERE NOT by_time GROUP BY ALL
),
register AS (SELECT key, json_group_object(field, value::JSON) AS state FROM field GROUP BY key),
fate AS (SELECT key, value::JSON ->> '$' AS said, version FROM field WHERE field = 'life'),
merge AS (
    SELECT l.subject, l.origin, payload::JSON -> 'version' AS v FROM own_link l WHERE l.kind = 'merge'
),
revived AS (
    SELECT DISTINCT f.key
    FROM fate f JOIN merge m ON m.subject = f.key
    WHERE row((v ->> 0)::BIGINT, (v ->> 1)::BIGINT, (v ->> 2)::BIGINT, v ->> 3,
        printf('%016x', (v ->> 4)::UBIGINT), printf('%016x', (v ->> 5)::UBIGINT)) > f.version
        AND (row((v ->> 0)::BIGINT, (v ->> 1)::BIGINT, (v ->> 2)::BIGINT) > row(f.version[1], f.version[2], f.version[3])
            OR f.said = 'into:' || substr(m.origin, strpos(m.origin, ':') + 1))
)
SELECT k.*, coalesce(r.state, '{}') AS state, coalesce(f.said, 'live') AS fate, f.version AS fate_version,
    CASE WHEN v.key IS NULL THEN coalesce(f.said, 'live') ELSE 'live' END AS life
FROM (SELECT DISTINCT log, kind, key FROM in_force) k
LEFT JOIN register r USING (key) LEFT JOIN fate f USING (key) LEFT JOIN revived v USING (key);

-- What was told when: without what was corrected or told anew by a later export, the last version of each moment.
CREATE OR REPLACE TEMP TABLE telling AS
WITH entry AS (
    SELECT DISTINCT log, key, field, value, version, time_ms, sequence, ingested, source, id, corrects
    FROM in_force WHERE by_time
),
corrected AS (
    SELECT DISTINCT key, field, source, corrects AS id FROM entry WHERE corrects IS NOT NULL AND corrects <> id
),
standing AS (FROM entry ANTI JOIN corrected USING (key, field, source, id)),
export AS (
    SELECT key, field, source, ingested, min(row(time_ms, sequence)) AS since
    FROM standing WHERE ingested > 0
    GROUP BY ALL
),
told_anew AS (
    SELECT DISTINCT e.key, e.field, e.version
    FROM standing e JOIN export x
        ON x.key = e.key AND x.field = e.field AND x.source = e.source AND x.ingested > e.ingested
    WHERE e.ingested > 0 AND x.since <= row(e.time_ms, e.sequence)
)
SELECT log, key, field, time_ms, sequence, arg_max(value, version) AS value
FROM standing ANTI JOIN told_anew USING (key, field, version)
GROUP BY ALL;

-- What held from when on: the same without repetitions. `final` is what an instant ended with.
CREATE OR REPLACE TEMP TABLE timeline AS
SELECT log, key, field, time_ms, sequence, value,
    row_number() OVER in_order = 1 AS first,
    lead(time_ms) OVER in_order IS NULL AS last,
    lead(time_ms) OVER in_order IS DISTINCT FROM time_ms AS final
FROM (
    FROM telling
    QUALIFY value IS DISTINCT FROM lag(value) OVER (PARTITION BY key, field ORDER BY time_ms, sequence)
)
WINDOW in_order AS (PARTITION BY key, field ORDER BY time_ms, sequence);

-- Of these what counts: not what was logged of a call after it was forgotten. A touch of which only links are known as yet
-- is worth as much as its activity: it is gone with that, if the first event of the object comes later still.
CREATE OR REPLACE TEMP TABLE standing_link AS
WITH taken_in AS (
    SELECT l.log, l.subject, l.kind, l.origin, arg_max(l.payload, l.pos) AS payload, max(l.pos) AS pos
    FROM link l JOIN bound b ON l.log = b.log AND l.pos < b.below
    ANTI JOIN late_link late ON late.log = l.log AND late.pos = l.pos
    GROUP BY ALL
),
touched AS (SELECT DISTINCT log, subject AS key FROM taken_in WHERE kind = 'touch'),
born AS (SELECT log, key, min(pos) AS pos FROM in_force SEMI JOIN touched USING (log, key) GROUP BY ALL),
told AS (SELECT log, pos, max(append_ms) OVER (PARTITION BY log ORDER BY pos) AS now_ms FROM appended),
birth AS (FROM born JOIN told USING (log, pos))
SELECT l.log, l.subject, l.kind, l.origin, l.payload
FROM taken_in l LEFT JOIN birth b ON b.log = l.log AND b.key = l.subject, policy
WHERE payload <> 'null' AND NOT coalesce(l.kind = 'touch' AND l.pos < b.pos
    AND coalesce(l.payload::JSON ->> 'anchor_ms', l.payload::JSON ->> 'at_ms')::BIGINT + activity_ms < b.now_ms, false);

CREATE OR REPLACE TEMP TABLE passed_link AS
SELECT
    l.log, l.subject, (p.value ->> 0)::INTEGER AS steps, p.value ->> 1 AS kind, (p.value ->> 2)::BOOLEAN AS outbound,
    (p.value ->> 3)::BIGINT AS at_ms, p.value ->> 4 AS origin, p.value ->> 5 AS rep,
    CASE WHEN p.value ->> 1 IN ('contact', 'last_contact') THEN (p.value ->> 3)::BIGINT END AS contact_ms
FROM standing_link l, json_each(l.payload::JSON -> 'passed') p
WHERE l.kind = 'merge';

CREATE OR REPLACE TEMP TABLE said AS
SELECT log, subject, kind, origin, (payload::JSON ->> 'outbound')::BOOLEAN AS outbound,
    coalesce(payload::JSON ->> 'won_ms', payload::JSON ->> 'at_ms')::BIGINT AS at_ms, payload::JSON ->> 'rep' AS rep,
    (payload::JSON ->> 'contact_ms')::BIGINT AS contact_ms
FROM standing_link WHERE kind <> 'merge'
UNION ALL SELECT log, subject, kind, origin, outbound, at_ms, rep, contact_ms FROM passed_link;
