-- What each kind of object counts, for whom and when. Rows without an instant stand now; `who` tells whether `name` is a
-- rep or a team.
CREATE OR REPLACE TEMP TABLE claim (
    log VARCHAR, who VARCHAR, name VARCHAR, at_ms BIGINT, measure VARCHAR, stage VARCHAR, amount BIGINT
);
-- Amounts, converted at the rate of their day: into each of `measures`, into `stage_measure` of the stage, and as a
-- single value behind the median `sample`. Where there is no amount each of `missing` counts that, where there is no
-- rate for it each of `unpriced`.
CREATE OR REPLACE TEMP TABLE amount_claim (
    log VARCHAR, owner VARCHAR, at_ms BIGINT, measures VARCHAR[], missing VARCHAR[], unpriced VARCHAR[],
    stage_measure VARCHAR, stage VARCHAR, sample VARCHAR, amount_minor BIGINT, currency VARCHAR
);
-- Amounts that reps share in place of the owner: into each of `measures` what moves to and from each of them.
CREATE OR REPLACE TEMP TABLE split_claim (
    log VARCHAR, owner VARCHAR, at_ms BIGINT, measures VARCHAR[], amount_minor BIGINT, currency VARCHAR, reps VARCHAR[],
    shares BIGINT[]
);
-- From creation to close, in local days of the team that closed it.
CREATE OR REPLACE TEMP TABLE cycle_claim (log VARCHAR, owner VARCHAR, created_ms BIGINT, at_ms BIGINT, state VARCHAR);
-- What stands of a rep's deals by the instant of the last touch, with what it is worth.
CREATE OR REPLACE TEMP TABLE untouched_claim (
    log VARCHAR, owner VARCHAR, touched_ms BIGINT, amount_minor BIGINT, currency VARCHAR
);
-- What stands of a rep by the local day of an instant.
CREATE OR REPLACE TEMP TABLE dated_claim (log VARCHAR, owner VARCHAR, at_ms BIGINT, measure VARCHAR);
-- Times that a rep's deals were in a stage: each summed, and a value behind a median.
CREATE OR REPLACE TEMP TABLE lasting_claim (
    log VARCHAR, owner VARCHAR, at_ms BIGINT, stage VARCHAR, sample VARCHAR, spent_ms BIGINT
);
-- Amounts of a team, evenly over the local days of a period, so many days `later`; at the rate of its first day.
CREATE OR REPLACE TEMP TABLE period_claim (
    log VARCHAR, team VARCHAR, first_day BIGINT, last_day BIGINT, measure VARCHAR, amount_minor BIGINT, currency VARCHAR,
    category VARCHAR, later BIGINT
);
-- What is known by local day of a place, in the company's currency where it is an amount.
CREATE OR REPLACE TEMP TABLE daily_claim (team VARCHAR, rep VARCHAR, day BIGINT, measure VARCHAR, amount BIGINT);
-- Single values behind medians and the like.
CREATE OR REPLACE TEMP TABLE sample_claim (log VARCHAR, owner VARCHAR, at_ms BIGINT, measure VARCHAR, value BIGINT);
-- Stretches of time, which count on the local days that they lie in; or `once`, on the day on which they began.
CREATE OR REPLACE TEMP TABLE stretch_claim (
    log VARCHAR, owner VARCHAR, from_ms BIGINT, to_ms BIGINT, measure VARCHAR, once BOOLEAN
);
-- What a rep's phone was set to from when until when, for the timeline.
CREATE OR REPLACE TEMP TABLE timeline_claim (log VARCHAR, owner VARCHAR, from_ms BIGINT, to_ms BIGINT, state VARCHAR);
-- What stands since an instant, for who had it then and by the local day of then.
CREATE OR REPLACE TEMP TABLE begun_claim (log VARCHAR, owner VARCHAR, at_ms BIGINT, measure VARCHAR, amount BIGINT);
-- Calls of which only what people logged is known.
CREATE OR REPLACE TEMP TABLE logged_call (
    log VARCHAR, rep VARCHAR, at_ms BIGINT, outbound BOOLEAN, dials BIGINT, connected BOOLEAN, talk_ms BIGINT
);

-- @ kinds: object

-- @ kinds: claim
