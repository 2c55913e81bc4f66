package benchmarks;

import java.io.File;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.connector.ChangelogMode;
import redis.clients.jedis.Jedis;

/**
 * The newest version of each object counts, taken with ROW_NUMBER; what it says is summed up by place, and Flink takes
 * back what an earlier version said.
 */
public final class Counting {
    private static final String MEASURES =
            "calls dials connected talk_ms emails emails_bulk meetings_set meetings_held deals_created won lost won_minor";

    private Counting() {}

    public static void main(String[] args) throws Exception {
        String name = args[0];
        String brokers = args[1];
        String redis = args[2];
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, options(args[3], args[4]));
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        tables.createTemporarySystemFunction("claims", new Claims(brokers, name));
        tables.executeSql(events(name, brokers));
        DataStream<Figure> figures =
                tables.toChangelogStream(
                                tables.sqlQuery(sums()),
                                Schema.newBuilder().primaryKey("place").build(),
                                ChangelogMode.upsert())
                        .map(Figure::of)
                        .returns(Figure.class);
        figures.sinkTo(
                KafkaSink.<Figure>builder()
                        .setBootstrapServers(brokers)
                        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                        .setRecordSerializer(new Figure.Record(name + ".kpis"))
                        .build());
        figures.sinkTo(new RedisSink(redis, name));
        JobClient job = environment.executeAsync(name);
        while (job.getJobStatus().get() != JobStatus.RUNNING) {
            Thread.sleep(100);
        }
        Thread.sleep(5000);
        try (Jedis client = new Jedis(redis)) {
            client.set(name + ":ready", "1");
        }
        job.getJobExecutionResult().get();
    }

    private static Configuration options(String backend, String folder) {
        Configuration options = new Configuration();
        options.setString("state.backend.type", backend);
        options.setString("execution.checkpointing.interval", "10 s");
        options.setString("execution.checkpointing.incremental", "true");
        options.setString("execution.checkpointing.dir", new File(folder).toURI().toString());
        options.setString("pipeline.object-reuse", "true");
        options.setString("taskmanager.memory.managed.size", "512m");
        options.setString("table.exec.mini-batch.enabled", "true");
        options.setString("table.exec.mini-batch.allow-latency", "1 s");
        options.setString("table.exec.mini-batch.size", "20000");
        return options;
    }

    private static String events(String name, String brokers) {
        return """
            CREATE TABLE events (
              id STRING, `type` STRING, subject STRING, `time` STRING,
              data ROW<rep_id STRING, owner_id STRING, direction STRING, outcome STRING, started_at STRING,
                ended_at STRING, talk_seconds BIGINT, sent_at STRING, bulk BOOLEAN, booked_at STRING, starts_at STRING,
                status STRING, created_at STRING, stage_id STRING, amount_minor BIGINT>
            ) WITH (
              'connector' = 'kafka', 'topic' = '%1$s.crm.events;%1$s.telephony.events',
              'properties.bootstrap.servers' = '%2$s', 'properties.group.id' = '%1$s',
              'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.ignore-parse-errors' = 'true'
            )"""
                .formatted(name, brokers);
    }

    private static String sums() {
        StringBuilder sums = new StringBuilder();
        for (String measure : MEASURES.split(" ")) {
            sums.append(", SUM(").append(measure).append(") AS ").append(measure);
        }
        return """
            SELECT place%s FROM (
              SELECT * FROM (
                SELECT *, ROW_NUMBER() OVER (PARTITION BY subject ORDER BY `time` DESC, id DESC) AS n FROM events
                WHERE id IS NOT NULL AND subject IS NOT NULL AND `time` IS NOT NULL AND data IS NOT NULL
              ) WHERE n = 1
            ) newest, LATERAL TABLE(claims(
              `type`, `time`, data.rep_id, data.owner_id, data.direction, data.outcome, data.started_at, data.ended_at,
              data.talk_seconds, data.sent_at, data.bulk, data.booked_at, data.starts_at, data.status, data.created_at,
              data.stage_id, data.amount_minor))
            GROUP BY place"""
                .formatted(sums);
    }
}
