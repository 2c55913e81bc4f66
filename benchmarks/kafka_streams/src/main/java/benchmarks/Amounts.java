package benchmarks;

import java.util.Map;
import java.util.TreeMap;

/** Measures by name. */
public final class Amounts extends TreeMap<String, Long> {
    private static final long serialVersionUID = 1;
    private static final Map<String, String[]> RATES =
            Map.of(
                    "connect_rate", new String[] {"connected", "dials"},
                    "win_rate", new String[] {"won", "closed"},
                    "average_deal", new String[] {"won_minor", "won"});

    Amounts plus(Amounts others) {
        others.forEach((measure, amount) -> merge(measure, amount, Long::sum));
        return this;
    }

    Amounts minus(Amounts others) {
        others.forEach((measure, amount) -> merge(measure, -amount, Long::sum));
        return this;
    }

    /** The measures with the rates over them, null where there is no denominator, as JSON. */
    String figures() {
        Map<String, Object> all = new TreeMap<>(this);
        long closed = getOrDefault("won", 0L) + getOrDefault("lost", 0L);
        RATES.forEach((rate, of) -> {
            long bottom = of[1].equals("closed") ? closed : getOrDefault(of[1], 0L);
            all.put(rate, bottom == 0 ? null : (double) getOrDefault(of[0], 0L) / bottom);
        });
        return Json.text(all);
    }
}
