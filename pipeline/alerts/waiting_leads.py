"""The rule of leads that nobody has tried: too many of them wait."""

from pipeline.alerts.limit import count_limit

WAITING_LEADS = count_limit("waiting_leads", "too many leads wait for a first try", "leads_waiting")
