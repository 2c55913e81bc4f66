-- What tells who is in ramp: how new reps count by month, as the company or a team says from some day on, and when they
-- were hired. After `organisation`.
CREATE OR REPLACE TEMP TABLE ramp_rule AS
SELECT log, payload ->> 'team_id' AS team, coalesce((payload ->> 'effective_on')::BIGINT, 0) AS since, name,
    (payload -> 'ramp')::BIGINT[] AS ramp
FROM org_record WHERE kind = 'proration' AND payload ->> 'ramp' IS NOT NULL;

CREATE OR REPLACE TEMP TABLE hired_rep AS
SELECT log, name AS rep, (payload ->> 'hired_on')::BIGINT AS day
FROM org_record WHERE kind = 'rep' AND payload ->> 'hired_on' IS NOT NULL;

-- What a team's reps count by on a day: its own word before the company's, of several what began last.
CREATE OR REPLACE TEMP MACRO ramp_on(in_log, of_team, on_day) AS (
    SELECT arg_max(r.ramp, row(r.team IS NOT NULL, r.since, r.name)) FROM ramp_rule r
    WHERE r.log = in_log AND coalesce(r.team, of_team) = of_team AND r.since <= on_day
);

-- Whole months between two days: one that would end on a day which its month lacks ends on the last it has.
CREATE OR REPLACE TEMP MACRO date_of_day(ordinal) AS DATE '1970-01-01' + (ordinal - 719163)::INTEGER;
CREATE OR REPLACE TEMP MACRO months_between(begun, later) AS datediff('month', begun, later)
    - CASE WHEN begun + to_months(datediff('month', begun, later)::INTEGER) > later THEN 1 ELSE 0 END;

-- How much of a rep counts on a day, in ten-thousandths; all of one before being hired, or of whom that is not said.
CREATE OR REPLACE TEMP MACRO ramp_bp(ramp, hired_day, on_day) AS CASE
    WHEN on_day >= hired_day THEN coalesce(ramp[months_between(date_of_day(hired_day), date_of_day(on_day)) + 1], 10000)
    ELSE 10000
END;
