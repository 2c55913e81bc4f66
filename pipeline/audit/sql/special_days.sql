-- The special day that a team has today beside its figures: until when and from when it is open, closed without either.
-- After `present`, `hours` and `timeline`; around midnight it is not known which day is meant.
CREATE OR REPLACE TEMP TABLE special_day_looked_at AS
WITH settled AS (
    SELECT h.* FROM calendar h
    JOIN today_span t USING (home)
    LEFT JOIN read_until r USING (home)
    WHERE h.now_ms >= t.start_ms + 60000 AND greatest(h.now_ms, coalesce(r.until_ms, 0)) < t.end_ms - 60000
),
timed AS (
    SELECT *, from_minute < over_minute AS open, printf('%02d:%02d', from_minute // 60 % 24, from_minute % 60) AS begins,
        printf('%02d:%02d', over_minute // 60 % 24, over_minute % 60) AS ends
    FROM special_day WHERE from_minute > 0 OR over_minute < 1440
),
due AS (
    SELECT h.home, unnest(['day', 'open_from', 'open_until']) AS field, unnest([
        s.date::VARCHAR,
        CASE WHEN s.open AND s.from_minute > 0 THEN s.begins ELSE '' END,
        CASE WHEN s.open AND s.over_minute < 2880 THEN s.ends ELSE '' END
    ]) AS value
    FROM settled h JOIN timed s ON s.log = h.log AND s.team = h.team AND s.day = h.today
    WHERE EXISTS (FROM published p WHERE p.scope = h.home)
),
paired AS (
    SELECT coalesce(d.home, s.home) AS home, coalesce(d.field, s.field) AS field, coalesce(d.value, s.value) AS value,
        s.value IS NOT NULL AS is_shown, d.value IS NOT NULL AS is_expected
    FROM due d
    FULL JOIN (FROM special_day_field SEMI JOIN settled USING (home)) s
        ON s.home = d.home AND s.field = d.field AND s.value = d.value
)
SELECT home AS scope, 'now' AS win, 'special_day' AS kpi, field || ' ' || value AS path,
    is_shown::INTEGER::DOUBLE AS shown, is_expected::INTEGER::DOUBLE AS expected, is_shown, is_expected
FROM paired;

CREATE OR REPLACE TEMP TABLE special_day_difference AS FROM special_day_looked_at WHERE is_shown <> is_expected;
