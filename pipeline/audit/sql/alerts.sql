-- What alerts follow from: who is watched by which hours, the last activity of everybody, and when sources were heard.
CREATE OR REPLACE TEMP TABLE watched AS
SELECT h.home, h.log, h.now_ms, z.zone, z.start_ms AS zone_ms,
    coalesce(nullif(nullif(t.payload -> 'calendar', 'null'), '{}'), c.payload -> 'calendar')::VARCHAR AS hours,
    (t.payload ->> 'silence_minutes')::INTEGER AS silence_minutes, (
        SELECT list([s.day, s.from_minute, s.over_minute]) FROM special_day s WHERE s.log = h.log AND s.team = h.team
    ) AS special
FROM calendar h
JOIN org_record t ON t.log = h.log AND t.kind = 'team' AND 'team:' || t.name = h.home
LEFT JOIN org_record c ON c.log = h.log AND c.kind = 'company' AND c.name = 'company'
ASOF JOIN zone_span z ON z.log = h.log AND z.team = h.team AND h.now_ms >= z.start_ms
UNION ALL
SELECT home, log, now_ms, 'UTC', 0, NULL, NULL, NULL FROM calendar WHERE home = 'team:unassigned';

-- How the rules of alerts hold for each team now: its own settings before those of all teams, of these the one that began
-- last, then that of the greater id.
CREATE OR REPLACE TEMP TABLE told_rule AS
SELECT w.home, r.name, r.payload, r.payload ->> 'team_id' IS NOT NULL AS own,
    coalesce((r.payload ->> 'valid_from')::BIGINT, -1) AS from_ms
FROM watched w
JOIN org_record r ON r.log = w.log AND r.kind = 'alert_rule' AND coalesce(r.payload ->> 'team_id', substr(w.home, 6)) = substr(w.home, 6)
WHERE r.payload ->> 'rule' IS NOT NULL AND coalesce((r.payload ->> 'valid_from')::BIGINT, -1) <= w.now_ms;

CREATE OR REPLACE TEMP TABLE alert_setting AS
SELECT t.home, t.payload ->> 'rule' AS rule, f.key AS setting, f.value::VARCHAR AS value
FROM told_rule t, json_each(t.payload) f
WHERE f.key NOT IN ('rule', 'team_id', 'valid_from') AND f.value::VARCHAR <> 'null'
QUALIFY row_number() OVER (PARTITION BY t.home, rule, setting ORDER BY t.own DESC, t.from_ms DESC, t.name DESC) = 1;

CREATE OR REPLACE TEMP TABLE alert_setting_began AS
SELECT home, max(from_ms) AS from_ms FROM told_rule GROUP BY home;

-- The end of the minute of the last activity.
CREATE OR REPLACE TEMP TABLE active_minute AS
SELECT 'team:' || team AS scope, 'team:' || team AS home, minute, sum(amount) AS amount
FROM counted WHERE measure = 'activities' AND minute IS NOT NULL GROUP BY ALL
UNION ALL
SELECT 'rep:' || rep || '@' || team, 'team:' || team, minute, sum(amount)
FROM counted WHERE measure = 'activities' AND minute IS NOT NULL AND rep <> '' GROUP BY ALL;

-- Those of the last hour that no team can be given: of reps whom nobody knows, and of others whose team nobody does.
CREATE OR REPLACE TEMP TABLE unassigned_minute AS
SELECT CASE scope WHEN 'rep:unassigned@unassigned' THEN 'reps_unknown' ELSE 'teams_unknown' END AS kind, e.minute,
    sum(amount) AS amount
FROM active_minute e JOIN calendar h ON h.home = e.home AND e.minute BETWEEN h.minute - 70 AND h.minute
WHERE e.home = 'team:unassigned' AND scope <> e.home
GROUP BY ALL;

-- What is asked of activities by the minute: a span and the day in which it lies.
CREATE OR REPLACE TEMP TABLE asked_span (
    number INTEGER, from_ms BIGINT, to_ms BIGINT, day_ms BIGINT, over_ms BIGINT
);

CREATE OR REPLACE TEMP TABLE active AS
SELECT e.scope, (max(e.minute) + 1) * 60000 AS last_ms
FROM active_minute e JOIN calendar h ON h.home = e.home AND e.minute <= h.minute
WHERE e.amount > 0
GROUP BY e.scope;

