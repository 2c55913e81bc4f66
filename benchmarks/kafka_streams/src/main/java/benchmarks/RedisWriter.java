package benchmarks;

import java.net.URI;
import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Writes figures into Redis, many in one call. */
final class RedisWriter implements Processor<String, String, Void, Void> {
    private static final int AT_ONCE = 1000;
    private final String url;
    private final String name;
    private Jedis client;
    private Pipeline pipeline;
    private int waiting;

    RedisWriter(String url, String name) {
        this.url = url;
        this.name = name;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        client = new Jedis(URI.create(url));
        pipeline = client.pipelined();
        context.schedule(Duration.ofMillis(200), PunctuationType.WALL_CLOCK_TIME, now -> flush());
    }

    @Override
    public void process(Record<String, String> figure) {
        int bar = figure.key().indexOf('|');
        pipeline.hset(name + ":" + figure.key().substring(0, bar), figure.key().substring(bar + 1), figure.value());
        waiting++;
        if (waiting >= AT_ONCE) {
            flush();
        }
    }

    @Override
    public void close() {
        flush();
        client.close();
    }

    private void flush() {
        if (waiting > 0) {
            pipeline.sync();
            waiting = 0;
        }
    }
}
