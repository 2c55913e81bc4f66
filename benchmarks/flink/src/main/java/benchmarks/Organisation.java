package benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Who belongs to which team, and which zone that keeps; read once, before the first event. */
final class Organisation {
    private static final ObjectMapper JSON = new ObjectMapper();
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
            JsonNode event = JSON.readTree(value);
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

    /** The team of a rep. */
    String team(String rep) {
        return teamOf.getOrDefault(rep, "unassigned");
    }

    /** The zone of a team. */
    ZoneId zone(String team) {
        return zoneOf.getOrDefault(team, ZoneId.of("UTC"));
    }
}
