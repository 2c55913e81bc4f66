package benchmarks;

import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Writes figures into Redis, many in one call. */
final class RedisSink implements Sink<Figure> {
    private static final long serialVersionUID = 1;
    private static final int AT_ONCE = 1000;
    private static final long FLUSH_MS = 200;
    private final String url;
    private final String name;

    RedisSink(String url, String name) {
        this.url = url;
        this.name = name;
    }

    @Override
    public SinkWriter<Figure> createWriter(WriterInitContext context) {
        return new Writer(context.getProcessingTimeService());
    }

    private final class Writer implements SinkWriter<Figure> {
        private final Jedis client = new Jedis(url);
        private final Pipeline pipeline = client.pipelined();
        private final ProcessingTimeService clock;
        private int waiting;

        Writer(ProcessingTimeService clock) {
            this.clock = clock;
            schedule();
        }

        @Override
        public void write(Figure figure, Context context) {
            int bar = figure.place.indexOf('|');
            String key = name + ":" + figure.place.substring(0, bar);
            String field = figure.place.substring(bar + 1);
            if (figure.json == null) {
                pipeline.hdel(key, field);
            } else {
                pipeline.hset(key, field, figure.json);
            }
            waiting++;
            if (waiting >= AT_ONCE) {
                flush(false);
            }
        }

        @Override
        public void flush(boolean endOfInput) {
            if (waiting > 0) {
                pipeline.sync();
                waiting = 0;
            }
        }

        @Override
        public void close() {
            client.close();
        }

        private void schedule() {
            clock.registerTimer(clock.getCurrentProcessingTime() + FLUSH_MS, now -> {
                flush(false);
                schedule();
            });
        }
    }
}
