"""Settings: read once, from what the caller passes in; everything else gets values, never the environment."""

import difflib
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import AwareDatetime, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from pipeline.credentials import unsafe_kafka, unsafe_redis
from pipeline.setting_field import plain, takes, text, whole

PREFIX = "SALESPULSE_"
EMBEDDED_PARTITIONS = 4
"""What every topic of the embedded broker has; it cannot be told otherwise."""
RULES_VERSION = 2
"""Goes up with every change of code that makes an object contribute something else."""


class SetupError(Exception):
    """Raised when a setting or option, or what it points to, cannot be used. One line that names it; exit code 2."""

    exit_code = 2


class Settings(BaseSettings):
    """All settings of one deployment, checked and frozen. Made by `load_settings`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    namespace: str = text(
        "salespulse",
        "Stands before every topic, group and Redis key, so that deployments can share a cluster.",
        "a-z, 0-9 and '-', starting with a letter",
        r"^[a-z][a-z0-9-]{0,62}$",
    )
    embedded: bool = plain(False, "Broker and Redis are the embedded ones, started beside the worker.")
    currency: str = text("EUR", "All amounts are reported in it.", "an ISO 4217 code such as EUR", r"^[A-Z]{3}$")
    worker_id: str | None = text(
        None,
        "Names this worker in the group and the state logs; no two may share a name.",
        "letters, digits, '.', '_', '-'",
        r"^[A-Za-z0-9._-]{1,64}$",
    )

    brokers: str = text(
        "127.0.0.1:9092", "Where Kafka is.", "host:port, more after commas", r"^[^\s,/@]+:\d+(,[^\s,/@]+:\d+)*$"
    )
    partitions: int = whole(4, 1, 1024, "Partitions of every topic; 4 with the embedded broker.")
    replication_factor: int = whole(1, 1, 9, "Copies of every topic; with 3 or more, all but one must acknowledge.")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = plain(
        "PLAINTEXT", "How to speak to Kafka."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = plain(
        "SCRAM-SHA-512", "How to log in, where the protocol is one with SASL."
    )
    kafka_sasl_username: str | None = plain(None, "The user to log in as.")
    kafka_sasl_password: SecretStr | None = plain(None, "The password to log in with; never shown.")
    kafka_ca_file: Path | None = plain(None, "Certificates to trust; the system's when not given.")
    allow_plaintext_credentials: bool = plain(
        False, "Let SASL_PLAINTEXT, and redis:// to another machine, send the password unencrypted."
    )
    kafka_api_version: str | None = text(
        None, "For brokers that cannot negotiate, such as the embedded one.", "two numbers such as 2.3", r"^\d+\.\d+$"
    )
    session_timeout_seconds: int = whole(15, 6, 300, "A worker unheard of for so long loses its partitions.")
    recovery_limit_seconds: int = whole(300, 5, 86_400, "A take-over that lasts longer ends the worker.")

    redis_url: SecretStr = text(
        SecretStr("redis://127.0.0.1:6379/0"),
        "Where Redis is; its password is never shown.",
        "a URL that starts with redis://, rediss:// or unix://",
    )
    redis_ca_file: Path | None = plain(None, "Certificates to trust with rediss://; the system's when not given.")

    activity_retention_days: int = whole(35, 1, 36_500, "Calls, meetings, emails and the like are remembered so long.")
    closed_deal_retention_days: int = whole(400, 1, 36_500, "Won and lost deals are remembered so long.")
    minute_pane_hours: int = whole(26, 25, 168, "Panes of a minute are kept so long, for the rolling windows.")
    day_pane_days: int = whole(800, 401, 36_500, "Panes of a local day are kept so long, for the calendar windows.")
    future_tolerance_seconds: int = whole(300, 0, 86_400, "An event further ahead of its append time is refused.")
    finality_hours: int = whole(24, 0, 744, "A window is final so long after its end.")
    transit_retention_days: int = whole(4, 1, 365, "Facts and parts wait so long for a worker that is down.")
    dead_letter_retention_days: int = whole(14, 1, 365, "Refused records are kept so long.")
    dead_letter_limit_percent: int = whole(
        20, 1, 100, "A worker halts when more of a topic's records in a minute are refused (late ones aside)."
    )
    dead_letter_limit_records: int = whole(1000, 1, 10**9, "The fewest records in a minute that can halt a worker.")
    dead_letters_pass_before: AwareDatetime | None = text(
        None, "Records appended before this instant never halt a worker.", "an instant such as 2026-11-23T09:00:00Z"
    )

    linger_ms: int = whole(20, 0, 10_000, "What has arrived in Kafka is asked for at most so often.")
    publish_interval_ms: int = whole(50, 10, 60_000, "A scope's current windows are published at most so often.")
    slow_publish_interval_ms: int = whole(1000, 10, 600_000, "The same for longer windows and the KPI topics.")
    prometheus_reps: bool = plain(False, "Export reps to Prometheus, not only teams.")
    health_host: str = text(
        "127.0.0.1", "Where health, readiness and metrics listen.", "an address or host name", r"^[^\s/@]+$"
    )
    health_port: int = whole(9100, 0, 65_535, "The port of health, readiness and metrics; 0 takes a free one.")

    self_fence: bool = plain(True, "End the process when its loop stood still for half a session timeout.")
    failpoint: str | None = text(
        None,
        "For fault tests: crash at this step of a batch, by chance or at its n-th time.",
        "a step with its chance or number, such as delta.sent=0.01 or trimmed#3, more after commas",
        r"^[a-z.]+(=(0?\.\d+|1)|#[1-9]\d*)(,[a-z.]+(=(0?\.\d+|1)|#[1-9]\d*))*$",
    )
    log_format: Literal["console", "json"] = plain("console", "For people or for machines.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = plain("INFO", "The least that is logged.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the library passes it by name)
        init_settings: PydanticBaseSettingsSource,
        *_: Any,
        **__: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing but what is passed in: `load_settings` brings environment and file."""
        return (init_settings,)

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in ("redis", "rediss", "unix") or not (parts.netloc or parts.path) or parts.port == 0:
            raise ValueError("no such URL")
        return url

    @model_validator(mode="after")
    def _embedded_partitions(self) -> Self:
        if self.embedded and self.partitions != EMBEDDED_PARTITIONS:
            raise SetupError(
                f"{PREFIX}PARTITIONS: {self.partitions} is not allowed; "
                f"allowed: {EMBEDDED_PARTITIONS}, with the embedded broker"
            )
        return self

    @model_validator(mode="after")
    def _credentials_are_safe(self) -> Self:
        login, plaintext = (self.kafka_sasl_username, self.kafka_sasl_password), self.allow_plaintext_credentials
        line = unsafe_kafka(self.kafka_security_protocol, complete=None not in login, plaintext=plaintext)
        line = line or unsafe_redis(self.redis_url.get_secret_value(), plaintext=plaintext)
        if line is not None:
            raise SetupError(line)
        return self


