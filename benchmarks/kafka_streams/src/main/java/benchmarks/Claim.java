package benchmarks;

/** What one version of an object counts for at one time: a cell of its rep and minute. */
public record Claim(String time, String id, String rep, long minute, Amounts amounts) {
    /** The later version, by event time and event id. */
    static Claim newer(Claim known, Claim other) {
        int order = known.time.compareTo(other.time);
        return order > 0 || (order == 0 && known.id.compareTo(other.id) >= 0) ? known : other;
    }
}
