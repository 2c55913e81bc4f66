package benchmarks;

import java.time.Instant;
import java.time.ZoneId;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.TableFunction;
import org.apache.flink.types.Row;

/** What a version of an object counts for: rows of measures by place, which is a scope and a window. */
@FunctionHint(
        output =
                @DataTypeHint(
                        "ROW<place STRING NOT NULL, calls BIGINT, dials BIGINT, connected BIGINT, talk_ms BIGINT, emails BIGINT, "
                                + "emails_bulk BIGINT, meetings_set BIGINT, meetings_held BIGINT, deals_created BIGINT, "
                                + "won BIGINT, lost BIGINT, won_minor BIGINT>"))
public final class Claims extends TableFunction<Row> {
    private static final long serialVersionUID = 1;
    private static final int MEASURES = 12;
    private final String brokers;
    private final String name;
    private transient Organisation organisation;

    public Claims(String brokers, String name) {
        this.brokers = brokers;
        this.name = name;
    }

    @Override
    public void open(FunctionContext context) {
        organisation = Organisation.read(brokers, name);
    }

    public void eval(
            String type, String time, String rep, String owner, String direction, String outcome, String started,
            String ended, Long talkSeconds, String sent, Boolean bulk, String booked, String starts, String status,
            String created, String stage, Long amountMinor) {
        switch (type) {
            case "telephony.call.changed" -> {
                add(rep, started, 0, 1, 1, count("outbound".equals(direction)), 2, count("answered".equals(outcome)));
                add(rep, ended, 3, talkSeconds * 1000);
            }
            case "crm.email.changed" -> add(rep, sent, bulk ? 5 : 4, 1);
            case "crm.meeting.changed" -> {
                add(rep, booked, 6, 1);
                add(rep, starts, 7, count("held".equals(status)));
            }
            case "crm.deal.changed" -> {
                add(owner, created, 8, 1);
                if ("won".equals(stage)) {
                    add(owner, time, 9, 1, 11, amountMinor);
                } else if ("lost".equals(stage)) {
                    add(owner, time, 10, 1);
                }
            }
            default -> { }
        }
    }

    /** Rows for the rep and the team, for the minute and the local day; `amounts` are pairs of number and amount. */
    private void add(String rep, String at, long... amounts) {
        Instant instant = Instant.parse(at);
        String team = organisation.team(rep);
        ZoneId zone = organisation.zone(team);
        String minute = "|minute:" + Math.floorDiv(instant.toEpochMilli(), 60_000L);
        String day = "|day:" + instant.atZone(zone).toLocalDate();
        for (String scope : new String[] {"rep:" + rep + "@" + team, "team:" + team}) {
            collect(row(scope + minute, amounts));
            collect(row(scope + day, amounts));
        }
    }

    private static Row row(String place, long... amounts) {
        Row row = new Row(1 + MEASURES);
        row.setField(0, place);
        for (int measure = 1; measure <= MEASURES; measure++) {
            row.setField(measure, 0L);
        }
        for (int n = 0; n < amounts.length; n += 2) {
            row.setField(1 + (int) amounts[n], amounts[n + 1]);
        }
        return row;
    }

    private static long count(boolean counts) {
        return counts ? 1 : 0;
    }
}