class _Environment(EnvSettingsSource):
    """The settings in a mapping of environment variables, instead of those of this process."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._given = {name.lower(): value for name, value in env.items() if value != ""}
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._given


def load_settings(env: Mapping[str, str], file: Path | None = None, **options: Any) -> Settings:
    """Read the settings, once, when a command starts.

    An option that is not None wins over the environment, the environment over the TOML file (`file`, or what
    `SALESPULSE_SETTINGS` names), the file over the defaults. Empty variables count as not set.

    Raises:
        SetupError: with one line that names the bad setting, where it comes from and what is allowed.
    """
    file = file or (Path(env[f"{PREFIX}SETTINGS"]) if env.get(f"{PREFIX}SETTINGS") else None)
    _refuse_misspelt(env)
    from_file = _read(file) if file else {}
    from_env = _Environment(env)()
    from_options = {name: value for name, value in options.items() if value is not None}
    named = {name: f"{name} in {file}" for name in from_file}
    named |= {name: f"{PREFIX}{name.upper()}" for name in from_env}
    named |= {name: f"--{name.replace('_', '-')}" for name in from_options}
    values: dict[str, Any] = {**from_file, **from_env, **from_options}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SetupError(_line(error, named)) from None


def fingerprint(settings: Settings) -> str:
    """Whatever shapes a contribution, as one readable line; two deployments may share a state if theirs are equal."""
    shaping = {
        "activity_retention_days": settings.activity_retention_days,
        "closed_deal_retention_days": settings.closed_deal_retention_days,
        "currency": settings.currency,
        "day_pane_days": settings.day_pane_days,
        "finality_hours": settings.finality_hours,
        "future_tolerance_seconds": settings.future_tolerance_seconds,
        "holidays": version("holidays"),
        "minute_pane_hours": settings.minute_pane_hours,
        "partitions": settings.partitions,
        "rules": RULES_VERSION,
        "tzdata": version("tzdata"),
    }
    return " ".join(f"{name}={value}" for name, value in sorted(shaping.items()))


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"{PREFIX}SETTINGS: cannot read {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{PREFIX}SETTINGS: {file} is not TOML: {error}") from None


def _refuse_misspelt(env: Mapping[str, str]) -> None:
    """A variable that nearly is a setting is a mistake; others with the prefix may belong to somebody else."""
    known = [f"{PREFIX}{name.upper()}" for name in (*Settings.model_fields, "settings")]
    for name in sorted(env):
        if name.startswith(PREFIX) and name not in known and (near := difflib.get_close_matches(name, known, 1, 0.9)):
            raise SetupError(f"{name}: no such setting; did you mean {near[0]}?")


def _line(error: ValidationError, named: Mapping[str, str]) -> str:
    """The first of the errors, as the line that a person reads; it never repeats a secret."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0])
    if name not in Settings.model_fields:
        return f"{named[name]}: no such setting; see the list in docs/settings.md"
    field = Settings.model_fields[name]
    value = "the value" if SecretStr in (field.annotation, *get_args(field.annotation)) else repr(first["input"])
    return f"{named.get(name, name)}: {value} is not allowed; allowed: {takes(field)}"
