-- The local days that windows are made of, and some more at both ends: a week that begins or ends there is whole.
CREATE OR REPLACE TEMP TABLE window_day AS
SELECT day, DATE '1970-01-01' + (day - 719163)::INTEGER AS date, day BETWEEN first AND last AS asked
FROM (
    SELECT first, last, unnest(range(first - 14, last + 15)) AS day
    FROM (SELECT min(today) - (SELECT pane_days + 800 FROM policy) AS first, max(today) + 1 AS last FROM calendar)
);

-- From which day on weeks begin on which weekday (1 to 7 from Monday on): Monday, where nobody says otherwise.
CREATE OR REPLACE TEMP TABLE week_rule AS
WITH told AS (
    SELECT c.periods, coalesce((w.value ->> 0)::BIGINT, 0) AS since, list_position(
        ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'], w.value ->> 1
    ) AS weekday
    FROM (SELECT DISTINCT periods, week_starts FROM calendar) c, json_each(c.week_starts::JSON) w
),
whole AS (
    FROM told
    UNION ALL
    SELECT periods, 0, 1 FROM (SELECT DISTINCT periods FROM calendar) c ANTI JOIN (FROM told WHERE since = 0) t USING (periods)
)
SELECT *, lag(weekday) OVER (PARTITION BY periods ORDER BY since) AS weekday_before FROM whole;

-- A week begins on its weekday, and on the day from which another weekday holds; it lasts until the next one begins.
CREATE OR REPLACE TEMP TABLE week_begin AS
SELECT periods, date, lead(date) OVER (PARTITION BY periods ORDER BY date) - 1 AS last
FROM (
    SELECT r.periods, d.date, d.day = r.since AND r.weekday <> r.weekday_before AS changed, isodow(d.date) = r.weekday AS due
    FROM (SELECT c.periods, d.* FROM window_day d, (SELECT DISTINCT periods FROM calendar) c) d
    ASOF JOIN week_rule r ON r.periods = d.periods AND d.day >= r.since
)
WHERE changed OR due;

