-- Pulse surveys, as counts of answers by what they were. Of one with fewer than five answers nobody learns what they were.

-- @ declare
INSERT INTO kind_rule VALUES ('survey', 'crm', 'long');
INSERT INTO anchor VALUES ('survey', 'ends_at', 'instant');
INSERT INTO definition VALUES
    ('survey', 'survey_invited', 'surveys', 'count', ['survey_invited'], [], 1, 'period', false),
    ('survey', 'survey_answers', 'surveys', 'count', ['survey_answers'], [], 1, 'period', false),
    ('survey', 'survey_response_rate', 'surveys', 'ratio', ['survey_answers'], ['survey_invited'], 1, 'period', false),
    ('survey', 'enps', 'surveys', 'ratio', ['enps_points'], ['enps_answers'], 1, 'period', false);

-- @ claim
INSERT INTO claim
WITH asked AS (
    SELECT o.log, coalesce(t.team, 'unassigned') AS team, (o.state ->> 'ends_at')::BIGINT AS ends_ms,
        coalesce((o.state ->> 'invited')::BIGINT, 0) AS invited, coalesce((o.state ->> 'promoters')::BIGINT, 0) AS pro,
        coalesce((o.state ->> 'passives')::BIGINT, 0) AS between_both,
        coalesce((o.state ->> 'detractors')::BIGINT, 0) AS contra, pro + between_both + contra AS answers
    FROM object o LEFT JOIN team t ON t.log = o.log AND t.team = o.state ->> 'team_id'
    WHERE o.kind = 'survey' AND o.life = 'live' AND o.state ->> 'ends_at' IS NOT NULL
)
SELECT log, 'team', team, ends_ms, unnest(['survey_invited', 'survey_answers', 'enps_answers', 'enps_points']), NULL,
    unnest([
        greatest(invited, answers), answers, CASE WHEN answers > 4 THEN answers END,
        CASE WHEN answers > 4 THEN 100 * pro - 100 * contra END
    ])
FROM asked;

-- @ cover
INSERT INTO oldest
SELECT 'long', min((state ->> 'ends_at')::BIGINT) FROM object WHERE kind = 'survey';
