"""The rule of inbound calls that wait too long: too few of them are answered within 20 seconds."""

from pipeline.alerts.limit import share_limit

SERVICE_LEVEL = share_limit("service_level", "too few calls answered within 20 s", "service_level_20s")
