"""The rule of a team that wins a smaller share of its deals than it did."""

from pipeline.alerts.own_past import share_dropped, won_and_lost

WIN_RATE_DROPPED = share_dropped("win_rate_dropped", "a smaller share of deals is won", "win_rate", won_and_lost)
