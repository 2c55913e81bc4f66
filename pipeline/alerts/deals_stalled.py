"""The rule of open deals that nobody is in touch with: too many of them."""

from pipeline.alerts.limit import count_limit

DEALS_STALLED = count_limit("deals_stalled", "too many open deals are stalled", "stalled_deals")
