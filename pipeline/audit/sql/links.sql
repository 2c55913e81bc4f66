-- Links: what each object has to say of others, beside the last word on it in the log of the other object. Asked after
-- a cut through whole logs. Whatever was said of after `settled_ms` may still be on its way.
CREATE OR REPLACE TEMP TABLE touch (
    origin VARCHAR, at_ms BIGINT, outbound BOOLEAN, rep VARCHAR, subject VARCHAR, anchor_ms BIGINT, contact_ms BIGINT
);
-- When both sides meet, of what was not called off.
CREATE OR REPLACE TEMP TABLE meets (origin VARCHAR, at_ms BIGINT);
CREATE OR REPLACE TEMP TABLE owed_link (origin VARCHAR, kind VARCHAR, subject VARCHAR, payload VARCHAR);

-- What moved since then, and what may follow it.
CREATE OR REPLACE TEMP TABLE moving AS
SELECT DISTINCT key AS origin FROM event WHERE append_ms > getvariable('settled_ms')
UNION SELECT subject FROM link WHERE append_ms > getvariable('settled_ms');

-- @ kinds: say

-- A policy that changes may move whatever names somebody.
INSERT INTO moving
SELECT key FROM object
WHERE EXISTS (FROM copy WHERE subject LIKE 'policy:%' AND append_ms > getvariable('settled_ms'));

-- A merged object passes on the first touch in each direction, the last one by our side and by either, of which a meeting
-- may lie ahead, the first and the last contact, and the first win: its own, and those passed on to it from each number of
-- steps away. After 16 steps nothing goes on.
CREATE OR REPLACE TEMP TABLE passed_on AS
WITH own AS (
    SELECT subject AS loser, 1 AS steps, kind, (payload::JSON ->> 'outbound')::BOOLEAN AS outbound,
        coalesce(payload::JSON ->> 'won_ms', payload::JSON ->> 'at_ms')::BIGINT AS at_ms, origin,
        payload::JSON ->> 'rep' AS rep, (payload::JSON ->> 'meets_ms')::BIGINT AS meets_ms,
        (payload::JSON ->> 'contact_ms')::BIGINT AS contact_ms
    FROM standing_link WHERE kind IN ('touch', 'win')
),
way AS (
    SELECT loser, steps, kind, outbound, at_ms, origin, rep FROM own
    UNION ALL
    SELECT loser, steps, 'last', outbound, at_ms, origin, rep FROM own WHERE kind = 'touch' AND outbound
    UNION ALL
    SELECT loser, steps, 'last', NULL, greatest(at_ms, coalesce(meets_ms, 0)), origin, rep FROM own WHERE kind = 'touch'
    UNION ALL
    SELECT loser, steps, unnest(['contact', 'last_contact']), NULL, contact_ms, origin, rep
    FROM own WHERE contact_ms IS NOT NULL
    UNION ALL
    SELECT subject, steps + 1, kind, outbound, at_ms, origin, rep FROM passed_link WHERE steps < 16
),
first AS (
    FROM way SEMI JOIN (FROM object WHERE life LIKE 'into:%') o ON o.key = way.loser
    QUALIFY row_number() OVER (
        PARTITION BY loser, steps, kind, outbound
        ORDER BY CASE WHEN kind IN ('last', 'last_contact') THEN -at_ms ELSE at_ms END, origin, coalesce(rep, '')
    ) = 1
)
SELECT loser, '[' || string_agg(
    concat('[', steps, ',', to_json(kind), ',', coalesce(outbound::VARCHAR, 'null'), ',', at_ms, ',', to_json(origin),
        ',', coalesce(to_json(rep)::VARCHAR, 'null'), ']'),
    ',' ORDER BY steps, kind, coalesce(outbound, false)
) || ']' AS passed
FROM first GROUP BY loser;

