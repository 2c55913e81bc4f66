-- The working hours of each team, and of the company: its own, else the company's; the weekdays with any, from Monday (1)
-- on, and whose holidays are free.
CREATE OR REPLACE TEMP TABLE team_hours AS
SELECT log, team, hours,
    [d FOR d IN range(1, 8) IF len((hours -> ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'][d])::JSON[]) > 0] AS weekdays,
    coalesce(hours ->> 'holidays', '') AS place
FROM (
    SELECT h.log, h.team, coalesce(
        nullif(nullif(t.payload -> 'calendar', 'null'), '{}'), nullif(c.payload -> 'calendar', 'null')
    ) AS hours
    FROM (SELECT log, team FROM team UNION SELECT log, 'company' FROM company) h
    LEFT JOIN org_record t ON t.log = h.log AND t.kind = 'team' AND t.name = h.team
    LEFT JOIN org_record c ON c.log = h.log AND c.kind = 'company' AND c.name = 'company'
);

-- Those of each home are its team's.
CREATE OR REPLACE TEMP TABLE home_hours AS
SELECT h.home, h.log, h.team, h.today, h.minute, w.hours, w.weekdays, w.place
FROM calendar h JOIN team_hours w USING (log, team);

-- The local days on which a team is closed, or open for some hours only, in minutes since midnight: of several for one day
-- the team's own before those of all teams, then that of the greater name.
CREATE OR REPLACE TEMP TABLE special_day AS
WITH told AS (
    SELECT log, name, payload ->> 'team_id' AS team, (payload ->> 'day')::BIGINT AS day,
        payload ->> 'open_from' AS open_from, payload ->> 'open_until' AS open_until
    FROM org_record WHERE kind = 'special_day'
),
clocked AS (
    SELECT *, CASE WHEN open_from IS NULL THEN 0
            ELSE split_part(open_from, ':', 1)::INTEGER * 60 + split_part(open_from, ':', 2)::INTEGER END AS from_minute,
        split_part(open_until, ':', 1)::INTEGER * 60 + split_part(open_until, ':', 2)::INTEGER AS until_minute
    FROM told
    WHERE day IS NOT NULL AND open_until IS DISTINCT FROM coalesce(open_from, '00:00')
)
SELECT h.log, h.team, c.day, DATE '1970-01-01' + (c.day - 719163)::INTEGER AS date, c.from_minute, CASE
        WHEN c.open_until IS NOT NULL THEN c.until_minute + CASE WHEN c.until_minute <= c.from_minute THEN 1440 ELSE 0 END
        WHEN c.open_from IS NOT NULL THEN 2880
        ELSE 0
    END AS over_minute
FROM team_hours h
JOIN clocked c ON c.log = h.log AND coalesce(c.team, h.team) = h.team
QUALIFY row_number() OVER (PARTITION BY h.log, h.team, c.day ORDER BY c.team IS NOT NULL DESC, c.name DESC) = 1;

-- The dates on which nobody begins to work, whatever the weekday: public holidays, and special days that leave nothing.
CREATE OR REPLACE TEMP TABLE free_date AS
SELECT DISTINCT h.log, h.team, f.date FROM team_hours h JOIN free_day f USING (place)
UNION
SELECT s.log, s.team, s.date
FROM special_day s JOIN (SELECT log, team, hours::VARCHAR AS hours FROM team_hours) h USING (log, team)
WHERE NOT EXISTS (
    FROM (
        SELECT split_part(i.value ->> 0, ':', 1)::INTEGER * 60 + split_part(i.value ->> 0, ':', 2)::INTEGER AS begin_minute,
            split_part(i.value ->> 1, ':', 1)::INTEGER * 60 + split_part(i.value ->> 1, ':', 2)::INTEGER AS end_minute
        FROM json_each(h.hours::JSON -> lower(dayname(s.date))) i
    )
    WHERE greatest(begin_minute, s.from_minute)
        < least(end_minute + CASE WHEN end_minute <= begin_minute THEN 1440 ELSE 0 END, s.over_minute)
);
