"""Whether passwords are safe on their way: what is said of settings that would send one unencrypted."""

import ipaddress
from urllib.parse import parse_qsl, urlsplit

from pipeline.config.redis_address import behind_sentinels, read_address

PREFIX = "SALESPULSE_"
ALLOW = f"{PREFIX}ALLOW_PLAINTEXT_CREDENTIALS=true"


def unsafe_kafka(protocol: str, *, complete: bool, plaintext: bool) -> str | None:
    """The line that says what is wrong with the login to Kafka, None where nothing is.

    `complete`: both user and password are there. `plaintext`: they may go unencrypted.
    """
    if not protocol.startswith("SASL"):
        return None
    if not complete:
        return (
            f"{PREFIX}KAFKA_SECURITY_PROTOCOL: {protocol} needs {PREFIX}KAFKA_SASL_USERNAME and "
            f"{PREFIX}KAFKA_SASL_PASSWORD"
        )
    if protocol == "SASL_PLAINTEXT" and not plaintext:
        return (
            f"{PREFIX}KAFKA_SECURITY_PROTOCOL: SASL_PLAINTEXT would send the password unencrypted; use SASL_SSL, or "
            f"set {ALLOW}"
        )
    return None


def unsafe_redis(url: str, *, plaintext: bool) -> str | None:
    """The line that says what is wrong with the URL of Redis, None where nothing is. It never repeats the URL."""
    parts = urlsplit(url)
    if any(name.lower().startswith("ssl_") for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        return (
            f"{PREFIX}REDIS_URL: ssl_ options are not allowed; the certificate is always checked, against "
            f"{PREFIX}REDIS_CA_FILE if set"
        )
    if parts.scheme.partition("+")[0] == "redis" and has_password_in(url) and not plaintext and not _all_loopback(url):
        return (
            f"{PREFIX}REDIS_URL: redis:// would send the password unencrypted to another machine; use rediss://, or "
            f"set {ALLOW}"
        )
    return None


def has_password_in(url: str) -> bool:
    """Whether a URL has a password in it."""
    parts = urlsplit(url)
    return bool(parts.password) or any(name == "password" for name, _ in parse_qsl(parts.query))


def _all_loopback(url: str) -> bool:
    """Whether nothing leaves this machine; what Sentinels name may lie anywhere, but lies where they do, as a rule."""
    if behind_sentinels(url):
        return all(_is_loopback(host) for host, _ in read_address(url).hosts)
    return _is_loopback(urlsplit(url).hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