-- The windows of whole days that a local day lies in; quarters and years begin with the fiscal year.
CREATE OR REPLACE TEMP TABLE day_window AS
WITH day AS (
    SELECT day, date, periods, (month(date) - fiscal_start + 12) % 12 AS months_in
    FROM window_day, (SELECT DISTINCT periods, fiscal_start FROM calendar)
    WHERE asked
),
bound AS (
    SELECT *, date_trunc('month', date)::DATE AS month_start,
        (date_trunc('month', date) - to_months(months_in % 3))::DATE AS quarter_start,
        (date_trunc('month', date) - to_months(months_in))::DATE AS year_start
    FROM day
),
window_of AS (
    SELECT day, periods, 'day' AS kind, 'day:' || date AS win, date AS first, date AS last FROM bound
    UNION ALL
    SELECT d.day, d.periods, 'week', 'week:' || CASE
            WHEN isodow(w.date) = 1 AND w.last = w.date + 6 THEN strftime(w.date, '%G-W%V') ELSE w.date::VARCHAR
        END, w.date, w.last
    FROM bound d ASOF JOIN week_begin w ON w.periods = d.periods AND d.date >= w.date
    UNION ALL
    SELECT day, periods, 'month', 'month:' || strftime(date, '%Y-%m'), month_start,
        (month_start + INTERVAL 1 MONTH)::DATE - 1
    FROM bound
    UNION ALL
    SELECT day, periods, 'quarter', 'quarter:' || year(year_start) || '-Q' || (months_in // 3 + 1), quarter_start,
        (quarter_start + INTERVAL 3 MONTH)::DATE - 1
    FROM bound
    UNION ALL
    SELECT day, periods, 'year', 'year:' || year(year_start), year_start, (year_start + INTERVAL 1 YEAR)::DATE - 1
    FROM bound
)
SELECT day, periods, kind, win, first - DATE '1970-01-01' + 719163 AS first_day,
    last - DATE '1970-01-01' + 719163 AS last_day
FROM window_of;

-- What shows current windows by their kind means the one that today lies in.
UPDATE shown SET win = w.win
FROM calendar h, day_window w
WHERE shown.win = shown.kind AND h.home = shown.home AND w.day = h.today AND w.periods = h.periods
    AND w.kind = shown.kind;

-- The latest day since which so many working days have begun in each home, Monday to Friday where nobody works; none where
-- there are not as many within twice as many weeks and two months.
CREATE OR REPLACE TEMP TABLE untouched_since AS
WITH back AS (
    SELECT home, log, team, CASE WHEN len(weekdays) > 0 THEN weekdays ELSE [1, 2, 3, 4, 5] END AS weekdays,
        len(weekdays) > 0 AS timed, unnest(range(0, 14 * stalled_days + 60)) AS ago, today, stalled_days
    FROM home_hours, policy
),
worked AS (
    SELECT *, DATE '1970-01-01' + (today - ago - 719163)::INTEGER AS date FROM back
)
SELECT home, today - ago - 1 AS day
FROM worked
WHERE list_contains(weekdays, isodow(date))
    AND NOT (timed AND (log, team, date) IN (SELECT (log, team, date) FROM free_date))
QUALIFY row_number() OVER (PARTITION BY home ORDER BY ago) = any_value(stalled_days) OVER (PARTITION BY home);

-- Sums by window: days up to today, minutes up to the running one, and what stands.
-- A stretch of today that goes on counts from the minute in which it began to the running one.
CREATE OR REPLACE TEMP TABLE going_on AS
SELECT c.scope, c.home, h.today, h.periods, k.measure,
    greatest(sum(c.amount) FILTER (c.measure = k.count) * h.minute - sum(c.amount) FILTER (c.measure = k.since), 0) * 60000
        AS amount
FROM scope_cell c JOIN calendar h USING (home)
JOIN (VALUES
    ('contact_running', 'contact_running_since', 'contact_ms'),
    ('available_running', 'available_running_since', 'available_ms')
) AS k(count, since, measure) ON c.measure IN (k.count, k.since)
WHERE c.day IS NULL AND TRY_CAST(c.stage AS BIGINT) = h.today
GROUP BY c.scope, c.home, h.today, h.periods, h.minute, k.measure;

CREATE OR REPLACE TEMP TABLE window_sum AS
SELECT scope, home, kind, win, measure, stage, sum(amount) AS amount
FROM (
    SELECT c.scope, c.home, w.kind, w.win, c.measure, c.stage, c.amount
    FROM scope_cell c JOIN calendar h USING (home) JOIN day_window w ON w.day = c.day AND w.periods = h.periods
    WHERE c.day <= h.today
    UNION ALL
    SELECT c.scope, c.home, '90d', '90d', c.measure, c.stage, c.amount
    FROM scope_cell c JOIN calendar h USING (home)
    WHERE c.day BETWEEN h.today - 89 AND h.today
    UNION ALL
    SELECT g.scope, g.home, w.kind, w.win, g.measure, NULL, g.amount
    FROM going_on g JOIN day_window w ON w.day = g.today AND w.periods = g.periods
    UNION ALL
    SELECT scope, home, '90d', '90d', measure, NULL, amount FROM going_on
    UNION ALL
    SELECT c.scope, c.home, 'rolling', r.win, c.measure, c.stage, c.amount
    FROM scope_cell c JOIN calendar h USING (home) JOIN rolling r ON c.minute BETWEEN h.minute - r.minutes AND h.minute
    WHERE c.day IS NOT NULL
    UNION ALL
    SELECT scope, home, 'now', 'now', measure, stage, amount FROM scope_cell WHERE day IS NULL AND minute IS NULL
    UNION ALL
    SELECT c.scope, c.home, 'now', 'now', replace(c.measure, 'untouched', 'stalled'), NULL, c.amount
    FROM scope_cell c JOIN untouched_since h USING (home)
    WHERE starts_with(c.measure, 'untouched') AND c.stage::BIGINT <= h.day
    UNION ALL
    SELECT c.scope, c.home, 'now', 'now', replace(c.measure, 'closing', 'past_close'), NULL, c.amount
    FROM scope_cell c JOIN calendar h USING (home)
    WHERE starts_with(c.measure, 'closing') AND c.stage::BIGINT < h.today
)
GROUP BY ALL
HAVING sum(amount) <> 0;

CREATE OR REPLACE TEMP TABLE window_value AS
WITH sampled AS (
    SELECT m.scope, m.home, s.day, s.minute, s.measure, s.stage, s.value
    FROM counted_sample s JOIN member m USING (team, rep)
)
SELECT s.scope, s.home, w.kind, w.win, s.measure, s.stage, s.value
FROM sampled s JOIN calendar h USING (home) JOIN day_window w ON w.day = s.day AND w.periods = h.periods
WHERE s.day <= h.today
UNION ALL
SELECT s.scope, s.home, '90d', '90d', s.measure, s.stage, s.value
FROM sampled s JOIN calendar h USING (home)
WHERE s.day BETWEEN h.today - 89 AND h.today
UNION ALL
SELECT s.scope, s.home, 'rolling', r.win, s.measure, s.stage, s.value
FROM sampled s JOIN calendar h USING (home) JOIN rolling r ON s.minute BETWEEN h.minute - r.minutes AND h.minute;

CREATE OR REPLACE TEMP TABLE window_sample AS
SELECT scope, win, measure, quantile_cont(value, 0.5)::DOUBLE AS median, quantile_cont(value, 0.9)::DOUBLE AS p90,
    count(*) AS n
FROM window_value WHERE stage IS NULL GROUP BY ALL;

-- The KPIs of every window that holds something or is shown.
CREATE OR REPLACE TEMP TABLE asked AS
SELECT DISTINCT scope, home, kind, win, scope LIKE 'rep:%' AS rep
FROM (
    SELECT scope, home, kind, win FROM window_sum
    UNION SELECT scope, home, kind, win FROM shown
    UNION SELECT scope, home, kind, win FROM quiet_family
);

-- What leaves 64 bits is null, and `overflow` says so.
CREATE OR REPLACE TEMP MACRO fits(number) AS
    number BETWEEN -9223372036854775808::HUGEINT AND 9223372036854775807::HUGEINT;

CREATE OR REPLACE TEMP TABLE quotient AS
WITH part AS (
    SELECT a.scope, a.kind, a.win, d.kpi, s.amount, 1 AS side
    FROM asked a CROSS JOIN (SELECT kpi, unnest(above) AS measure FROM definition) d
    JOIN window_sum s ON s.scope = a.scope AND s.win = a.win AND s.measure = d.measure
    UNION ALL
    SELECT a.scope, a.kind, a.win, d.kpi, s.amount, 2
    FROM asked a CROSS JOIN (SELECT kpi, unnest(below) AS measure FROM definition) d
    JOIN window_sum s ON s.scope = a.scope AND s.win = a.win AND s.measure = d.measure
    UNION ALL
    SELECT a.scope, a.kind, a.win, l.kpi, -s.amount, 2
    FROM asked a CROSS JOIN left_out l
    JOIN window_sum s ON s.scope = a.scope AND s.win = a.win AND s.measure = l.measure
),
total AS (
    SELECT scope, win, kpi, coalesce(sum(amount) FILTER (side = 1), 0) AS above,
        coalesce(sum(amount) FILTER (side = 2), 0) AS below
    FROM part GROUP BY ALL
)
SELECT a.scope, a.home, a.kind, a.win, d.kpi, d.formula,
    CASE WHEN fits(coalesce(t.above, 0)) THEN coalesce(t.above, 0)::DOUBLE / d.divisor END AS above,
    CASE WHEN fits(coalesce(t.below, 0)) THEN coalesce(t.below, 0)::DOUBLE END AS below
FROM asked a
JOIN definition d ON d.formula IN ('count', 'ratio') AND (d.reps OR NOT a.rep)
    AND is_given(d.place, a.kind)
LEFT JOIN total t ON t.scope = a.scope AND t.win = a.win AND t.kpi = d.kpi;

-- Of how many deals the money of a window is, and how many it leaves out for want of an amount or a rate.
CREATE OR REPLACE TEMP TABLE backing AS
SELECT a.scope, a.home, a.kind, a.win, d.kpi, d.formula,
    coalesce(sum(s.amount) FILTER (s.measure = m.deals), 0)
        - coalesce(sum(s.amount) FILTER (s.measure <> m.deals), 0) AS n,
    coalesce(sum(s.amount) FILTER (s.measure = m.without_amount), 0) AS without_amount,
    coalesce(sum(s.amount) FILTER (s.measure = m.unconverted), 0) AS unconverted
FROM asked a
JOIN definition d ON (d.reps OR NOT a.rep) AND is_given(d.place, a.kind)
JOIN amounts m ON m.kpi = d.kpi
LEFT JOIN window_sum s ON s.scope = a.scope AND s.win = a.win
    AND s.measure IN (m.deals, m.without_amount, m.unconverted, m.adjustments)
GROUP BY ALL;

-- Stages of a window, the 200 with most deals by name and the rest as one.
CREATE OR REPLACE TEMP TABLE stage_of_window AS
SELECT scope, home, kind, win, stage,
    coalesce(sum(amount) FILTER (measure = 'stage_entered'), 0) AS entered,
    coalesce(sum(amount) FILTER (measure = 'stage_closed'), 0) AS closed,
    coalesce(sum(amount) FILTER (measure = 'stage_converted'), 0) AS converted,
    coalesce(sum(amount) FILTER (measure = 'stage_lost'), 0) AS lost,
    coalesce(sum(amount) FILTER (measure = 'stage_entered_minor'), 0) AS entered_minor,
    coalesce(sum(amount) FILTER (measure = 'stage_converted_minor'), 0) AS converted_minor,
    coalesce(sum(amount) FILTER (measure = 'stage_lost_minor'), 0) AS lost_minor,
    coalesce(sum(amount) FILTER (measure = 'stage_entered_without_amount'), 0) AS without_amount,
    coalesce(sum(amount) FILTER (measure = 'stage_entered_unconverted'), 0) AS unconverted,
    coalesce(sum(amount) FILTER (measure = 'open_stage'), 0) AS open,
    coalesce(sum(amount) FILTER (measure = 'open_stage_minor'), 0) AS open_minor
FROM window_sum
WHERE measure IN (
    'stage_entered', 'stage_closed', 'stage_converted', 'stage_lost', 'open_stage', 'open_stage_minor', 'stage_entered_minor',
    'stage_converted_minor', 'stage_lost_minor', 'stage_entered_without_amount', 'stage_entered_unconverted'
)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE stage_sum AS
SELECT scope, home, kind, win, CASE WHEN place <= 200 THEN stage ELSE '…:other' END AS stage,
    sum(entered) AS entered, sum(closed) AS closed, sum(converted) AS converted, sum(lost) AS lost, sum(open) AS open,
    sum(open_minor) AS open_minor
FROM (
    SELECT *, row_number() OVER (PARTITION BY scope, win ORDER BY entered + closed DESC, open DESC, stage) AS place
    FROM stage_of_window
)
GROUP BY ALL;

-- What the deals are worth that entered stages, of the 200 that most entered by name.
CREATE OR REPLACE TEMP TABLE cohort AS
SELECT *, entered_minor - converted_minor - lost_minor AS pending_minor,
    fits(entered_minor) AND fits(converted_minor) AND fits(lost_minor) AND fits(entered_minor - converted_minor - lost_minor)
        AS fitting
FROM (
    SELECT scope, home, kind, win, CASE WHEN place <= 200 THEN stage ELSE '…:other' END AS stage, sum(entered) AS entered,
        sum(entered_minor) AS entered_minor, sum(converted_minor) AS converted_minor, sum(lost_minor) AS lost_minor,
        sum(without_amount) AS without_amount, sum(unconverted) AS unconverted
    FROM (
        SELECT *, row_number() OVER (PARTITION BY scope, win ORDER BY entered DESC, stage) AS place FROM stage_of_window
        WHERE entered <> 0 OR entered_minor <> 0 OR converted_minor <> 0 OR lost_minor <> 0
    )
    GROUP BY scope, home, kind, win, CASE WHEN place <= 200 THEN stage ELSE '…:other' END
)
WHERE stage NOT LIKE '%:unassigned';

-- States of phones now, the 50 with most reps by name: how many reps, and since when in the middle.
CREATE OR REPLACE TEMP TABLE state_sum AS
SELECT scope, home, CASE WHEN place <= 50 THEN stage ELSE '…' END AS state, sum(reps) AS reps, sum(since_ms) AS since_ms
FROM (
    SELECT *, row_number() OVER (PARTITION BY scope ORDER BY reps DESC, stage) AS place
    FROM (
        SELECT scope, home, stage, coalesce(sum(amount) FILTER (measure = 'agents'), 0) AS reps,
            coalesce(sum(amount) FILTER (measure = 'agents_since_ms'), 0) AS since_ms
        FROM window_sum WHERE win = 'now' AND measure IN ('agents', 'agents_since_ms')
        GROUP BY ALL
    )
)
GROUP BY ALL;

-- Cost by category, the 50 of most cost by name, and new customers.
CREATE OR REPLACE TEMP TABLE category_sum AS
WITH spent AS (
    SELECT scope, home, kind, win, CASE WHEN place <= 50 THEN stage ELSE '…' END AS category, sum(amount) AS minor
    FROM (
        SELECT *, row_number() OVER (PARTITION BY scope, win ORDER BY amount DESC, stage) AS place
        FROM window_sum WHERE measure = 'cost_category_minor'
    )
    GROUP BY ALL
)
SELECT s.*, coalesce(c.amount, 0) AS customers, fits(s.minor) AND fits(coalesce(c.amount, 0)) AS fitting
FROM spent s LEFT JOIN window_sum c ON c.scope = s.scope AND c.win = s.win AND c.measure = 'new_customers';

-- What deals went through beside entries, the 200 stages with most of it by name.
CREATE OR REPLACE TEMP TABLE detour AS
SELECT scope, home, kind, win, kpi, CASE WHEN place <= 200 THEN stage ELSE '…:other' END AS stage, sum(amount) AS amount
FROM (
    SELECT s.*, k.kpi,
        row_number() OVER (PARTITION BY s.scope, s.win, k.kpi ORDER BY s.amount DESC, s.stage) AS place
    FROM window_sum s JOIN (VALUES
        ('stage_skips', 'stage_skipped'), ('stage_regressions', 'stage_fell_back'), ('stage_reentries', 'stage_came_back'),
        ('stage_reopens', 'stage_reopened')
    ) AS k(kpi, measure) USING (measure)
)
GROUP BY ALL;

-- Exits from stages, the 200 that most deals left by name, and what came of them.
CREATE OR REPLACE TEMP TABLE exit AS
WITH counted_exit AS (
    SELECT scope, home, kind, win, stage, 'n' AS measure, count(*) AS amount
    FROM window_value WHERE measure IN ('stage_once', 'stage_latest')
    GROUP BY ALL
    UNION ALL
    SELECT scope, home, kind, win, stage, measure, amount FROM window_sum WHERE starts_with(measure, 'stage_left_')
),
whole AS (
    SELECT scope, home, kind, win, stage, coalesce(sum(amount) FILTER (measure = 'n'), 0) AS n,
        coalesce(sum(amount) FILTER (measure = 'stage_left_on'), 0) AS onward,
        coalesce(sum(amount) FILTER (measure = 'stage_left_lost'), 0) AS lost,
        coalesce(sum(amount) FILTER (measure = 'stage_left_on_minor'), 0) AS onward_minor,
        coalesce(sum(amount) FILTER (measure = 'stage_left_minor'), 0) AS minor,
        coalesce(sum(amount) FILTER (measure = 'stage_left_without_amount'), 0) AS without_amount,
        coalesce(sum(amount) FILTER (measure = 'stage_left_unconverted'), 0) AS unconverted
    FROM counted_exit GROUP BY ALL
)
SELECT scope, home, kind, win, CASE WHEN place <= 200 THEN stage ELSE '…:other' END AS stage, sum(n) AS n,
    sum(onward) AS onward, sum(lost) AS lost, sum(onward_minor) AS onward_minor, sum(minor) AS minor,
    sum(without_amount) AS without_amount, sum(unconverted) AS unconverted, fits(sum(onward_minor)) AND fits(sum(minor)) AS fitting
FROM (SELECT *, row_number() OVER (PARTITION BY scope, win ORDER BY n DESC, stage) AS place FROM whole)
GROUP BY scope, home, kind, win, CASE WHEN place <= 200 THEN stage ELSE '…:other' END;

-- Times in the stages that deals left, the 200 that most left by name.
CREATE OR REPLACE TEMP TABLE stage_time AS
WITH about AS (
    FROM (VALUES
        ('stage_time', 'stage_once'), ('stage_time', 'stage_latest'),
        ('stage_time_total', 'stage_once'), ('stage_time_total', 'stage_total')
    ) AS _(kpi, measure)
),
deals AS (
    SELECT v.scope, v.home, v.kind, v.win, a.kpi, v.stage, count(*) AS n
    FROM window_value v JOIN about a USING (measure)
    GROUP BY ALL
),
called AS (
    SELECT *, CASE
            WHEN row_number() OVER (PARTITION BY scope, win, kpi ORDER BY n DESC, stage) <= 200 THEN stage
            ELSE '…:other'
        END AS name
    FROM deals
),
middle AS (
    SELECT c.scope, c.home, c.kind, c.win, c.kpi, c.name, quantile_cont(v.value, 0.5)::DOUBLE / 1440 AS median, count(*) AS n
    FROM called c JOIN about a USING (kpi)
    JOIN window_value v ON v.scope = c.scope AND v.win = c.win AND v.measure = a.measure AND v.stage = c.stage
    GROUP BY ALL
),
summed AS (
    SELECT c.scope, c.win, c.kpi, c.name, sum(s.amount) AS spent_ms
    FROM called c JOIN about a USING (kpi)
    JOIN window_sum s ON s.scope = c.scope AND s.win = c.win AND s.measure = a.measure || '_ms' AND s.stage = c.stage
    GROUP BY ALL
)
SELECT m.*, coalesce(s.spent_ms, 0) AS spent_ms FROM middle m LEFT JOIN summed s USING (scope, win, kpi, name);

CREATE OR REPLACE TEMP TABLE speed AS
SELECT *, win_rate * open_qualified * avg_deal_size AS numerator
FROM (
    SELECT a.scope, a.home, a.win, coalesce(o.amount, 0) AS open_qualified, won + lost AS n,
        CASE WHEN won + lost > 0 THEN won / (won + lost) END AS win_rate,
        CASE WHEN valued > 0 AND fits(won_minor) THEN won_minor::DOUBLE / valued END AS avg_deal_size,
        NOT fits(coalesce(won_minor, 0)) AS beyond,
        CASE WHEN cycles > 0 THEN days / cycles END AS cycle
    FROM asked a
    LEFT JOIN window_sum o ON o.scope = a.scope AND o.win = 'now' AND o.measure = 'open_qualified'
    LEFT JOIN (
        SELECT scope,
            coalesce(sum(amount) FILTER (measure = 'won'), 0)::DOUBLE AS won,
            coalesce(sum(amount) FILTER (measure = 'lost'), 0)::DOUBLE AS lost,
            coalesce(sum(amount) FILTER (measure IN ('won_minor', 'won_adjustments_minor')), 0) AS won_minor,
            won - coalesce(sum(amount) FILTER (
                measure IN ('won_without_amount', 'won_unconverted', 'won_adjustments')
            ), 0) AS valued,
            coalesce(sum(amount) FILTER (measure = 'won_cycles'), 0)::DOUBLE AS cycles,
            coalesce(sum(amount) FILTER (measure = 'won_cycle_days'), 0)::DOUBLE AS days
        FROM window_sum WHERE win = '90d' GROUP BY scope
    ) s ON s.scope = a.scope
    WHERE a.kind = '90d'
);

-- In which order each process has its stages, of all editions by the names that they have in the end: those that close
-- come last, each stands where the last edition has it that does, and of two such the one of the later edition is first.
-- The first 500 are told, by process.
CREATE OR REPLACE TEMP TABLE stage_place AS
WITH latest AS (
    SELECT d.chart, d.number, d.place, d.kind <> 'open' AS closing, n.name
    FROM declared d JOIN named n ON n.chart = d.chart AND n.number = d.number AND n.told = d.stage
    QUALIFY row_number() OVER (PARTITION BY d.chart, n.name ORDER BY d.number DESC, d.place DESC) = 1
),
placed AS (
    SELECT chart, name, row_number() OVER (PARTITION BY chart ORDER BY closing, place, number DESC, name) - 1 AS place
    FROM latest
)
SELECT o.log, o.name || ':' || p.name AS stage, p.place::DOUBLE AS place
FROM org_record o JOIN chart c ON c.payload = o.payload::VARCHAR JOIN placed p USING (chart)
WHERE o.kind = 'process'
QUALIFY row_number() OVER (PARTITION BY o.log ORDER BY o.name, p.place) <= 500;

CREATE OR REPLACE TEMP TABLE expected AS
WITH leaf AS (
    SELECT q.scope, q.home, q.kind, q.win, q.kpi, unnest(CASE q.formula
            WHEN 'count' THEN ['value', 'overflow']
            ELSE ['value', 'numerator', 'denominator', 'n', 'overflow']
        END) AS path,
        unnest(CASE q.formula
            WHEN 'count' THEN [above, CASE WHEN above IS NULL THEN 1 END]
            ELSE [
                CASE WHEN below > 0 THEN above / below END, above, below,
                CASE WHEN q.kpi = 'avg_deal_size' THEN below ELSE coalesce(b.n, below) END,
                CASE WHEN above IS NULL OR below IS NULL THEN 1 END
            ]
        END) AS number
    FROM quotient q LEFT JOIN backing b USING (scope, win, kpi)
    UNION ALL
    SELECT scope, home, kind, win, kpi, unnest(['without_amount', 'unconverted']), unnest([without_amount, unconverted])
    FROM backing
    UNION ALL
    SELECT scope, home, kind, win, kpi, 'n', n FROM backing WHERE formula = 'count'
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, 'leads_waiting_oldest', 'value',
        CASE WHEN w.day IS NOT NULL THEN greatest(h.today - w.day, 0) END
    FROM asked a
    JOIN calendar h USING (home)
    LEFT JOIN (
        SELECT scope, min(stage::BIGINT) AS day FROM scope_cell WHERE measure = 'leads_waiting_since' GROUP BY scope
    ) w USING (scope)
    WHERE a.kind = 'now'
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, d.kpi, unnest(['value', 'n']),
        unnest([CASE d.formula WHEN 'p90' THEN s.p90 ELSE s.median END / d.divisor, coalesce(s.n, 0)])
    FROM asked a JOIN definition d ON d.formula IN ('median', 'p90') AND is_given(d.place, a.kind)
        AND (d.reps OR NOT a.rep)
    LEFT JOIN window_sample s ON s.scope = a.scope AND s.win = a.win AND s.measure = d.above[1]
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, d.kpi, 'value',
        CASE WHEN d.kpi = 'stage_open' THEN coalesce(s.open, 0) END
    FROM asked a
    JOIN definition d ON d.formula = 'stages' AND is_given(d.place, a.kind)
    LEFT JOIN (SELECT scope, win, sum(open) AS open FROM stage_sum GROUP BY ALL) s
        ON s.scope = a.scope AND s.win = a.win
    UNION ALL
    -- Whoever waits and called in the last hour, each in the second of a minute.
    SELECT a.scope, a.home, a.kind, a.win, 'callers_waiting', unnest(['value', 'since_ms']), unnest([coalesce(w.callers, 0), w.since_ms])
    FROM asked a LEFT JOIN (
        SELECT c.scope, sum(c.amount) AS callers,
            min(c.minute * 60000 + c.stage::BIGINT % 60 * 1000) FILTER (c.amount > 0) AS since_ms
        FROM scope_cell c JOIN calendar h USING (home)
        WHERE c.measure = 'callers_waiting' AND c.minute BETWEEN h.minute - 60 AND h.minute
        GROUP BY c.scope
    ) w USING (scope)
    WHERE a.kind = 'now' AND NOT a.rep
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, d.kpi, 'value', coalesce(s.reps, 0)
    FROM asked a
    JOIN definition d ON d.formula = 'states' AND is_given(d.place, a.kind)
    LEFT JOIN (SELECT scope, sum(reps) AS reps FROM state_sum GROUP BY ALL) s ON s.scope = a.scope
    UNION ALL
    SELECT scope, home, 'now', 'now', 'agent_states', 'states.' || state || '.' || unnest(['value', 'since_ms']),
        unnest([reps::DOUBLE, (since_ms // reps)::DOUBLE])
    FROM state_sum
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, d.kpi, 'value', NULL
    FROM asked a JOIN definition d ON d.formula = 'categories' AND is_given(d.place, a.kind) AND (d.reps OR NOT a.rep)
    UNION ALL
    SELECT s.scope, s.home, s.kind, s.win, d.kpi,
        'categories.' || s.category || '.' || unnest(['value', 'numerator', 'denominator', 'overflow']),
        unnest([
            CASE WHEN fitting AND customers > 0 THEN minor::DOUBLE / customers END,
            CASE WHEN fits(minor) THEN minor::DOUBLE END, CASE WHEN fitting THEN customers::DOUBLE END,
            CASE WHEN NOT fitting THEN 1 END
        ])
    FROM category_sum s JOIN definition d ON d.formula = 'categories' AND is_given(d.place, s.kind)
    WHERE s.scope NOT LIKE 'rep:%'
    UNION ALL
    SELECT scope, home, kind, win, 'stage_entries', 'stages.' || stage || '.value', entered + closed
    FROM stage_sum WHERE entered + closed <> 0
    UNION ALL
    SELECT scope, home, kind, win, kpi, 'stages.' || stage || '.value', amount FROM detour
    UNION ALL
    SELECT scope, home, kind, win, kpi || '_median', 'stages.' || name || '.' || unnest(['value', 'n']),
        unnest([median, n])
    FROM stage_time
    UNION ALL
    SELECT scope, home, kind, win, kpi,
        'stages.' || name || '.' || unnest(['value', 'numerator', 'denominator', 'n', 'overflow']),
        unnest([
            CASE WHEN fits(spent_ms) THEN spent_ms::DOUBLE / 86400000 / n END,
            CASE WHEN fits(spent_ms) THEN spent_ms::DOUBLE / 86400000 END, n, n, CASE WHEN NOT fits(spent_ms) THEN 1 END
        ])
    FROM stage_time
    UNION ALL
    SELECT scope, home, kind, win, 'stage_exits', 'stages.' || stage || '.value', n FROM exit WHERE n <> 0
    UNION ALL
    SELECT scope, home, kind, win, 'stage_progress',
        'stages.' || stage || '.' || unnest(['value', 'numerator', 'denominator', 'n', 'lost']),
        unnest([onward::DOUBLE / n, onward, n, n, lost])
    FROM exit WHERE n <> 0 AND stage NOT LIKE '%:unassigned'
    UNION ALL
    SELECT scope, home, kind, win, 'stage_progress_value', 'stages.' || stage || '.' || unnest([
            'value', 'numerator', 'denominator', 'n', 'without_amount', 'unconverted', 'overflow'
        ]), unnest([
            CASE WHEN fitting AND minor > 0 THEN onward_minor::DOUBLE / minor::DOUBLE END,
            CASE WHEN fitting THEN onward_minor::DOUBLE END, CASE WHEN fitting THEN minor::DOUBLE END,
            n - without_amount - unconverted, without_amount, unconverted, CASE WHEN NOT fitting THEN 1 END
        ])
    FROM exit WHERE n <> 0 AND stage NOT LIKE '%:unassigned'
    UNION ALL
    SELECT scope, home, kind, win, 'stage_conversion',
        'stages.' || stage || '.' || unnest(['value', 'numerator', 'denominator', 'n', 'lost', 'pending']),
        unnest([
            CASE WHEN entered > 0 THEN converted::DOUBLE / entered END, converted, entered, entered, lost,
            entered - converted - lost
        ])
    FROM stage_sum
    WHERE (entered <> 0 OR converted <> 0 OR lost <> 0) AND stage NOT LIKE '%:unassigned'
    UNION ALL
    SELECT scope, home, kind, win, 'stage_conversion_value', 'stages.' || stage || '.' || unnest([
            'value', 'numerator', 'denominator', 'n', 'lost_minor', 'pending_minor', 'without_amount', 'unconverted', 'overflow'
        ]), unnest([
            CASE WHEN fitting AND entered_minor > 0 THEN converted_minor::DOUBLE / entered_minor::DOUBLE END,
            CASE WHEN fitting THEN converted_minor::DOUBLE END, CASE WHEN fitting THEN entered_minor::DOUBLE END,
            entered - without_amount - unconverted, CASE WHEN fitting THEN lost_minor::DOUBLE END,
            CASE WHEN fitting THEN pending_minor::DOUBLE END, without_amount, unconverted, CASE WHEN NOT fitting THEN 1 END
        ])
    FROM cohort
    WHERE entered <> 0 OR entered_minor <> 0 OR converted_minor <> 0 OR lost_minor <> 0
    UNION ALL
    SELECT scope, home, kind, win, 'stage_open',
        'stages.' || stage || '.' || unnest(['value', 'amount_minor', 'overflow']),
        unnest([
            open::DOUBLE, CASE WHEN fits(open_minor) THEN open_minor::DOUBLE END, CASE WHEN NOT fits(open_minor) THEN 1 END
        ])
    FROM stage_sum WHERE open <> 0 OR open_minor <> 0
    UNION ALL
    SELECT a.scope, a.home, a.kind, a.win, 'stage_open', 'places.' || p.stage, p.place
    FROM asked a JOIN home h ON h.home = a.home JOIN stage_place p ON p.log = h.log
    WHERE a.kind = 'now'
    UNION ALL
    SELECT scope, home, '90d', win, 'pipeline_velocity',
        unnest(['value', 'numerator', 'denominator', 'n', 'terms.open_qualified', 'terms.win_rate',
                'terms.avg_deal_size', 'terms.sales_cycle', 'overflow']),
        unnest([
            CASE WHEN cycle <> 0 THEN numerator / cycle END, numerator, cycle, coalesce(n, 0), open_qualified, win_rate,
            avg_deal_size, cycle, CASE WHEN beyond THEN 1 END
        ])
    FROM speed
)
SELECT l.* REPLACE (l.number::DOUBLE AS number), d.family, d.formula
FROM leaf l JOIN definition d ON d.kpi = l.kpi AND is_given(d.place, l.kind)
WHERE l.number IS NOT NULL OR l.path NOT LIKE '%overflow';
