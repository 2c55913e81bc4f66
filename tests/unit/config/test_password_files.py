"""Passwords in files of their own, options of Redis URLs, and what is told of files that too many may read."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config.redis_address import read_address
from pipeline.config.redis_query import ALLOWED
from pipeline.config.settings import PREFIX, Settings, SetupError, exposed_file, load_settings
from pipeline.monitoring.logs import secrets_of

PASSWORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
SECURE = {f"{PREFIX}KAFKA_SECURITY_PROTOCOL": "SASL_SSL", f"{PREFIX}KAFKA_SASL_USERNAME": "u"}


@quick
@given(PASSWORDS, st.sampled_from(["", "\n", "\r\n"]))
def test_a_password_is_taken_from_its_file(tmp_path: Path, password: str, end: str) -> None:
    """Whatever letters it has; a line end behind it does not belong to it."""
    file = tmp_path / "password"
    file.write_bytes(f"{password}{end}".encode())
    env = {**SECURE, f"{PREFIX}KAFKA_SASL_PASSWORD_FILE": str(file), f"{PREFIX}REDIS_PASSWORD_FILE": str(file)}
    for url in ("rediss://worker@h:6379/0", "rediss://worker:other@h/0?client_name=x", "redis://127.0.0.1"):
        read = load_settings({**env, f"{PREFIX}REDIS_URL": url, f"{PREFIX}KAFKA_SASL_PASSWORD": "other"})
        given = urlsplit(read.redis_url.get_secret_value())
        assert unquote(given.password or "") == password
        assert (given.hostname, given.username or "") == (urlsplit(url).hostname, urlsplit(url).username or "")
        assert read.kafka_sasl_password is not None
        assert read.kafka_sasl_password.get_secret_value() == password
        assert password in secrets_of(read)
        assert Redis.from_url(given.geturl()).connection_pool.connection_kwargs["password"] == password
        assert load_settings({}, **read.model_dump()) == read

    sentinels = load_settings({**env, f"{PREFIX}REDIS_URL": "rediss+sentinel://u@a:1,b:2/main"}).redis_url
    assert read_address(sentinels.get_secret_value())[:5] == ((("a", 1), ("b", 2)), "main", 0, "u", password)


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"", "in one line"), (b"a\nb\n", "in one line"), (b"\xff", "in one line"), (b"x" * 5000, "in one line")],
)
def test_what_is_no_password_is_one_line_without_it(tmp_path: Path, content: bytes, line: str) -> None:
    """Nothing of the file is repeated."""
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(SetupError, match=line) as ended:
        load_settings({f"{PREFIX}REDIS_PASSWORD_FILE": str(file)})
    assert str(ended.value) == f"{PREFIX}REDIS_PASSWORD_FILE: {file} must hold a password in one line, and nothing else"
    with pytest.raises(SetupError, match="cannot read"):
        load_settings({f"{PREFIX}KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "none")})


def test_a_password_from_a_file_is_as_safe_on_its_way_as_any(tmp_path: Path) -> None:
    """It never goes unencrypted to another machine unless that is allowed."""
    (tmp_path / "password").write_text("secret\n")
    env = {f"{PREFIX}REDIS_URL": "redis://u@redis:6379", f"{PREFIX}REDIS_PASSWORD_FILE": str(tmp_path / "password")}
    with pytest.raises(SetupError, match="send the password unencrypted"):
        load_settings(env)
    with pytest.raises(SetupError, match="the value is not allowed"):
        load_settings({**env, f"{PREFIX}REDIS_URL": "redis://[h"})


TEXT_SETTINGS = [name for name, field in Settings.model_fields.items() if field.annotation in (str, str | None)]


@given(st.sampled_from(["brokers", "health_host", "namespace", "worker_id"]), PASSWORDS)
def test_a_login_in_a_setting_is_never_repeated(name: str, password: str) -> None:
    """Somebody takes the form of a URL for that of an address."""
    secret = f"pw{password}"
    with pytest.raises(SetupError) as ended:
        load_settings({f"{PREFIX}{name.upper()}": f"user:{secret}@h:9092"})
    assert f"{secret}@" not in str(ended.value)
    assert "user:" not in str(ended.value)
    assert name in TEXT_SETTINGS


@given(
    st.dictionaries(
        st.one_of(st.sampled_from([*ALLOWED, "decode_responses", "ssl_cert_reqs", "retry"]), st.text(max_size=9)),
        st.one_of(st.sampled_from(["1", "true", "2.5", "x", "", "1e9", "²"]), st.text(max_size=9)),
        max_size=3,
    )
)
def test_every_redis_url_that_is_taken_can_be_used(options: dict[str, str]) -> None:
    """What redis-py does not know is one line, and not a traceback of whoever connects first."""
    query = "&".join(f"{name}={value}" for name, value in options.items())
    try:
        read = load_settings({f"{PREFIX}REDIS_URL": f"redis://127.0.0.1:6379/0?{query}"})
    except SetupError:
        return
    client = Redis.from_url(read.redis_url.get_secret_value())
    client.connection_pool.make_connection()


def test_an_unknown_option_of_the_redis_url_is_one_line_for_every_command() -> None:
    """It repeats nothing of the URL."""
    env = {f"{PREFIX}REDIS_URL": "redis://127.0.0.1:1/0?word=cret", f"{PREFIX}BROKERS": "127.0.0.1:1"}
    for command in (["watch", "--json"], ["worker"], ["board"], ["figures", "company", "--window", "day"]):
        done = CliRunner().invoke(app, command, env=env)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert "an option that is not allowed; allowed: client_name, db, " in done.stderr
        assert "cret" not in done.stderr


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ('kafka_sasl_password = "x"\n', 0o644, True),
        ('redis_url = "rediss://u:p@h"\n', 0o604, True),
        ('redis_url = "rediss://u:p@h"\n', 0o640, False),
        ('kafka_sasl_password = "x"\n', 0o600, False),
        ('namespace = "north"\n', 0o644, False),
    ],
)
def test_a_file_with_a_password_that_others_may_read_is_told(
    tmp_path: Path, content: str, mode: int, told: bool
) -> None:
    """One warning, and the command goes on; of a file without a password, or for its group alone, nothing."""
    file = tmp_path / "settings.toml"
    file.write_text(content)
    file.chmod(mode)

    assert (exposed_file({}, file) is not None) == told
    assert exposed_file({f"{PREFIX}SETTINGS": str(file)}) == exposed_file({}, file)
    done = CliRunner().invoke(app, ["send", "/nowhere"], env={f"{PREFIX}SETTINGS": str(file)})
    assert done.stderr.count("warning: ") == told
    assert exposed_file({}) is None
