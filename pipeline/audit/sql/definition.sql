-- What each kind of object declares. Its events may be as old as they are `kept`, `shortly` (three days), `briefly` or
-- `long`, or else of any age:
-- by the time that `anchor` names, an instant or the end of a local day, or by the event's own. Times in `past` cannot
-- lie ahead, `legs.ended_at` of each part of a list. Fields in `by_time` hold from the event's time on, all others until the next event.
CREATE TABLE kind_rule (kind VARCHAR, domain VARCHAR, kept VARCHAR);
CREATE TABLE anchor (kind VARCHAR, field VARCHAR, unit VARCHAR);
-- What an event may not tell backwards.
CREATE TABLE period (kind VARCHAR, first_field VARCHAR, last_field VARCHAR);
INSERT INTO period VALUES ('membership', 'valid_from', 'valid_to'), ('identity', 'valid_from', 'valid_to'),
    ('absence', 'first_day', 'last_day'), ('contest', 'first_day', 'last_day');
CREATE TABLE past (kind VARCHAR, field VARCHAR);
-- What these families count lies so many days after what it is of.
CREATE TABLE lagging (family VARCHAR, days BIGINT);
CREATE TABLE by_time (kind VARCHAR, field VARCHAR);
-- What counts on its day and in no minute: KPIs of whole days alone say anything of it.
CREATE TABLE day_measure (measure VARCHAR);
-- Of these kinds what is told of before so many whole days (UTC) comes too late, and what is older stays as it was counted.
CREATE TABLE settling (kind VARCHAR, days BIGINT);

-- The KPIs, as docs define them. `above` over `below`; `divisor` turns milliseconds into seconds. `place`: in windows of
-- time, of whole days, only now, only the trailing 90 days, or always. Those of teams only have `reps` false.
CREATE TABLE definition (
    kind VARCHAR, kpi VARCHAR, family VARCHAR, formula VARCHAR, above VARCHAR[], below VARCHAR[], divisor INTEGER,
    place VARCHAR, reps BOOLEAN
);

-- What a KPI does not divide by, of what is below; and, where it tells of money, how many deals that may be of, how many
-- of them have no amount, how many one that no rate converts, and how many one below 0 that is no part of it.
CREATE TABLE left_out (kpi VARCHAR, measure VARCHAR);
CREATE TABLE amounts (kpi VARCHAR, deals VARCHAR, without_amount VARCHAR, unconverted VARCHAR, adjustments VARCHAR);

