package benchmarks;

import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.KeyValueMapper;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import redis.clients.jedis.JedisPooled;

/**
 * The newest version of each object counts: what it says is added to a cell of its rep and minute, and what the version
 * before it said is subtracted. Minutes are rolled up into local days, and reps into teams, the same way.
 */
public final class Counting {
    private static final Serde<String> TEXT = Serdes.String();
    private static final Serde<Amounts> AMOUNTS = Json.serde(Amounts.class);
    private static final Serde<Claim> CLAIM = Json.serde(Claim.class);

    private Counting() {}

    public static void main(String[] args) {
        String name = args[0];
        String redis = args[2];
        Properties options = new Properties();
        options.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
        options.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[1]);
        options.put(StreamsConfig.DEFAULT_DSL_STORE_CONFIG, args[3]);
        options.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
        options.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
        options.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
        options.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        Organisation organisation = Organisation.read(args[1], name);
        Topology topology =
                args[5].equals("minutes")
                        ? MinuteCounts.topology(name, redis, organisation)
                        : topology(name, redis, organisation);
        KafkaStreams streams = new KafkaStreams(topology, options);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                try (JedisPooled client = new JedisPooled(redis)) {
                    client.set(name + ":ready", "1");
                }
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    static Topology topology(String name, String redis, Organisation organisation) {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, Event> events =
                builder.stream(
                                List.of(name + ".crm.events", name + ".telephony.events"),
                                Consumed.with(TEXT, Serdes.ByteArray()))
                        .mapValues(Event::read);
        events.filterNot((key, event) -> event.valid())
                .mapValues(Event::bytes)
                .to(name + ".dead-letters", Produced.with(TEXT, Serdes.ByteArray()));
        KTable<String, Claim> claims =
                events.filter((key, event) -> event.valid())
                        .flatMap((key, event) -> event.claims())
                        .groupByKey(Grouped.with("claims", TEXT, CLAIM))
                        .reduce(Claim::newer, Materialized.with(TEXT, CLAIM));
        KTable<String, Amounts> repMinutes =
                summed(claims, "rep-minutes", (key, claim) ->
                        KeyValue.pair(organisation.cell(claim.rep(), claim.minute()), claim.amounts()));
        KTable<String, Amounts> teamMinutes =
                summed(repMinutes, "team-minutes", (cell, amounts) -> KeyValue.pair(Organisation.ofTeam(cell), amounts));
        KTable<String, Amounts> repDays =
                summed(repMinutes, "rep-days", (cell, amounts) -> KeyValue.pair(organisation.ofDay(cell), amounts));
        KTable<String, Amounts> teamDays =
                summed(repDays, "team-days", (cell, amounts) -> KeyValue.pair(Organisation.ofTeam(cell), amounts));
        KStream<String, Amounts> changed =
                repMinutes.toStream().merge(teamMinutes.toStream()).merge(repDays.toStream()).merge(teamDays.toStream());
        KStream<String, String> figures = changed.mapValues(Amounts::figures);
        figures.to(name + ".kpis", Produced.with(TEXT, TEXT));
        figures.process(() -> new RedisWriter(redis, name));
        return builder.build();
    }

    private static <V> KTable<String, Amounts> summed(
            KTable<String, V> table, String what, KeyValueMapper<String, V, KeyValue<String, Amounts>> cell) {
        return table.groupBy(cell, Grouped.with(what, TEXT, AMOUNTS))
                .aggregate(
                        Amounts::new,
                        (key, amounts, sum) -> sum.plus(amounts),
                        (key, amounts, sum) -> sum.minus(amounts),
                        Materialized.with(TEXT, AMOUNTS));
    }
}
