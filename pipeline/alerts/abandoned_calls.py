"""The rule of inbound callers who give up: too large a share of them."""

from pipeline.alerts.limit import share_limit

ABANDONED_CALLS = share_limit("abandoned_calls", "too many callers give up", "abandon_rate")
