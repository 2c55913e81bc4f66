-- Funnel keys: the deals that are open now in each stage of a home's own scope. A stage that is not there has none.
CREATE OR REPLACE TEMP TABLE funnel_looked_at AS
WITH due AS (
    SELECT home, split_part(stage, ':', 1) AS process, substr(stage, strpos(stage, ':') + 1) AS stage, open AS number
    FROM stage_sum s
    WHERE kind = 'now' AND scope = home AND open <> 0
        AND EXISTS (FROM published p WHERE p.scope = s.scope AND p.win = 'now' AND p.family = 'funnel')
),
paired AS (
    SELECT coalesce(d.home, t.home) AS home, coalesce(d.process, t.process) || ':' || coalesce(d.stage, t.stage) AS path,
        t.number AS shown, d.number::DOUBLE AS expected, t.home IS NOT NULL AS is_shown, d.home IS NOT NULL AS is_expected
    FROM due d FULL JOIN (FROM funnel SEMI JOIN calendar USING (home)) t USING (home, process, stage)
)
SELECT p.home AS scope, 'now' AS win, 'funnel' AS kpi, p.* EXCLUDE (home)
FROM paired p
ANTI JOIN newer n ON n.scope = p.home AND n.win = 'now';

CREATE OR REPLACE TEMP TABLE funnel_difference AS
FROM funnel_looked_at WHERE coalesce(shown, 0) <> coalesce(expected, 0);
