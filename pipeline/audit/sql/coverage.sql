-- From which local day on windows can be worked out: all of them while nothing has been forgotten yet. The time of the
-- oldest object tells, of those kept as activities are and of those kept as closed deals are; of those that settle the
-- oldest event.
CREATE OR REPLACE TEMP TABLE oldest (kept VARCHAR, at_ms BIGINT);

-- @ kinds: cover

CREATE OR REPLACE TEMP TABLE coverage AS
WITH forgotten AS (
    SELECT
        coalesce(min(at_ms) FILTER (kept = 'briefly'), 9000000000000) AS activity_at_ms,
        coalesce(min(at_ms) FILTER (kept = 'long'), 9000000000000) AS closed_at_ms,
        coalesce(min(at_ms) FILTER (kept = 'shortly'), 9000000000000) AS settled_at_ms
    FROM oldest
),
head AS (
    SELECT coalesce(max(append_ms), 0) AS trimmed_ms
    FROM (FROM appended WHERE log LIKE 'telephony.events/%' QUALIFY row_number() OVER (PARTITION BY log ORDER BY pos) = 1)
    WHERE pos > 0
),
facts_gone AS (
    SELECT coalesce(max(append_ms), 0) AS gone_ms
    FROM (FROM appended WHERE log LIKE 'facts/%' QUALIFY row_number() OVER (PARTITION BY log ORDER BY pos) = 1)
    WHERE pos > 0
),
now AS (SELECT max(now_ms) AS now_ms FROM clock),
of_family AS (
    SELECT family, bool_or(kept IS NOT DISTINCT FROM 'briefly') AS brief, bool_or(kept IS NOT DISTINCT FROM 'shortly') AS short
    FROM definition JOIN kind_rule USING (kind) GROUP BY family
),
bounds AS (
    SELECT
        d.family, (now_ms - pane_days * 86400000) // 86400000 + 719163 + 2 AS expired_day,
        CASE
            WHEN d.short THEN greatest(
                CASE WHEN f.settled_at_ms // 86400000 + 3 < now_ms // 86400000 THEN now_ms // 86400000 - 3 + 719163 + 2 ELSE 0 END,
                CASE WHEN trimmed_ms > 0 THEN trimmed_ms // 86400000 + 719163 + 2 ELSE 0 END
            )
            WHEN d.brief THEN greatest(
                CASE WHEN f.activity_at_ms + p.activity_ms < now_ms THEN (now_ms - p.activity_ms) // 86400000 + 719163 + 2 ELSE 0 END,
                CASE WHEN trimmed_ms > 0 THEN trimmed_ms // 86400000 + 719163 + 2 ELSE 0 END
            )
            WHEN f.closed_at_ms + p.closed_ms < now_ms THEN (now_ms - p.closed_ms) // 86400000 + 719163 + 2
            ELSE 0
        END AS forgotten_day
    FROM of_family d, forgotten f, head, now, policy p
    UNION ALL
    -- Whether windows were restated the facts tell, as far back as there are any.
    SELECT
        'restated', (now_ms - pane_days * 86400000) // 86400000 + 719163 + 2,
        CASE WHEN gone_ms > 0 THEN gone_ms // 86400000 + 719163 + 2 ELSE 0 END
    FROM facts_gone, now, policy
)
SELECT
    family,
    greatest(expired_day, forgotten_day + CASE WHEN forgotten_day > 0 THEN coalesce(days, 0) ELSE 0 END) AS first_day,
    CASE WHEN forgotten_day > expired_day THEN 'forgotten' ELSE 'expired' END AS reason
FROM bounds LEFT JOIN lagging USING (family);
