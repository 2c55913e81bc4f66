"""Which of a team's figures are beyond the limits that rules of alerts hold them against. Pure."""

from collections.abc import Iterator

from pipeline.scores.kpis import BY_NAME
from pipeline.scores.windows import NOW
from pipeline.views.readings import Reading
from pipeline.views.wording import say


def beyond(reading: Reading, window: str) -> Iterator[str]:
    """What is said of each, by name: `service level 20s 61.5% (limit 80.0%)`.

    That is the figure of the window, or of now where a KPI stands. An alert asks more: for how long, and of how many.
    """
    for kpi, limit in sorted(reading.limits.items()):
        value = reading.value(window, kpi)
        value = reading.value(NOW, kpi) if value is None else value
        if kpi in BY_NAME and value is not None and _is_beyond(kpi, value, limit):
            told, most = (say(kpi, each, reading.currency) for each in (value, limit))
            yield f"{kpi.replace('_', ' ')} {told} (limit {most})"


def _is_beyond(kpi: str, value: float, limit: float) -> bool:
    return value < limit if BY_NAME[kpi].better == "up" else value > limit