-- Who could be heard, and since when: from joining the team on, being hired, or the end of the last absence. Whoever is
-- absent cannot.
CREATE OR REPLACE TEMP TABLE back AS
SELECT p.home, p.rep, nullif(greatest(e.since_ms, coalesce(max(a.end_ms) FILTER (a.end_ms <= h.now_ms), -1)), -1) AS back_ms,
    coalesce(bool_or(a.start_ms <= h.now_ms AND h.now_ms < a.end_ms), false) AS absent
FROM present p
JOIN calendar h USING (home)
JOIN employed e ON e.log = h.log AND 'team:' || e.team = p.home AND e.rep = p.rep
LEFT JOIN away a ON a.log = e.log AND a.team = e.team AND a.rep = e.rep
GROUP BY p.home, p.rep, h.now_ms, e.since_ms;

-- Since when surely somebody of those at work has been: null for ever.
CREATE OR REPLACE TEMP TABLE manned AS
SELECT home, CASE WHEN count(*) = count(back_ms) THEN min(back_ms) END AS since_ms
FROM back WHERE NOT absent GROUP BY home;

CREATE OR REPLACE TEMP TABLE joined AS
SELECT 'rep:' || p.rep || '@' || substr(p.home, 6) AS scope, p.home, greatest(max(m.from_ms), max(p.back_ms)) AS joined_ms
FROM (FROM back WHERE NOT absent) p
JOIN calendar h ON h.home = p.home
LEFT JOIN (
    SELECT log, payload ->> 'rep_id' AS rep, payload ->> 'team_id' AS team, (payload ->> 'valid_from')::BIGINT AS from_ms
    FROM org_record WHERE kind = 'membership'
) m ON m.log = h.log AND m.rep = p.rep AND 'team:' || m.team = p.home AND m.from_ms <= h.now_ms
GROUP BY ALL;

-- What is told within an hour is a sign of life of its source; and of whom it is told, whom that serves.
CREATE OR REPLACE TEMP TABLE live AS
SELECT DISTINCT source, append_ms, CASE WHEN field IN ('rep_id', 'owner_id') THEN value::JSON ->> '$' END AS rep
FROM change
WHERE domain IN ('crm', 'telephony') AND NOT astray AND append_ms - time_ms <= 3600000;

CREATE OR REPLACE TEMP TABLE heard AS
SELECT source, max(append_ms) AS last_ms FROM live GROUP BY source;

CREATE OR REPLACE TEMP TABLE served AS
SELECT p.home, l.source, max(l.append_ms) AS last_ms,
    min(l.append_ms) FILTER (l.append_ms >= h.now_ms - 5 * 86400000::BIGINT) AS since_ms
FROM live l JOIN present p ON p.rep = l.rep JOIN calendar h ON h.home = p.home
WHERE l.append_ms >= h.now_ms - 35 * 86400000::BIGINT
GROUP BY p.home, l.source;

-- What figures with a limit follow from, of each team: its last minutes, and what stands open.
CREATE OR REPLACE TEMP TABLE minute_count AS
SELECT h.home, c.measure, c.minute, sum(c.amount) AS amount
FROM counted c JOIN calendar h ON h.home = 'team:' || c.team AND c.minute BETWEEN h.minute - 40 AND h.minute
WHERE c.measure IN ('offered', 'answered_in_20s', 'answered_untimed', 'abandoned')
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE standing_count AS
SELECT h.home, replace(c.measure, 'untouched', 'stalled') AS measure, sum(c.amount) AS amount
FROM counted c JOIN calendar h ON h.home = 'team:' || c.team CROSS JOIN policy
WHERE c.minute IS NULL AND c.day IS NULL AND (
    c.measure IN ('leads_waiting', 'unknown_stages')
    OR c.measure = 'untouched' AND c.stage::BIGINT <= h.today - stalled_days
)
GROUP BY ALL;

