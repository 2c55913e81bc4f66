"""Settings that are allowed, and yet not what an installation that is relied on has. Pure."""

from collections.abc import Iterator

from pipeline.config.settings import PREFIX, Settings
from pipeline.doctor.finding import Examined, Finding, fault, warning

PART = "settings"


def examine_settings(settings: Settings, now_ms: int) -> Examined:
    """Judge the settings that the command was given, which should be those of the workers."""
    summary = f"namespace {settings.namespace}, {settings.partitions} partitions, {settings.currency}"
    return Examined(PART, summary, tuple(_findings(settings, now_ms)))


def _findings(settings: Settings, now_ms: int) -> Iterator[Finding]:
    if settings.failpoint is not None:
        yield fault(f"{PREFIX}FAILPOINT is set: workers crash on purpose", "unset it; it is for tests of faults")
    if not settings.self_fence:
        yield warning(f"{PREFIX}SELF_FENCE is off: a frozen worker goes on when it wakes", "unset it")
    passed = settings.dead_letters_pass_before
    if passed is not None and passed.timestamp() * 1000 > now_ms:
        yield warning(
            f"{PREFIX}DEAD_LETTERS_PASS_BEFORE lies ahead: a broken producer does not halt workers until then",
            "unset it once what was to pass has passed",
        )
    if settings.kafka_sasl_password is not None and settings.kafka_security_protocol == "SASL_PLAINTEXT":
        yield warning("the password to Kafka goes unencrypted", "use SASL_SSL")
