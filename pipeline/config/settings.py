"""Settings: read once, from what the caller passes in; everything else gets values, never the environment."""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from operator import itemgetter
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

from pipeline.config import allowed_hosts, webhook
from pipeline.config.control_keys import ALLOWED as ALLOWED_KEYS
from pipeline.config.control_keys import EMBEDDED_KEYS, read_keys
from pipeline.config.credentials import has_password_in, unsafe_kafka, unsafe_redis
from pipeline.config.password_files import open_to_others, password_in, with_password
from pipeline.config.redis_address import ALLOWED as ALLOWED_SENTINELS
from pipeline.config.redis_address import behind_sentinels, read_address
from pipeline.config.redis_query import refused
from pipeline.config.setting_field import plain, takes, text, whole
from pipeline.visible import is_whole
from schemas.windows import CALENDAR, CURRENT, NOW, ROLLING, least_pane_hours

PREFIX = "SALESPULSE_"
LEAST_TOKEN = 32
EMBEDDED_PARTITIONS = 4
"""What every topic of the embedded broker has; it cannot be told otherwise."""
IN_FILES = ("kafka_sasl_password", "control_keys", "board_token", "webhook_url", "webhook_secret")
"""Secrets that may each lie in a file of its own, named by the setting with `_file` behind it."""

LEAST_PANE_HOURS, MOST_PANE_HOURS = least_pane_hours(), 168
_WINDOW = "|".join((*CURRENT, NOW))
_CHOSEN = f"({_WINDOW}|({'|'.join(CALENDAR)})[+])"
_WINDOWS = f"of {', '.join((*CURRENT, NOW))}; + behind a calendar window: past ones too"


class SetupError(Exception):
    """Raised when a setting or option, or what it points to, cannot be used. One line that names it; exit code 2."""

    exit_code = 2


def panes_too_short(hours: int, rolling: Sequence[tuple[str, int]] = ROLLING) -> str | None:
    """The line to print where a rolling window would reach back beyond the panes of its minutes, and never decay."""
    least = least_pane_hours(rolling)
    if hours >= least:
        return None
    widest, _ = max(rolling, key=itemgetter(1))
    return (
        f"{PREFIX}MINUTE_PANE_HOURS: {hours} is not allowed; allowed: a whole number from {least} to "
        f"{MOST_PANE_HOURS}, for the rolling window {widest}"
    )