-- The day on which the lead came in that nobody has tried for the longest time.
CREATE OR REPLACE TEMP TABLE oldest_lead AS
SELECT home, min(since) AS created, today FROM (
    SELECT h.home, h.today, c.stage::BIGINT AS since
    FROM counted c JOIN calendar h ON h.home = 'team:' || c.team
    WHERE c.minute IS NULL AND c.day IS NULL AND c.measure = 'leads_waiting_since'
    GROUP BY ALL HAVING sum(c.amount) > 0
)
GROUP BY home, today;

-- In which seconds since the epoch they called who wait now, a while longer ago than an hour too.
CREATE OR REPLACE TEMP TABLE waiting_caller AS
SELECT h.home, c.minute * 60 + c.stage::BIGINT % 60 AS called
FROM counted c JOIN calendar h ON h.home = 'team:' || c.team AND c.minute BETWEEN h.minute - 63 AND h.minute
WHERE c.measure = 'callers_waiting'
GROUP BY ALL HAVING sum(c.amount) > 0;

-- How far each team is with its goals, and how much of the working time of each period has passed.
CREATE OR REPLACE TEMP TABLE goal_share AS
SELECT x.home, x.number AS share, e.worked_ms, e.work_ms
FROM expected x JOIN elapsed e USING (home, win)
WHERE x.kpi = 'goal_pace' AND x.scope = x.home AND starts_with(x.home, 'team:') AND x.path LIKE 'goals.%.value'
    AND x.number IS NOT NULL;

-- What teams did beside their own past: on the 28 days before today, and on the 152 before. Of deals closed those won, and
-- of those that left a stage those that went on.
CREATE OR REPLACE TEMP TABLE own_count AS
SELECT h.home, c.measure, c.stage, c.day - h.today >= -28 AS late, sum(c.amount) AS amount
FROM counted c JOIN calendar h ON h.home = 'team:' || c.team AND c.day BETWEEN h.today - 180 AND h.today - 1
WHERE c.measure IN ('won', 'lost') OR c.measure = 'stage_left_on' AND c.stage NOT LIKE '%:unassigned'
GROUP BY ALL
UNION ALL
SELECT h.home, 'left', c.stage, c.day - h.today >= -28, count(*)
FROM counted_sample c JOIN calendar h ON h.home = 'team:' || c.team AND c.day BETWEEN h.today - 180 AND h.today - 1
WHERE c.measure IN ('stage_once', 'stage_latest') AND c.stage NOT LIKE '%:unassigned'
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE own_share AS
SELECT home, CASE WHEN stage IS NULL THEN 'won' ELSE 'onward' END AS measure, stage,
    coalesce(sum(amount) FILTER (late AND measure IN ('won', 'stage_left_on')), 0)::BIGINT AS a,
    coalesce(sum(amount) FILTER (late AND measure <> 'stage_left_on'), 0)::BIGINT AS b,
    coalesce(sum(amount) FILTER (NOT late AND measure IN ('won', 'stage_left_on')), 0)::BIGINT AS c,
    coalesce(sum(amount) FILTER (NOT late AND measure <> 'stage_left_on'), 0)::BIGINT AS d
FROM own_count GROUP BY home, stage;

-- What usually comes, by day and in the last day by minute.
CREATE OR REPLACE TEMP TABLE own_day AS
SELECT h.home, c.measure, c.day, sum(c.amount) AS amount
FROM counted c JOIN calendar h ON h.home = 'team:' || c.team AND c.day BETWEEN h.today - 60 AND h.today
WHERE c.measure IN (
    'activities', 'calls', 'connected', 'emails', 'meetings_set', 'meetings_held', 'offered', 'leads_created',
    'deals_created', 'won'
)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE own_minute AS
SELECT h.home, c.measure, c.minute, sum(c.amount) AS amount
FROM counted c JOIN calendar h ON h.home = 'team:' || c.team AND c.minute BETWEEN h.minute - 1445 AND h.minute
WHERE c.measure IN (SELECT measure FROM own_day)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE own_today AS SELECT home, today, minute FROM calendar WHERE home LIKE 'team:%';

CREATE OR REPLACE TEMP TABLE own_told AS
SELECT max(append_ms) FILTER (kind IN (SELECT kind FROM definition WHERE kpi = 'won')) AS deals_ms, max(append_ms) AS any_ms FROM event WHERE domain <> 'org';