INSERT INTO owed_link
SELECT t.origin, 'touch', t.subject, concat(
    '{', CASE WHEN t.anchor_ms <> t.at_ms THEN '"anchor_ms":' || t.anchor_ms || ',' END, '"at_ms":', t.at_ms, ',',
    CASE WHEN t.contact_ms IS NOT NULL THEN '"contact_ms":' || t.contact_ms || ',' END,
    CASE WHEN t.meets_ms > t.at_ms THEN '"meets_ms":' || t.meets_ms || ',' END,
    '"outbound":', t.outbound, ',"rep":', coalesce(to_json(t.rep)::VARCHAR, 'null'), '}'
)
FROM (
    SELECT t.*, o.log, m.at_ms AS meets_ms
    FROM touch t JOIN object o ON o.key = t.origin LEFT JOIN meets m ON m.origin = t.origin
) t
ASOF JOIN nobody_span n ON n.log = t.log AND t.at_ms >= n.from_ms
WHERE t.at_ms IS NOT NULL AND t.subject IS NOT NULL
    AND NOT list_contains(n.ids, lower(substr(t.subject, strpos(t.subject, ':') + 1)))
UNION ALL
SELECT o.key, 'merge', o.kind || ':' || substr(o.fate, 6),
    concat('{"passed":', coalesce(p.passed, '[]'), ',"version":[', o.fate_version[1], ',', o.fate_version[2], ',',
        o.fate_version[3], ',', to_json(o.fate_version[4]), ',', ('0x' || o.fate_version[5])::UBIGINT, ',',
        ('0x' || o.fate_version[6])::UBIGINT, ']}')
FROM object o LEFT JOIN passed_on p ON p.loser = o.key
WHERE o.fate LIKE 'into:%';

CREATE OR REPLACE TEMP TABLE link_difference AS
WITH now AS (SELECT max(now_ms) AS now_ms FROM clock),
-- What is over says nothing else of an id that began, or ceased, to stand for nobody since then.
forgotten AS (
    SELECT DISTINCT l.origin
    FROM (FROM owed_link UNION ALL SELECT origin, kind, subject, payload FROM own_link) l, now, policy
    WHERE EXISTS (
        FROM nobody_span n WHERE list_contains(n.ids, lower(substr(l.subject, strpos(l.subject, ':') + 1)))
    ) AND CASE kind
        WHEN 'win' THEN closed_ms + (payload::JSON ->> 'won_ms')::BIGINT < now_ms
        WHEN 'touch' THEN
            activity_ms + coalesce(payload::JSON ->> 'anchor_ms', payload::JSON ->> 'at_ms')::BIGINT < now_ms
        ELSE false
    END
),
brief AS (SELECT kind || ':' AS start FROM kind_rule WHERE domain = 'telephony'),
-- Of what was refused nothing is owed, unless the other object has taken in something of it since.
refused AS (
    SELECT subject, kind, origin
    FROM (
        SELECT subject, kind, origin, pos, true AS left_out FROM full_link
        UNION ALL
        SELECT subject, kind, origin, pos, false FROM link SEMI JOIN full_link USING (subject, kind, origin)
    )
    GROUP BY ALL
    HAVING arg_max(left_out, pos)
),
trimmed AS (
    SELECT coalesce(max(append_ms), -1) AS trimmed_ms
    FROM (FROM appended WHERE log LIKE 'telephony.events/%' QUALIFY row_number() OVER (PARTITION BY log ORDER BY pos) = 1)
    WHERE pos > 0
),
-- Where the head of a log is trimmed, calls that began after that are whole, but for what was said of them shortly
-- before they began. What is owed and absent is so whatever else was said of it.
told AS (
    SELECT subject, kind, origin, o.payload AS expected, l.payload AS shown,
        NOT EXISTS (FROM brief WHERE starts_with(origin, start) OR starts_with(subject, start)) AS lasting,
        least((o.payload::JSON ->> 'at_ms')::BIGINT, (l.payload::JSON ->> 'at_ms')::BIGINT) AS at_ms,
        CASE WHEN l.payload IS NULL AND EXISTS (FROM brief WHERE starts_with(origin, start)) THEN 0 ELSE 86400000 END
            AS margin_ms
    FROM owed_link o FULL JOIN own_link l USING (subject, kind, origin)
    WHERE o.payload IS DISTINCT FROM l.payload
)
SELECT
    t.subject, t.kind, t.origin, coalesce(t.shown, 'absent') AS shown, coalesce(t.expected, 'absent') AS expected
FROM told t CROSS JOIN trimmed
ANTI JOIN moving m ON m.origin = t.origin
ANTI JOIN refused r ON t.expected IS NOT NULL AND r.subject = t.subject AND r.kind = t.kind AND r.origin = t.origin
WHERE trimmed_ms < 0 OR lasting OR at_ms >= trimmed_ms + margin_ms
ORDER BY ALL;
