-- What is said of whole windows: that there is such a window, whether it is final, in which currency its money is.
CREATE OR REPLACE TEMP TABLE heading_difference AS
WITH span AS (
    SELECT DISTINCT h.home, h.log, h.team, h.now_ms, h.today, w.kind, w.win, w.first_day, w.last_day
    FROM calendar h JOIN day_window w USING (fiscal_start)
    WHERE w.first_day <= h.today
),
-- A window ends at the first midnight after it, by the zone of that day.
ended AS (
    SELECT s.*, (
        SELECT min(greatest(o.from_ms, (s.last_day + 1 - 719163) * 86400000 - o.offset_ms))
        FROM zone_offset o
        WHERE o.zone = z.zone
            AND greatest(o.from_ms, (s.last_day + 1 - 719163) * 86400000 - o.offset_ms) < o.to_ms
    ) AS end_ms
    FROM (FROM span SEMI JOIN heading USING (home, win)) s
    ASOF JOIN zone_span z ON z.log = s.log AND z.team = s.team AND s.last_day + 1 >= z.first_day
),
stated AS (
    SELECT d.*, e.win IS NOT NULL AS known, c.currency AS company_currency,
        CASE
            WHEN d.kind IN ('rolling', 'now', '90d') OR e.last_day >= e.today THEN 'provisional'
            WHEN e.now_ms >= e.end_ms + (SELECT finality_ms FROM policy) THEN 'final'
            ELSE 'provisional'
        END AS due_state
    FROM heading d
    JOIN calendar h ON h.home = d.home
    JOIN company c ON c.log = h.log
    LEFT JOIN ended e ON e.home = d.home AND e.win = d.win
)
SELECT scope, win, 'window' AS what, 'shown' AS shown, 'absent' AS expected
FROM stated WHERE NOT known AND kind NOT IN ('rolling', 'now', '90d')
UNION ALL
SELECT scope, win, 'state', state, due_state
FROM stated WHERE (known OR kind IN ('rolling', 'now', '90d')) AND replace(state, 'restated', 'final') <> due_state
UNION ALL
SELECT scope, win, 'currency', currency, company_currency FROM stated WHERE currency <> company_currency;
