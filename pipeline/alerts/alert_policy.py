"""From when on who is silent: the limits where nobody in the organisation sets any."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """How long reps, teams and feeds may be silent.

    A rep or team counts as silent after `silence_minutes` working minutes without activity where its team sets none
    of its own. A feed is expected of a team for which it spoke on `feed_known_days` of its working days, and silent
    after `feed_silence_minutes` working minutes more than it usually pauses; no longer once the team has worked for
    `feed_retired_days` whole days without it.
    """

    silence_minutes: int = 60
    feed_silence_minutes: int = 10
    feed_known_days: int = 3
    feed_retired_days: int = 5
