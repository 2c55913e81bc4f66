"""Passwords never go unencrypted to another machine, unless somebody says so."""

import pytest

from pipeline.config.redis_options import redis_options
from pipeline.config.settings import PREFIX, SetupError, load_settings

PASSWORD = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{PASSWORD}@redis.example:6379/0",
        f"redis://worker:{PASSWORD}@10.0.0.7:6379/0",
        f"redis://redis.example:6379/0?password={PASSWORD}",
        f"redis://:{PASSWORD}@localhost.example:6379/0",
        f"redis://:{PASSWORD}@[2001:db8::1]:6379/0",
    ],
)
def test_a_password_in_the_clear_is_refused(url: str) -> None:
    """The line names the setting and the way out, and does not repeat the URL."""
    with pytest.raises(SetupError) as caught:
        load_settings({f"{PREFIX}REDIS_URL": url})

    assert str(caught.value).startswith("SALESPULSE_REDIS_URL: redis:// would send the password unencrypted")
    assert PASSWORD not in str(caught.value)
    allowed = load_settings({f"{PREFIX}REDIS_URL": url}, allow_plaintext_credentials=True)
    assert allowed.redis_url.get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://redis.example:6379/0",
        f"redis://:{PASSWORD}@127.0.0.1:6379/0",
        f"redis://:{PASSWORD}@localhost:6379/0",
        f"redis://:{PASSWORD}@[::1]:6379/0",
        f"rediss://:{PASSWORD}@redis.example:6379/0",
        f"unix://:{PASSWORD}@/run/redis.sock",
    ],
)
def test_what_stays_on_the_machine_or_is_encrypted_is_fine(url: str) -> None:
    """No password, the loopback, TLS and sockets need no word."""
    assert load_settings({f"{PREFIX}REDIS_URL": url}).redis_url.get_secret_value() == url


def test_the_certificate_is_always_checked() -> None:
    """No option in the URL turns the check off."""
    with pytest.raises(SetupError, match="ssl_ options are not allowed"):
        load_settings({f"{PREFIX}REDIS_URL": "rediss://redis.example/0?ssl_cert_reqs=none"})

    options = redis_options(load_settings({f"{PREFIX}REDIS_URL": "rediss://redis.example/0"}))
    assert options == {"ssl_cert_reqs": "required", "ssl_check_hostname": True}


def test_an_authority_that_cannot_be_read_is_named() -> None:
    """The setting and the file, before anything connects."""
    settings = load_settings({}, redis_url="rediss://redis.example/0", redis_ca_file="/nowhere.pem")

    with pytest.raises(SetupError, match=r"^SALESPULSE_REDIS_CA_FILE: cannot use /nowhere.pem: No such file"):
        redis_options(settings)


@pytest.mark.parametrize(
    "url", ["redis://", "redis://[bad", "redis://host:port/0", "redis://host:0", "http://host", "x"]
)
def test_what_is_no_url_of_redis_is_refused(url: str) -> None:
    """The line says what is allowed."""
    with pytest.raises(SetupError, match="SALESPULSE_REDIS_URL: the value is not allowed"):
        load_settings({f"{PREFIX}REDIS_URL": url})
