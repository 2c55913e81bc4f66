package benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Who belongs to which team, and which zone that keeps; read once, before the first event. */
final class Organisation {
    private final Map<String, String> teamOf = new HashMap<>();
    private final Map<String, ZoneId> zoneOf = new HashMap<>();

    private Organisation() {}

    /** Reads the topic of the organisation from its start to its present end. */
    static Organisation read(String brokers, String name) {
        Organisation organisation = new Organisation();
        Map<String, Object> options = Map.of("bootstrap.servers", brokers);
        try (var consumer = new KafkaConsumer<>(options, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all =
                    consumer.partitionsFor(name + ".org.changes").stream()
                            .map(found -> new TopicPartition(found.topic(), found.partition()))
                            .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            var ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(found -> organisation.learn(found.value()));
            }
        }
        return organisation;
    }

    private void learn(byte[] value) {
        try {
            JsonNode event = Json.MAPPER.readTree(value);
            JsonNode data = event.path("data");
            switch (event.path("type").asText()) {
                case "org.membership.changed" -> teamOf.put(data.path("rep_id").asText(), data.path("team_id").asText());
                case "org.team.changed" ->
                    zoneOf.put(event.path("subject").asText().substring(5), ZoneId.of(data.path("time_zone").asText()));
                default -> { }
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** The scope of a rep. */
    String scope(String rep) {
        return "rep:" + rep + "@" + teamOf.getOrDefault(rep, "unassigned");
    }

    /** The scope of a rep with a minute. */
    String cell(String rep, long minute) {
        return scope(rep) + "|minute:" + minute;
    }

    /** The same window of the team of a rep's scope. */
    static String ofTeam(String cell) {
        return "team:" + cell.substring(cell.indexOf('@') + 1);
    }

    /** The local day of a minute, of the same scope. */
    String ofDay(String cell) {
        int bar = cell.indexOf('|');
        String team = cell.substring(cell.indexOf('@') + 1, bar);
        long minute = Long.parseLong(cell.substring(bar + "|minute:".length()));
        ZoneId zone = zoneOf.getOrDefault(team, ZoneId.of("UTC"));
        return cell.substring(0, bar) + "|day:" + Instant.ofEpochSecond(minute * 60).atZone(zone).toLocalDate();
    }
}
