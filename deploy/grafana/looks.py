"""How figures are shown: units, decimals, colours and the limits that alerts have."""

from deploy.grafana.panels import Look

COUNT = Look(decimals=0)
SHARE = Look("percentunit", 0, bounds=(0, 1))
CONNECT = Look("percentunit", 0, ((None, "red"), (0.1, "yellow"), (0.2, "green")), (0, 1))
SERVICE = Look("percentunit", 0, ((None, "red"), (0.7, "yellow"), (0.8, "green")), (0, 1))
OF_USUAL = Look("percentunit", 0, ((None, "red"), (0.5, "yellow"), (0.8, "green")))
TALK = Look("s", 0)
WAIT = Look("s", 0, ((None, "green"), (20, "yellow"), (60, "red")))
DAYS = Look("d", 1)
MONEY = Look("short", 1, of_money=True)
WARNING = Look(decimals=0, steps=((None, "green"), (1, "red")))
FRESH = Look("s", 0, ((None, "green"), (300, "yellow"), (1800, "red")))
LAG = Look("s", 2)
PER_SECOND = Look("ops", 2)
BYTES = Look("bytes", 0)
BYTES_PER_SECOND = Look("Bps", 0)
CORES = Look("percentunit", 0)
WORKING = Look(words={"0": ("off", "text"), "1": ("working", "green")})
SINCE = Look("dateTimeAsIsoNoDateIfToday")
"""Instants in milliseconds."""
ALERT_STATES = Look(words={"1": ("open", "red"), "2": ("acknowledged", "yellow"), "3": ("muted", "blue")})
NOTED = Look(words={"0": ("no", "text"), "1": ("yes", "yellow")})
YES = Look(words={"0": ("no", "text"), "1": ("yes", "green")})
UP = Look(words={"0": ("down", "red"), "1": ("up", "green")})

FIGURES_SLOW = Look("s", 2, ((None, "green"), (1, "yellow"), (5, "red")))
"""The freshness objective, and the limit of SalespulsePublicationLag."""
FIGURES_OLD = Look("s", 1, ((None, "green"), (60, "red")))
"""The limit of SalespulseFiguresStale."""
SLOW_SHARE = Look("percentunit", 1, ((None, "green"), (0.06, "yellow"), (0.144, "red")), (0, 1))
"""Of figures: the limits of SalespulseFreshnessBurnsSlowly and SalespulseFreshnessBurnsFast; the objective is 1 %."""
LOOP_SLOW = Look("s", 2, ((None, "green"), (0.5, "yellow")))
"""The limit of SalespulseLoopSlow."""
REDIS_FULL = Look("percentunit", 0, ((None, "green"), (0.9, "yellow")), (0, 1))
"""The limit of SalespulseRedisFull."""
REDIS_SLOW = Look("s", 3, ((None, "green"), (0.25, "yellow")))
"""The limit of SalespulseRedisSlow."""
BEHIND = Look(decimals=0, steps=((None, "green"), (1000, "yellow")))
"""The limit of SalespulseConsumerLag."""
RESTARTS = Look(decimals=0, steps=((None, "green"), (3, "yellow")))
"""The limit of SalespulseWorkerRestarts."""
REFUSED_SHARE = Look("percentunit", 2, ((None, "green"), (0.01, "yellow")))
"""The limit of SalespulseDeadLettersRising."""
LATE_SHARE = Look("percentunit", 0, ((None, "green"), (0.2, "yellow")), (0, 1))
"""The limit of SalespulseEventsLate."""
AUDIT_OLD = Look("s", 0, ((None, "green"), (7200, "yellow")))
"""The limit of SalespulseAuditOverdue."""
COMPARED = Look(decimals=0, steps=((None, "yellow"), (1, "text")))
"""The limit of SalespulseAuditComparesNothing."""

BY_TEAM, BY_CURRENCY, STAGE, STATE = "{{team}}", "{{currency}}", "{{process}} {{stage}}", "{{state}} {{reason}}"
CHOSEN, POOLED = "Chosen teams together.", "The whole company, pooled over its teams."
