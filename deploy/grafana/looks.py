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
MONEY = Look("short", 1, named=True)
WARNING = Look(decimals=0, steps=((None, "green"), (1, "red")))
FRESH = Look("s", 0, ((None, "green"), (300, "yellow"), (1800, "red")))
AGE = Look("s", 0)
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
REDIS_SLOW = Look("s", 3, ((None, "green"), (0.25, "yellow")))
"""The limit of SalespulseRedisSlow."""
BEHIND = Look(decimals=0, steps=((None, "green"), (1000, "yellow")))
"""The limit of SalespulseConsumerLag."""
LATE_SHARE = Look("percentunit", 0, ((None, "green"), (0.2, "yellow")), (0, 1))
"""The limit of SalespulseEventsLate."""

BY_TEAM, BY_CURRENCY, STAGE, STATE = "{{team}}", "{{currency}}", "{{process}} {{stage}}", "{{state}} {{reason}}"
CHOSEN, POOLED = "Chosen teams together.", "The whole company, pooled over its teams."
