-- What is published, as the settings say it: windows as a reader names them, by sort of scope, and whether past ones of
-- the kind are too; and the families of KPIs of reps.
CREATE TABLE chosen AS
WITH every AS (
    SELECT unnest(['day', 'week', 'month', 'quarter', 'year']) AS win, true AS past
    UNION ALL SELECT win, false FROM rolling
    UNION ALL FROM (VALUES ('now', false), ('90d', false))
),
said AS (
    SELECT unnest(['team', 'rep', 'member']) AS sort,
        unnest([publish_teams, publish_reps, publish_members]) AS windows
    FROM policy
),
named AS (SELECT sort, unnest(string_split(windows, ',')) AS name FROM said WHERE windows NOT IN ('all', 'none'))
SELECT s.sort, e.win, e.past FROM said s CROSS JOIN every e WHERE s.windows = 'all'
UNION ALL
SELECT sort, rtrim(name, '+'), bool_or(name LIKE '%+') FROM named GROUP BY ALL;

CREATE TABLE chosen_family AS
SELECT DISTINCT d.family
FROM definition d, policy p
WHERE p.publish_reps_families = 'all' OR list_contains(string_split(p.publish_reps_families, ','), d.family);

CREATE MACRO sort_of(scope) AS CASE
    WHEN scope NOT LIKE 'rep:%' THEN 'team' WHEN scope LIKE '%@%' THEN 'member' ELSE 'rep'
END;
