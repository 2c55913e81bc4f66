-- The windows that are published, and the families of KPIs in them. What a scrape shows of reps is a choice of its own.
CREATE OR REPLACE TEMP TABLE published AS
WITH windows AS (
    SELECT a.scope, a.win, sort_of(a.scope) AS sort
    FROM asked a
    JOIN chosen c ON c.sort = sort_of(a.scope) AND c.win = CASE WHEN a.kind = 'rolling' THEN a.win ELSE a.kind END
    WHERE c.past OR a.kind IN ('rolling', 'now', '90d') OR EXISTS (
        FROM calendar h JOIN day_window w ON w.day = h.today AND w.periods = h.periods
        WHERE h.home = a.home AND w.win = a.win
    )
)
SELECT w.scope, w.win, f.family
FROM windows w CROSS JOIN (SELECT DISTINCT family FROM definition) f
WHERE w.sort = 'team' OR f.family IN (SELECT family FROM chosen_family);

-- Where what is shown is not what is expected. What is absent stands for nothing: that is the same as null or 0. Some
-- KPIs may be absent although something is known that they divide by: cost, open deals, tries, contacts and what was done
-- decide.
CREATE OR REPLACE TEMP TABLE looked_at AS
WITH wanted AS (
    FROM expected e
    WHERE (getvariable('partial') = 'reps' OR EXISTS (
        FROM published p WHERE p.scope = e.scope AND p.win = e.win AND p.family = e.family
    ))
    AND CASE
        WHEN getvariable('own') THEN EXISTS (
            FROM shown s JOIN definition d USING (kpi)
            WHERE s.scope = e.scope AND s.win = e.win AND d.family = e.family
        ) OR EXISTS (FROM quiet_family n WHERE n.scope = e.scope AND n.win = e.win AND n.family = e.family)
        WHEN getvariable('partial') = '' THEN true
        ELSE (
        number IS NOT NULL AND formula NOT IN ('stall', 'usual', 'score', 'timeline') AND (formula <> 'goals' OR (
            getvariable('partial') = 'teams'
            AND regexp_full_match(kpi || '.' || path, 'goal_attainment\.goals\..*\.(value|denominator)|goal_pace\.goals\..*\.projection')
        ))
        AND CASE WHEN getvariable('partial') = 'teams' THEN e.scope NOT LIKE 'rep:%' ELSE
            e.scope LIKE 'rep:%' AND EXISTS (FROM shown s WHERE s.kpi = e.kpi) AND EXISTS (FROM shown s WHERE s.win = e.win)
        END
        AND CASE WHEN formula IN ('stages', 'states') THEN path LIKE formula || '.%.value' WHEN formula = 'goals' THEN true
            ELSE path = 'value' OR (
            getvariable('partial') = 'teams' AND formula = 'ratio' AND path IN ('numerator', 'denominator')
        ) END
        AND (e.win IN ('90d', 'now') OR e.kind = 'rolling' OR EXISTS (
            FROM calendar h JOIN day_window w ON w.day = h.today AND w.periods = h.periods
            WHERE h.home = e.home AND w.win = e.win
        ))
        )
    END
),
inside AS (
    SELECT DISTINCT w.win, h.home, w.first_day
    FROM calendar h JOIN day_window w USING (periods)
    UNION SELECT '90d', home, today - 89 FROM calendar
),
covered AS (
    SELECT a.scope, a.win, c.family
    FROM asked a CROSS JOIN coverage c LEFT JOIN inside i ON i.home = a.home AND i.win = a.win
    WHERE i.first_day >= c.first_day OR a.kind = 'rolling' OR (a.kind = 'now' AND c.family <> 'usual')
        -- What is usual is of the eight weeks before today.
        OR (a.kind = 'now' AND EXISTS (FROM calendar h WHERE h.home = a.home AND h.today - 57 >= c.first_day))
),
-- That nothing happened stands for a 0, or null, in every place.
said AS (
    SELECT scope, win, kpi, path, number FROM shown
    UNION ALL
    SELECT scope, win, kpi, path, CASE WHEN number <> 0 THEN 0 ELSE number END
    FROM expected e SEMI JOIN quiet_family n ON n.scope = e.scope AND n.win = e.win AND n.family = e.family
    WHERE path NOT LIKE 'places.%'
),
shown_kpi AS (SELECT DISTINCT scope, win, kpi FROM said),
paired AS (
    SELECT
        coalesce(e.scope, s.scope) AS scope, coalesce(e.win, s.win) AS win, coalesce(e.kpi, s.kpi) AS kpi,
        coalesce(e.path, s.path) AS path, s.number AS shown, e.number AS expected,
        s.path IS NOT NULL AS is_shown, e.path IS NOT NULL AS is_expected
    FROM wanted e FULL JOIN said s ON s.scope = e.scope AND s.win = e.win AND s.kpi = e.kpi AND s.path = e.path
)
SELECT p.*, k.kpi IS NOT NULL AS kpi_shown, d.formula
FROM paired p
JOIN definition d USING (kpi)
SEMI JOIN covered c ON c.scope = p.scope AND c.win = p.win AND c.family = d.family
ANTI JOIN newer n ON n.scope = p.scope AND n.win = p.win AND n.family IN ('', d.family)
LEFT JOIN shown_kpi k ON k.scope = p.scope AND k.win = p.win AND k.kpi = p.kpi;

CREATE OR REPLACE TEMP TABLE difference AS
FROM looked_at
WHERE CASE
    WHEN is_shown AND is_expected THEN
        (shown IS NULL) <> (expected IS NULL)
        OR abs(shown - expected) > greatest(abs(shown), abs(expected))
            * CASE
                WHEN formula IN ('median', 'p90') AND path = 'value' THEN 0.0101
                WHEN kpi LIKE 'stage_time%median' AND path LIKE 'stages.%.value' THEN 0.0101
                ELSE 1e-9
            END
    WHEN is_shown THEN true
    WHEN kpi_shown THEN true
    ELSE coalesce(expected, 0) <> 0 AND path NOT LIKE 'places.%'
        AND (
            path IN ('numerator', 'terms.open_qualified')
            OR NOT (kpi = 'pipeline_velocity' OR regexp_full_match(
                kpi, 'cac(_\d+d)?|leads_(tried|contacted)_\d+m|(dials|cost)_per_meeting|(meetings|activities|cost)_per_win|bookings_per_rep_day|open_pipeline_per_rep'
            ))
        )
END;
