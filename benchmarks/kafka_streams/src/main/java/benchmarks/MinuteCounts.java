package benchmarks;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;

/** The insert-only job: calls per minute of event time, by rep and by team. */
final class MinuteCounts {
    private MinuteCounts() {}

    static Topology topology(String name, String redis, Organisation organisation) {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, String> figures =
                builder.stream(
                                name + ".telephony.events",
                                Consumed.with(Serdes.String(), Serdes.ByteArray())
                                        .withTimestampExtractor((record, before) -> startedMs((byte[]) record.value())))
                        .mapValues(Event::read)
                        .filter((key, event) -> event.valid())
                        .flatMap((key, event) -> {
                            String rep = event.envelope().path("data").path("rep_id").asText();
                            String scope = organisation.scope(rep);
                            return List.of(KeyValue.pair(scope, 1), KeyValue.pair(Organisation.ofTeam(scope), 1));
                        })
                        .groupByKey(Grouped.with("scopes", Serdes.String(), Serdes.Integer()))
                        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofHours(24)))
                        .count()
                        .toStream()
                        .map((window, calls) ->
                                KeyValue.pair(
                                        window.key() + "|minute:" + window.window().start() / 60_000,
                                        "{\"calls\":" + calls + "}"));
        figures.to(name + ".kpis", Produced.with(Serdes.String(), Serdes.String()));
        figures.process(() -> new RedisWriter(redis, name));
        return builder.build();
    }

    private static long startedMs(byte[] value) {
        Event event = Event.read(value);
        return event.valid() ? Instant.parse(event.envelope().path("data").path("started_at").asText()).toEpochMilli() : 0;
    }
}
