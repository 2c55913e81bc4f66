-- What the logs say, as it was read. A log is `<topic>/<partition>`, `pos` an offset in it.
CREATE TABLE event (
    log VARCHAR, pos BIGINT, append_ms BIGINT, domain VARCHAR, kind VARCHAR, key VARCHAR, time_ms BIGINT,
    sequence BIGINT, ingested BIGINT, source VARCHAR, id VARCHAR, id_digest VARCHAR, digest VARCHAR, corrects VARCHAR,
    data JSON
);
-- Events to be passed on. Those of a batch have places below zero: -(1024 * offset + number).
CREATE TABLE misplaced AS FROM event;
CREATE TABLE link (
    log VARCHAR, pos BIGINT, origin_log VARCHAR, origin_pos BIGINT, append_ms BIGINT, subject VARCHAR, kind VARCHAR,
    origin VARCHAR, payload VARCHAR
);
CREATE TABLE copy (
    log VARCHAR, pos BIGINT, origin_log VARCHAR, origin_pos BIGINT, append_ms BIGINT, subject VARCHAR, payload VARCHAR
);
CREATE TABLE appended (log VARCHAR, pos BIGINT, append_ms BIGINT);
-- When facts first and last told of a day of a rep in a team, up to their record `pos`: a stretch of the log a row.
CREATE TABLE told (
    log VARCHAR, pos BIGINT, team VARCHAR, rep VARCHAR, day BIGINT, first_ms BIGINT, last_ms BIGINT
);
CREATE TABLE answer (log VARCHAR, pos BIGINT, first_pos BIGINT, last_pos BIGINT, counts_as_ms BIGINT);

-- What is asked for each time: records of each log up to a position, the offsets of zones, digits of currencies.
CREATE TABLE bound (log VARCHAR, below BIGINT);
CREATE TABLE worked_off (log VARCHAR, below BIGINT);
CREATE TABLE zone_offset (zone VARCHAR, from_ms BIGINT, to_ms BIGINT, offset_ms BIGINT);
-- The first instant at which the clocks of a zone show so much since 1970, or more: of a clock that was skipped the change.
CREATE MACRO at_wall_ms(of_zone, shown_ms) AS (
    SELECT min(greatest(o.from_ms, shown_ms - o.offset_ms)) FROM zone_offset o
    WHERE o.zone = of_zone AND greatest(o.from_ms, shown_ms - o.offset_ms) < o.to_ms
);
CREATE TABLE currency_digits (currency VARCHAR, digits INTEGER);
CREATE TABLE free_day (place VARCHAR, date DATE);
CREATE TABLE home_partition (home VARCHAR, number BIGINT);
CREATE TABLE policy (
    currency VARCHAR, future_ms BIGINT, activity_ms BIGINT, closed_ms BIGINT, finality_ms BIGINT, pane_days BIGINT,
    stalled_days BIGINT, most_dated BIGINT, publish_teams VARCHAR, publish_reps VARCHAR, publish_members VARCHAR,
    publish_reps_families VARCHAR
);

-- What was refused, as its object was full.
CREATE TABLE full_link (log VARCHAR, pos BIGINT, subject VARCHAR, kind VARCHAR, origin VARCHAR);
CREATE TABLE full_edit (log VARCHAR, pos BIGINT);

-- What came for an activity after it was forgotten.
CREATE TABLE late_event (log VARCHAR, pos BIGINT);
CREATE TABLE late_link (log VARCHAR, pos BIGINT);

-- What stands beside figures in Redis, and up to which now each home may have been shown as it was when it was read.
CREATE TABLE rank (home VARCHAR, kind VARCHAR, kpi VARCHAR, rep VARCHAR, number DOUBLE);
CREATE TABLE funnel (home VARCHAR, process VARCHAR, stage VARCHAR, number DOUBLE);
CREATE TABLE contest_shown (shown_in VARCHAR, name VARCHAR, scope VARCHAR, field VARCHAR, text VARCHAR);
CREATE TABLE contest_place (shown_in VARCHAR);
CREATE TABLE achievement_shown (
    shown_in VARCHAR, home VARCHAR, kpi VARCHAR, id VARCHAR, field VARCHAR, text VARCHAR
);
CREATE TABLE achievement_place (shown_in VARCHAR);
CREATE TABLE absent_rep (home VARCHAR, rep VARCHAR);
CREATE TABLE ramping_rep (home VARCHAR, rep VARCHAR);
CREATE TABLE industry_field (home VARCHAR, id VARCHAR, field VARCHAR, value VARCHAR);
CREATE TABLE special_day_field (home VARCHAR, field VARCHAR, value VARCHAR);
CREATE TABLE limit_field (home VARCHAR, kpi VARCHAR, value DOUBLE);
CREATE TABLE read_until (home VARCHAR, until_ms BIGINT);