-- An amount at a rate, `shift` digits further, half to even; none without a rate. What would be far more than an amount may
-- be is left out before it is worked out exactly: no product leaves 128 bits.
CREATE MACRO half_even(above, below) AS above // below + CASE
    WHEN 2 * (above % below) > below OR (2 * (above % below) = below AND (above // below) % 2 = 1) THEN 1 ELSE 0
END;
CREATE MACRO minor_at(weight, rate, shift) AS half_even(
    weight * (rate * 1000000000000)::HUGEINT * pow(10, greatest(shift, 0))::HUGEINT,
    1000000000000::HUGEINT * pow(10, greatest(-shift, 0))::HUGEINT
);
CREATE MACRO within_bounds(minor) AS CASE WHEN minor <= 1000000000000000 THEN minor::BIGINT END;
CREATE MACRO at_rate(amount_minor, rate, shift) AS sign(amount_minor)::BIGINT * within_bounds(minor_at(
    CASE WHEN abs(amount_minor)::DOUBLE * rate::DOUBLE * pow(10, shift) < 2e15 THEN abs(amount_minor)::HUGEINT END,
    rate, shift
));

-- The parts of an amount in the ratio of shares, in their order: what rounding leaves goes to those that lost most by it, of
-- equal ones to the first, a unit each.
CREATE MACRO lost_of(amount, shares, i) AS abs(amount)::HUGEINT * shares[i] % list_sum(shares);
CREATE MACRO parts_of(amount, shares) AS [
    sign(amount)::BIGINT * (abs(amount)::HUGEINT * shares[i] // list_sum(shares) + CASE WHEN len([
        j FOR j IN range(1, len(shares) + 1)
        IF lost_of(amount, shares, j) > lost_of(amount, shares, i)
            OR (lost_of(amount, shares, j) = lost_of(amount, shares, i) AND j < i)
    ]) < abs(amount) - list_sum([abs(amount)::HUGEINT * share // list_sum(shares) FOR share IN shares]) THEN 1 ELSE 0 END)
    FOR i IN range(1, len(shares) + 1)
];

-- The middle of a sorted list, or halfway between the two in the middle.
CREATE MACRO middle(sorted) AS (sorted[(len(sorted) + 1) // 2] + sorted[len(sorted) // 2 + 1]) / 2;

CREATE MACRO is_given(place, win_kind) AS CASE place
    WHEN 'always' THEN true
    WHEN 'period' THEN win_kind <> 'now'
    WHEN 'days' THEN win_kind NOT IN ('now', 'rolling')
    WHEN 'calendar' THEN win_kind NOT IN ('now', 'rolling', '90d')
    ELSE win_kind = place
END;

-- @ kinds: declare

-- The KPIs of goals are of no kind of object. They stand with calls, which are kept as short as anything that targets
-- are set for: they can be worked out where all of it can.
CREATE TABLE goal_kpi AS FROM (VALUES
    ('calls', 'calls'), ('dials', 'dials'), ('emails', 'emails'), ('meetings_set', 'meetings_set'),
    ('meetings_held', 'meetings_held'), ('activities', 'activities'), ('deals_created', 'deals_created'), ('won', 'won'),
    ('bookings', 'won_minor'), ('bookings', 'won_split_minor'), ('new_customers', 'new_customers')
) g (goal, measure);

-- What may be weighed in activity scores, and the measure that counts it.
CREATE TABLE score_kpi AS FROM (VALUES
    ('calls', 'calls'), ('dials', 'dials'), ('connected_calls', 'connected'), ('conversations_60s', 'conversations'),
    ('emails', 'emails'), ('meetings_set', 'meetings_set'), ('meetings_held', 'meetings_held'),
    ('activities', 'activities'), ('leads_worked', 'leads_worked'), ('deals_created', 'deals_created'), ('won', 'won'),
    ('new_customers', 'new_customers')
) s (kpi, measure);

CREATE TABLE rolling AS FROM (VALUES ('5m', 5), ('15m', 15), ('1h', 60), ('8h', 480), ('24h', 1440)) r (win, minutes);

-- What is compared: cells of all teams, each at the cut of its partition; whose figures, in which log, at which now.
CREATE TABLE counted (
    team VARCHAR, rep VARCHAR, day BIGINT, minute BIGINT, measure VARCHAR, stage VARCHAR, amount HUGEINT
);
CREATE TABLE counted_sample (
    team VARCHAR, rep VARCHAR, day BIGINT, minute BIGINT, measure VARCHAR, stage VARCHAR, value BIGINT
);
CREATE TABLE sender (team VARCHAR, log VARCHAR);
CREATE TABLE home (home VARCHAR, log VARCHAR, now_ms BIGINT);
CREATE TABLE shown (
    scope VARCHAR, home VARCHAR, kind VARCHAR, win VARCHAR, kpi VARCHAR, path VARCHAR, number DOUBLE
);
CREATE TABLE heading (
    scope VARCHAR, home VARCHAR, kind VARCHAR, win VARCHAR, state VARCHAR, currency VARCHAR, currency_digits BIGINT,
    as_of_ms BIGINT, due_as_of_ms BIGINT, start_ms BIGINT, end_ms BIGINT, activities_fixed BOOLEAN, attendance VARCHAR
);
-- Families of which a record only says that nothing happened.
CREATE TABLE quiet_family (scope VARCHAR, home VARCHAR, kind VARCHAR, win VARCHAR, family VARCHAR);
CREATE TABLE newer (scope VARCHAR, win VARCHAR, family VARCHAR);
