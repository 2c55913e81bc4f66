"""The rule of deals in stages that no process declares: the field map or the process is behind."""

from pipeline.alerts.limit import count_limit

STAGES_UNKNOWN = count_limit("stages_unknown", "deals in stages that no process declares", "unknown_stages")
