-- What an operator said of records whose append times a broker's clock got wrong, by answers further on in their logs:
-- they count as appended at another time. Of two answers about one record the first holds, also where it says that the
-- record's own time is right. A forwarded record keeps the time of the log that it comes from.
CREATE TABLE recounted AS
FROM (
    SELECT a.log, a.pos, a.append_ms AS stamp_ms, s.counts_as_ms
    FROM appended a JOIN answer s ON a.log = s.log AND a.pos BETWEEN s.first_pos AND s.last_pos
    WHERE s.last_pos < s.pos
    QUALIFY row_number() OVER (PARTITION BY a.log, a.pos ORDER BY s.pos) = 1
)
WHERE counts_as_ms IS NOT NULL;

UPDATE event SET append_ms = r.counts_as_ms
FROM recounted r WHERE event.log = r.log AND event.pos = r.pos AND event.append_ms = r.stamp_ms;

UPDATE misplaced SET append_ms = r.counts_as_ms
FROM recounted r
WHERE misplaced.log = r.log AND r.pos = CASE WHEN misplaced.pos < 0 THEN -misplaced.pos // 1024 ELSE misplaced.pos END;

UPDATE appended SET append_ms = r.counts_as_ms
FROM recounted r WHERE appended.log = r.log AND appended.pos = r.pos;
