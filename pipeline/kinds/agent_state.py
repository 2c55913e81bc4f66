"""What a rep's phone is set to. Remembered as activities are; no KPI reads it yet."""

from pipeline.kinds.kind import Kind, activity_until_ms

AGENT_STATE = Kind(name="agent", domain="telephony", fields={"state": 2}, until_ms=activity_until_ms(lambda _: None))
