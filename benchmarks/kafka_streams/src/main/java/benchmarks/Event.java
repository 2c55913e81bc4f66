package benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.streams.KeyValue;

/** A CloudEvent of the CRM or of the telephony system; its bytes, and whether all that is read of it is as it must be. */
public record Event(JsonNode envelope, byte[] bytes, boolean valid) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.:@-]{1,128}");
    private static final Set<String> OUTCOMES = Set.of("answered", "no_answer", "voicemail", "busy", "abandoned", "failed");
    private static final Set<String> STATUSES = Set.of("scheduled", "held", "no_show", "cancelled");

    static Event read(byte[] value) {
        try {
            JsonNode envelope = Json.MAPPER.readTree(value);
            return new Event(envelope, value, valid(envelope));
        } catch (IOException | DateTimeParseException error) {
            return new Event(null, value, false);
        }
    }

    private static boolean valid(JsonNode envelope) {
        return id(envelope.path("id"))
                && id(envelope.path("subject"))
                && instant(envelope.path("time")) > 0
                && checked(envelope.path("type").asText(), envelope.path("data"));
    }

    /** What it counts for, by subject and place; a place it does not fill is empty, so that it takes back what was there. */
    List<KeyValue<String, Claim>> claims() {
        JsonNode data = envelope.path("data");
        List<KeyValue<String, Claim>> found = new ArrayList<>(2);
        switch (envelope.path("type").asText()) {
            case "telephony.call.changed" -> {
                Amounts start = new Amounts();
                start.put("calls", 1L);
                start.put("dials", data.path("direction").asText().equals("outbound") ? 1L : 0L);
                start.put("connected", data.path("outcome").asText().equals("answered") ? 1L : 0L);
                add(found, "start", data.path("rep_id"), data.path("started_at"), start);
                add(found, "end", data.path("rep_id"), data.path("ended_at"), one("talk_ms", data.path("talk_seconds").asLong() * 1000));
            }
            case "crm.email.changed" ->
                add(found, "sent", data.path("rep_id"), data.path("sent_at"), one(data.path("bulk").asBoolean() ? "emails_bulk" : "emails", 1));
            case "crm.meeting.changed" -> {
                add(found, "booked", data.path("rep_id"), data.path("booked_at"), one("meetings_set", 1));
                add(found, "start", data.path("rep_id"), data.path("starts_at"), one("meetings_held", data.path("status").asText().equals("held") ? 1 : 0));
            }
            case "crm.deal.changed" -> {
                add(found, "created", data.path("owner_id"), data.path("created_at"), one("deals_created", 1));
                String stage = data.path("stage_id").asText();
                Amounts closing = new Amounts();
                if (stage.equals("won") || stage.equals("lost")) {
                    closing.put(stage, 1L);
                }
                if (stage.equals("won")) {
                    closing.put("won_minor", data.path("amount_minor").asLong());
                }
                add(found, "closed", data.path("owner_id"), envelope.path("time"), closing);
            }
            default -> { }
        }
        return found;
    }

    private static boolean checked(String type, JsonNode data) {
        return switch (type) {
            case "telephony.call.changed" ->
                id(data.path("rep_id"))
                        && OUTCOMES.contains(data.path("outcome").asText())
                        && Set.of("inbound", "outbound").contains(data.path("direction").asText())
                        && data.path("talk_seconds").isInt()
                        && data.path("talk_seconds").asInt() >= 0
                        && instant(data.path("started_at")) <= instant(data.path("ended_at"));
            case "crm.email.changed" ->
                id(data.path("rep_id")) && data.path("bulk").isBoolean() && instant(data.path("sent_at")) > 0;
            case "crm.meeting.changed" ->
                id(data.path("rep_id"))
                        && STATUSES.contains(data.path("status").asText())
                        && instant(data.path("booked_at")) > 0
                        && instant(data.path("starts_at")) > 0;
            case "crm.deal.changed" ->
                id(data.path("owner_id"))
                        && id(data.path("stage_id"))
                        && data.path("amount_minor").isIntegralNumber()
                        && data.path("currency").asText().length() == 3
                        && instant(data.path("created_at")) > 0;
            default -> false;
        };
    }

    private void add(List<KeyValue<String, Claim>> found, String place, JsonNode rep, JsonNode at, Amounts amounts) {
        Claim claim = new Claim(
                envelope.path("time").asText(), envelope.path("id").asText(), rep.asText(), instant(at) / 60_000, amounts);
        found.add(KeyValue.pair(envelope.path("subject").asText() + "#" + place, claim));
    }

    private static Amounts one(String measure, long amount) {
        Amounts amounts = new Amounts();
        amounts.put(measure, amount);
        return amounts;
    }

    private static boolean id(JsonNode text) {
        return text.isTextual() && ID.matcher(text.asText()).matches();
    }

    private static long instant(JsonNode text) {
        return Instant.parse(text.asText()).toEpochMilli();
    }
}
