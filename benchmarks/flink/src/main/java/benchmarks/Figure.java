package benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The measures and rates of one place as JSON; null where nothing counts there any more. */
public final class Figure {
    private static final ObjectMapper JSON = new ObjectMapper();
    public String place;
    public String json;

    /** Of a row of sums. */
    static Figure of(Row row) {
        Figure figure = new Figure();
        figure.place = (String) row.getField("place");
        figure.json = row.getKind() == RowKind.DELETE ? null : json(row);
        return figure;
    }

    private static String json(Row row) {
        Map<String, Object> all = new TreeMap<>();
        for (String measure : row.getFieldNames(true)) {
            if (!measure.equals("place")) {
                all.put(measure, row.getField(measure));
            }
        }
        all.put("connect_rate", rate(row, "connected", amount(row, "dials")));
        all.put("win_rate", rate(row, "won", amount(row, "won") + amount(row, "lost")));
        all.put("average_deal", rate(row, "won_minor", amount(row, "won")));
        try {
            return JSON.writeValueAsString(all);
        } catch (JsonProcessingException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static Double rate(Row row, String top, long bottom) {
        return bottom == 0 ? null : (double) amount(row, top) / bottom;
    }

    private static long amount(Row row, String measure) {
        Object value = row.getField(measure);
        return value == null ? 0 : (Long) value;
    }

    /** As a record of the KPI topic. */
    static final class Record implements KafkaRecordSerializationSchema<Figure> {
        private static final long serialVersionUID = 1;
        private final String topic;

        Record(String topic) {
            this.topic = topic;
        }

        @Override
        public ProducerRecord<byte[], byte[]> serialize(Figure figure, KafkaSinkContext context, Long timestamp) {
            byte[] value = figure.json == null ? null : figure.json.getBytes(StandardCharsets.UTF_8);
            return new ProducerRecord<>(topic, figure.place.getBytes(StandardCharsets.UTF_8), value);
        }
    }
}
