-- What teams, and reps within them, usually do by now: on the last eight days of the weekday, but for those on which the
-- team's calendar says that nobody works, and those on which the scope did nothing.
CREATE OR REPLACE TEMP TABLE usual_home AS
WITH worked AS (
    SELECT home, log, team, today, minute // 15 * 900000 AS quarter_ms, weekdays FROM home_hours WHERE home LIKE 'team:%'
)
SELECT w.home, w.log, w.team, w.today, w.weekdays,
    -- The minute of the local day at which the running quarter-hour began.
    greatest(0, least(1439, (w.quarter_ms + o.offset_ms - (w.today - 719163) * 86400000) // 60000)) AS reached
FROM worked w
ASOF JOIN zone_span z ON z.log = w.log AND z.team = w.team AND w.today >= z.first_day
ASOF JOIN zone_offset o ON o.zone = z.zone AND w.quarter_ms >= o.from_ms;

CREATE OR REPLACE TEMP TABLE usual_day AS
WITH each_week AS (SELECT *, unnest(range(0, 9)) AS week FROM usual_home),
dated AS (SELECT *, today - 7 * week AS day, DATE '1970-01-01' + (today - 7 * week - 719163)::INTEGER AS date FROM each_week),
working AS (
    SELECT *, coalesce(len(weekdays), 0) = 0 OR (
        list_contains(weekdays, isodow(date)) AND (log, team, date) NOT IN (SELECT (log, team, date) FROM free_date)
    ) AS works
    FROM dated
)
SELECT w.* FROM working w
WHERE w.week > 0 AND w.works AND (SELECT t.works FROM working t WHERE t.home = w.home AND t.week = 0);

-- The first instants of these days, of the days after them, of the time that today has reached, and of its hour: those at
-- which the clocks show that or a later time, by the zone of the day.
CREATE OR REPLACE TEMP TABLE usual_span AS
WITH asked AS (
    SELECT home, log, team, week, unnest(['start', 'end', 'reached', 'hour', 'hour_end']) AS side,
        unnest([day, day + 1, day, day, day]) AS day,
        unnest([0, 0, reached, reached - reached % 60, reached - reached % 60 + 60]) AS clock
    FROM usual_day
),
zoned AS (
    SELECT a.*, z.zone, (a.day - 719163) * 86400000 + a.clock * 60000 AS wall_ms
    FROM asked a ASOF JOIN zone_span z ON z.log = a.log AND z.team = a.team AND a.day >= z.first_day
),
placed AS (
    SELECT *, at_wall_ms(z.zone, z.wall_ms) AS at_ms
    FROM zoned z
)
SELECT home, week, max(at_ms) FILTER (side = 'start') AS start_ms, max(at_ms) FILTER (side = 'end') AS end_ms,
    max(at_ms) FILTER (side = 'reached') AS reached_ms, max(at_ms) FILTER (side = 'hour') AS hour_ms,
    max(at_ms) FILTER (side = 'hour_end') AS hour_end_ms
FROM placed GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE usual_count AS
WITH done AS (
    SELECT scope, home, minute * 60000 AS at_ms, amount FROM scope_cell
    WHERE measure = 'activities' AND home LIKE 'team:%' AND minute IS NOT NULL
)
SELECT d.scope, s.week,
    coalesce(sum(d.amount) FILTER (d.at_ms < s.reached_ms), 0)::DOUBLE AS by_now,
    CASE WHEN s.hour_end_ms - s.hour_ms = 3600000 THEN
        coalesce(sum(d.amount) FILTER (d.at_ms >= s.hour_ms AND d.at_ms < s.hour_end_ms), 0)::DOUBLE
    END AS in_hour
FROM done d JOIN usual_span s ON s.home = d.home AND d.at_ms >= s.start_ms AND d.at_ms < s.end_ms
GROUP BY d.scope, s.week, s.hour_ms, s.hour_end_ms
HAVING sum(d.amount) > 0;

INSERT INTO expected
WITH told AS (
    SELECT scope, unnest(['activities_usual', 'activities_usual_hour']) AS kpi, unnest([by_now, in_hour]) AS amount
    FROM usual_count
),
known AS (
    SELECT scope, kpi, median(amount) AS middle, count(amount) AS n,
        greatest(1.4826 * mad(amount), sqrt(greatest(median(amount), 0))) AS deviation
    FROM told GROUP BY ALL
),
shown AS (
    SELECT a.scope, a.home, a.kind, a.win, d.kpi, coalesce(k.n, 0)::DOUBLE AS n,
        CASE WHEN k.n >= 4 THEN k.middle END AS middle, k.deviation
    FROM asked a
    JOIN definition d ON d.formula = 'usual' AND is_given(d.place, a.kind)
    LEFT JOIN known k ON k.scope = a.scope AND k.kpi = d.kpi
    WHERE a.home LIKE 'team:%'
)
SELECT scope, home, kind, win, kpi, unnest(['value', 'low', 'high', 'n']) AS path,
    unnest([middle, greatest(middle - 2 * deviation, CASE WHEN middle IS NOT NULL THEN 0 END), middle + 2 * deviation, n]) AS number,
    'usual' AS family, 'usual' AS formula
FROM shown;