class Settings(BaseSettings):
    """All settings of one deployment, checked and frozen. Made by `load_settings`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    namespace: str = text(
        "salespulse",
        "Prefix of every topic, consumer group and Redis key; lets deployments share a cluster.",
        "a-z, 0-9 and '-', starting with a letter",
        r"^[a-z][a-z0-9-]{0,62}$",
    )
    embedded: bool = plain(False, "Use the embedded broker and Redis that the demo starts beside the worker.")
    currency: str = text("EUR", "Reporting currency of all amounts.", "an ISO 4217 code such as EUR", r"^[A-Z]{3}$")
    worker_id: str | None = text(
        None,
        "Unique name of this worker in the consumer group and the state logs.",
        "letters, digits, '.', '_', '-'",
        r"^[A-Za-z0-9._-]{1,64}$",
    )

    brokers: str = text(
        "127.0.0.1:9092", "Kafka bootstrap servers.", "host:port, comma-separated", r"^[^\s,/@]+:\d+(,[^\s,/@]+:\d+)*$"
    )
    partitions: int = whole(4, 1, 1024, "Number of partitions of every topic; always 4 with the embedded broker.")
    replication_factor: int = whole(
        1, 1, 9, "Replication factor of every topic; with 3 or more, all but one replica must acknowledge."
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = plain(
        "PLAINTEXT", "Security protocol of Kafka connections."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = plain(
        "SCRAM-SHA-512", "SASL mechanism, for SASL_PLAINTEXT and SASL_SSL."
    )
    kafka_sasl_username: str | None = plain(None, "SASL user name.")
    kafka_sasl_password: SecretStr | None = plain(None, "SASL password; never shown.")
    kafka_sasl_password_file: Path | None = plain(None, "File with the SASL password; it wins over the setting.")
    kafka_ca_file: Path | None = plain(None, "CA bundle for Kafka (default: system).")
    allow_plaintext_credentials: bool = plain(
        False, "Allow unencrypted passwords over SASL_PLAINTEXT and over redis:// to another machine."
    )
    kafka_api_version: str | None = text(
        None,
        "Protocol version, for brokers that cannot negotiate one (the embedded broker).",
        "two numbers such as 2.3",
        r"^\d+\.\d+$",
    )
    session_timeout_seconds: int = whole(
        15, 6, 300, "Consumer session timeout: a worker silent for this long loses its partitions."
    )
    recovery_limit_seconds: int = whole(
        300, 5, 86_400, "Maximum duration of a recovery; a worker that takes longer ends."
    )

    redis_url: SecretStr = text(
        SecretStr("redis://127.0.0.1:6379/0"),
        "Redis URL; its password is never shown.",
        f"a URL that starts with redis://, rediss:// or unix://, or {ALLOWED_SENTINELS}",
    )
    redis_password_file: Path | None = plain(None, "File with the Redis password; it wins over that of the URL.")
    redis_ca_file: Path | None = plain(None, "CA bundle for rediss:// (default: system).")

    control_keys: SecretStr | None = text(
        None,
        "Keys by which the pipeline knows its own records in the source topics. The first signs, all verify; never "
        "shown. Needed by workers, `audit`, `append-time` and `dead-letters replay`.",
        ALLOWED_KEYS,
    )
    control_keys_file: Path | None = plain(None, "File with these keys in one line; it wins over the setting.")

    activity_retention_days: int = whole(35, 1, 36_500, "Retention of calls, meetings, emails and other activities.")
    closed_deal_retention_days: int = whole(400, 1, 36_500, "Retention of won and lost deals, and of cost.")
    minute_pane_hours: int = whole(
        26,
        LEAST_PANE_HOURS,
        MOST_PANE_HOURS,
        "Retention of minute panes, from which rolling windows are computed.",
    )
    day_pane_days: int = whole(800, 401, 36_500, "Retention of day panes, from which calendar windows are computed.")
    future_tolerance_seconds: int = whole(
        300, 0, 86_400, "Maximum clock skew: an event dated further ahead of its append time is refused."
    )
    finality_hours: int = whole(24, 0, 744, "A window becomes final this long after its end; later changes restate it.")
    stalled_deal_days: int = whole(
        10, 1, 260, "An open deal is stalled on the so many-th working day after anybody last was in touch with it."
    )
    feed_silence_minutes: int = whole(
        10, 1, 1440, "A source system is silent after so many working minutes more than it usually pauses."
    )
    feed_known_days: int = whole(
        3, 0, 10, "Days on which a source system must have spoken for a team before its silence means anything there."
    )
    transit_retention_days: int = whole(4, 1, 365, "Retention of facts and parts: the longest a worker may be down.")
    dead_letter_retention_days: int = whole(14, 1, 365, "Retention of refused records.")
    dead_letter_bodies: bool = plain(
        True, "Keep refused records whole; otherwise only reason, length and SHA-256, and none can be replayed."
    )
    dead_letter_limit_percent: int = whole(
        20, 1, 100, "A worker halts if a larger share of a topic's records in a minute is refused, late ones excluded."
    )
    dead_letter_limit_records: int = whole(
        1000, 1, 10**9, "Minimum number of records in a minute for that limit to apply."
    )
    dead_letters_pass_before: AwareDatetime | None = text(
        None, "Records appended before this instant never halt a worker.", "an instant such as 2026-11-23T09:00:00Z"
    )

    append_jump_hours: int = whole(
        6, 1, 87_600, "A worker halts at an append time further ahead of its clock and of all other source partitions."
    )

    linger_ms: int = whole(20, 0, 10_000, "While records come, brokers let them come together for so long.")
    publish_interval_ms: int = whole(
        50, 10, 60_000, "Minimum interval between publications of live windows (rolling, current day, now)."
    )
    slow_publish_interval_ms: int = whole(
        1000, 10, 600_000, "Minimum interval for all other windows, and for the KPI topics."
    )
    publish_teams: str = text(
        "all",
        "Windows in which figures of teams, groups and the company are published.",
        f"all, or a comma-separated list {_WINDOWS}",
        rf"^(all|{_CHOSEN}(,{_CHOSEN})*)$",
    )
    publish_reps: str = text(
        "1h,day+,week+,month+,quarter+,now",
        "Windows in which figures of reps over all their teams are published.",
        f"all, none, or a comma-separated list {_WINDOWS}",
        rf"^(all|none|{_CHOSEN}(,{_CHOSEN})*)$",
    )
    publish_members: str = text(
        "day,week,month+,quarter+",
        "Windows in which figures and ranks of reps within their team are published.",
        f"all, none, or a comma-separated list {_WINDOWS}",
        rf"^(all|none|{_CHOSEN}(,{_CHOSEN})*)$",
    )
    publish_reps_families: str = text(
        "calls,occupancy,agent_states,emails,meetings,activities,deals,pipeline,goals",
        "Families of KPIs that are published of reps.",
        "all, or names of families that `salespulse kpis` lists, comma-separated",
        r"^[a-z_]+(,[a-z_]+)*$",
    )
    prometheus_reps: bool = plain(False, "Show figures of reps to Prometheus, on /metrics/reps.")
    prometheus_reps_kpis: str = text(
        "activities,calls,connected_calls,talk_time,emails,meetings_set,meetings_held,won,bookings",
        "KPIs of reps that are shown to Prometheus.",
        "names that `salespulse kpis` lists, comma-separated",
        r"^[a-z0-9_]+(,[a-z0-9_]+)*$",
    )
    prometheus_reps_windows: str = text(
        "1h,day",
        "Windows in which KPIs of reps are shown to Prometheus.",
        f"{', '.join((*CURRENT, NOW))}; comma-separated",
        rf"^({_WINDOW})(,({_WINDOW}))*$",
    )
    health_host: str = text(
        "127.0.0.1", "Listen address for health, readiness and metrics.", "an address or host name", r"^[^\s/@]+$"
    )
    health_port: int = whole(9100, 0, 65_535, "Port for health, readiness and metrics; 0 picks a free port.")
    allowed_hosts: str | None = text(
        None,
        "Names that a worker's port and the board answer to, beside addresses and localhost.",
        allowed_hosts.ALLOWED,
        allowed_hosts.PATTERN,
    )
    board_token: SecretStr | None = text(
        None,
        "Token by which the board takes acknowledgements and mutes of alerts; without one it takes none; never shown.",
        f"{LEAST_TOKEN} to 512 printable characters of ASCII without a space",
    )
    board_token_file: Path | None = plain(None, "File with the board's token; it wins over the setting.")
    webhook_url: SecretStr | None = text(
        None, "Where `salespulse notify` tells of alerts; never shown, since it may hold a key.", webhook.ALLOWED_URL
    )
    webhook_url_file: Path | None = plain(None, "File with this URL; it wins over the setting.")
    webhook_secret: SecretStr | None = text(
        None, "Secrets that sign what is told; never shown. Needed by `notify`.", webhook.ALLOWED_SECRETS
    )
    webhook_secret_file: Path | None = plain(None, "File with these secrets in one line; it wins over the setting.")
    webhook_private: bool = plain(False, "Let the webhook go to http:// and to addresses of private networks.")
    webhook_give_up_minutes: int = whole(
        1440, 1, 10_080, "What happened longer ago than this is told to nobody: it is dead, or history."
    )

    self_fence: bool = plain(True, "End the process if its event loop blocks for half a session timeout.")
    failpoint: str | None = text(
        None,
        "For fault tests: crash at a step of a batch, with a probability or at its n-th occurrence.",
        "step=probability or step#n, such as delta.sent=0.01 or trimmed#3, comma-separated",
        r"^[a-z.]+(=(0?\.\d+|1)|#[1-9]\d*)(,[a-z.]+(=(0?\.\d+|1)|#[1-9]\d*))*$",
    )
    audit_memory_mb: int = whole(
        2048, 256, 1_000_000, "Maximum memory of the audit's tables, in MiB; what is beyond goes to a temporary folder."
    )
    log_format: Literal["console", "json"] = plain("console", "Log format: console for people, json for machines.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = plain("INFO", "Minimum log level.")

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
        if behind_sentinels(url.get_secret_value()):
            read_address(url.get_secret_value())
            return url
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in ("redis", "rediss", "unix") or not (parts.netloc or parts.path) or parts.port == 0:
            raise ValueError("not a valid Redis URL")
        (parts.hostname or "").encode("idna")  # UnicodeError, a ValueError, for what is no name of a host
        return url

    @field_validator("control_keys")
    @classmethod
    def _control_keys_are_read(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None:
            read_keys(keys.get_secret_value())
        return keys

    @field_validator("board_token")
    @classmethod
    def _token_is_long(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not re.fullmatch(rf"[!-~]{{{LEAST_TOKEN},512}}", token.get_secret_value()):
            raise ValueError("not a token")
        return token

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_secrets_are_read(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            webhook.read_secrets(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _webhook_is_allowed(self) -> Self:
        url = self.webhook_url
        if url is not None and not webhook.allowed_url(url.get_secret_value(), private=self.webhook_private):
            raise SetupError(f"{PREFIX}WEBHOOK_URL: the value is not allowed; allowed: {webhook.ALLOWED_URL}")
        return self

    @model_validator(mode="after")
    def _embedded_partitions(self) -> Self:
        if self.embedded and self.partitions != EMBEDDED_PARTITIONS:
            raise SetupError(
                f"{PREFIX}PARTITIONS: {self.partitions} is not allowed; "
                f"allowed: {EMBEDDED_PARTITIONS}, with the embedded broker"
            )
        return self

    @model_validator(mode="after")
    def _windows_decay(self) -> Self:
        if line := panes_too_short(self.minute_pane_hours):
            raise SetupError(line)
        return self

    @model_validator(mode="after")
    def _credentials_are_safe(self) -> Self:
        login, plaintext = (self.kafka_sasl_username, self.kafka_sasl_password), self.allow_plaintext_credentials
        line = unsafe_kafka(self.kafka_security_protocol, complete=None not in login, plaintext=plaintext)
        url = self.redis_url.get_secret_value()
        line = line or unsafe_redis(url, plaintext=plaintext)
        if line is None and (wrong := refused(urlsplit(url).query)):
            line = f"{PREFIX}REDIS_URL: {wrong}"
        if line is not None:
            raise SetupError(line)
        return self


def control_keys_of(settings: Settings) -> dict[str, bytes]:
    """Called by whoever writes or judges the pipeline's own records: the secrets by id, the one that signs first.

    SetupError where there are none; the embedded broker has some of its own.
    """
    if settings.control_keys is not None:
        return read_keys(settings.control_keys.get_secret_value())
    if settings.embedded:
        return dict(EMBEDDED_KEYS)
    raise SetupError(f"{PREFIX}CONTROL_KEYS: missing; allowed: {ALLOWED_KEYS}")


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
    file = _file(env, file)
    _refuse_misspelt(env)
    from_file = _read(file) if file else {}
    from_env = _Environment(env)()
    from_options = {name: value for name, value in options.items() if value is not None}
    named = {name: f"{name} in {file}" for name in from_file}
    named |= {name: f"{PREFIX}{name.upper()}" for name in from_env}
    named |= {name: f"--{name.replace('_', '-')}" for name in from_options}
    values: dict[str, Any] = {**from_file, **from_env, **from_options}
    _refuse_no_text(values, named)
    secrets = _passwords(values, named)
    named |= {name: named[f"{name}_file"] for name in IN_FILES if name in secrets}
    try:
        return Settings(**{**values, **secrets})
    except ValidationError as error:
        raise SetupError(_line(error, named)) from None


def exposed_file(env: Mapping[str, str], file: Path | None = None) -> str | None:
    """Called once settings were read: what is said of their file where it has a password that others may read."""
    file = _file(env, file)
    if file is None:
        return None
    told = _read(file)
    secret = not told.keys().isdisjoint(IN_FILES)
    has_password = secret or has_password_in(str(told.get("redis_url", "")))
    return open_to_others(file) if has_password else None


def _file(env: Mapping[str, str], file: Path | None) -> Path | None:
    return file or (Path(env[f"{PREFIX}SETTINGS"]) if env.get(f"{PREFIX}SETTINGS") else None)


def _passwords(values: dict[str, Any], named: Mapping[str, str]) -> dict[str, Any]:
    """The settings that files of passwords give."""
    found = {name: _password(values, named, f"{name}_file") for name in IN_FILES}
    given: dict[str, Any] = {name: secret for name, secret in found.items() if secret is not None}
    if (password := _password(values, named, "redis_password_file")) is not None:
        url = values.get("redis_url", Settings.model_fields["redis_url"].default)
        plain_url = url.get_secret_value() if isinstance(url, SecretStr) else str(url)
        given["redis_url"] = _with_password(plain_url, password)
    return given


def _with_password(url: str, password: str) -> str:
    """The URL with the password in it; one that is none stays as it is, and is refused as such."""
    try:
        return with_password(url, password)
    except ValueError:
        return url


def _password(values: Mapping[str, Any], named: Mapping[str, str], name: str) -> str | None:
    if not values.get(name):
        return None
    file = Path(str(values[name]))
    try:
        return password_in(file)
    except OSError as error:
        raise SetupError(f"{named[name]}: cannot read {file}: {error.strerror}") from None
    except ValueError:
        raise SetupError(f"{named[name]}: {file} must hold a password in one line, and nothing else") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"{PREFIX}SETTINGS: cannot read {file}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, too deep, or a number without end
        raise SetupError(f"{PREFIX}SETTINGS: {file} is not TOML: {error}") from None


def _refuse_no_text(values: Mapping[str, Any], named: Mapping[str, str]) -> None:
    """No address, name or path has a NUL in it, or a byte that is no letter; the value may be a secret."""
    for name, value in values.items():
        texts = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
        if any("\0" in each or not is_whole(each) for each in texts):
            raise SetupError(f"{named[name]}: a NUL, or a byte that is not UTF-8, is not allowed")


def _refuse_misspelt(env: Mapping[str, str]) -> None:
    """A variable that nearly is a setting is a mistake; others with the prefix may belong to somebody else."""
    known = [f"{PREFIX}{name.upper()}" for name in (*Settings.model_fields, "settings")]
    for name in sorted(env):
        if name.startswith(PREFIX) and name not in known and (near := difflib.get_close_matches(name, known, 1, 0.9)):
            raise SetupError(f"{name}: no such setting; did you mean {near[0]}?")


def _line(error: ValidationError, named: Mapping[str, str]) -> str:
    """The first of the errors, as the line that a person reads; it never repeats a secret, nor what may be a login."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0])
    if name not in Settings.model_fields:
        return f"{named[name]}: no such setting; see the list in docs/settings.md"
    field = Settings.model_fields[name]
    given = first["input"]
    endless = isinstance(given, int) and given.bit_length() > 64
    secret = SecretStr in (field.annotation, *get_args(field.annotation)) or (not endless and "@" in str(given))
    value = "the value" if secret or endless else repr(given)
    return f"{named.get(name, name)}: {value} is not allowed; allowed: {takes(field)}"
