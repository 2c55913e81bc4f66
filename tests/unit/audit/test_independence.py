"""The audit is an oracle only as long as it shares nothing with what it judges."""

import subprocess
import sys

ALLOWED = {
    "pipeline.clock", "pipeline.release", "pipeline.kernel.diagnosis", "pipeline.kernel.partitioner",
    "pipeline.topics.answering", "pipeline.topics.log_bounds", "pipeline.topics.table",
    "pipeline.config.allowed_hosts", "pipeline.config.control_keys", "pipeline.config.credentials",
    "pipeline.config.kafka_options", "pipeline.config.password_files", "pipeline.config.redis_address",
    "pipeline.config.redis_clients",
    "pipeline.config.redis_options", "pipeline.config.redis_query",
    "pipeline.config.redis_standing",
    "pipeline.config.setting_field", "pipeline.config.settings", "pipeline.config.tls", "pipeline.config.webhook",
    "pipeline.sinks.redis_keys", "pipeline.visible",
}  # fmt: skip
"""Where things are, and how to reach them: settings, and which texts they may have, connections, the partitioner, the
names of topics and keys."""


def test_the_audit_takes_no_formula_from_the_pipeline() -> None:
    """All that it imports of the pipeline, itself or through others, is how to reach and to read what there is."""
    listing = "import pipeline.audit.audit, pipeline.audit.quiescence, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    imported = {name for name in done.stdout.split() if name.startswith(("pipeline.", "agents."))}
    packages = {f"pipeline.{name}" for name in ("audit", "config", "kernel", "sinks", "topics")}

    assert {name for name in imported - packages if not name.startswith("pipeline.audit.")} <= ALLOWED
