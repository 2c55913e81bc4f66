-- From which local day on windows can be worked out: all of them while nothing has been forgotten yet.
CREATE OR REPLACE TEMP TABLE coverage AS
WITH forgotten AS (
    SELECT
        coalesce(min(CASE kind
            WHEN 'call' THEN (state ->> 'started_at')::BIGINT
            WHEN 'email' THEN (state ->> 'sent_at')::BIGINT
            WHEN 'meeting' THEN least((state ->> 'starts_at')::BIGINT, (state ->> 'booked_at')::BIGINT)
            WHEN 'activity' THEN (state ->> 'occurred_at')::BIGINT
        END), 9000000000000) AS activity_ms,
        coalesce(min(CASE kind
            WHEN 'cost' THEN ((state ->> 'period_end')::BIGINT - 719163) * 86400000
        END), 9000000000000) AS cost_ms
    FROM object
),
deals AS (SELECT coalesce(min(closed_ms), 9000000000000) AS closed_ms FROM course),
head AS (
    SELECT coalesce(max(append_ms), 0) AS trimmed_ms
    FROM (FROM appended WHERE log LIKE 'telephony.events/%' QUALIFY row_number() OVER (PARTITION BY log ORDER BY pos) = 1)
    WHERE pos > 0
),
now AS (SELECT max(now_ms) AS now_ms FROM clock),
bounds AS (
    SELECT
        d.family, (now_ms - pane_days * 86400000) // 86400000 + 719163 + 2 AS expired_day,
        CASE
            WHEN d.family IN ('calls', 'inbound', 'emails', 'meetings', 'activities') THEN greatest(
                CASE WHEN f.activity_ms + p.activity_ms < now_ms THEN (now_ms - p.activity_ms) // 86400000 + 719163 + 2 ELSE 0 END,
                CASE WHEN trimmed_ms > 0 THEN trimmed_ms // 86400000 + 719163 + 2 ELSE 0 END
            )
            WHEN least(deals.closed_ms, f.cost_ms) + p.closed_ms < now_ms THEN (now_ms - p.closed_ms) // 86400000 + 719163 + 2
            ELSE 0
        END AS forgotten_day
    FROM (SELECT DISTINCT family FROM definition) d, forgotten f, deals, head, now, policy p
)
SELECT
    family, greatest(expired_day, forgotten_day) AS first_day,
    CASE WHEN forgotten_day > expired_day THEN 'forgotten' ELSE 'expired' END AS reason
FROM bounds;
