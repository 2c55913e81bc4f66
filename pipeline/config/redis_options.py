"""How a client reaches Redis, out of the settings, and what is said at the start when it must not be reached so."""

import ssl
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from redis.retry import Retry

from pipeline.config.redis_clients import blocking_client
from pipeline.config.redis_standing import Standing, standing_of, unusable
from pipeline.config.settings import PREFIX, Settings, SetupError
from pipeline.config.tls import tls_context

ANSWER_SECONDS = 1.0


def redis_options(settings: Settings) -> dict[str, Any]:
    """Keyword options, besides the URL, of every Redis client; SetupError for a file of authorities that is none."""
    if not _url(settings).startswith("rediss"):
        return {}
    tls_context(settings.redis_ca_file, "REDIS_CA_FILE")
    options: dict[str, Any] = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    if settings.redis_ca_file is not None:
        options["ssl_ca_certs"] = str(settings.redis_ca_file)
    return options


def asking_client(settings: Settings, answer_seconds: float) -> Redis:
    """A client for commands, which reads texts and gives up at once: whoever asks says what to do then."""
    return blocking_client(
        _url(settings),
        **redis_options(settings),
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=answer_seconds,
    )


def told_standing(client: Redis) -> Standing | None:
    """What the server says of itself; None where its user may not ask. RedisError where it does not answer."""
    try:
        return standing_of(client.info())
    except NoPermissionError:
        return None


def check_redis(settings: Settings) -> None:
    """Called before a worker starts: SetupError where Redis refuses the login, or is none that can keep figures.

    A Redis that does not answer is no mistake of the settings: the worker starts, and fills it once it is there.
    """
    try:
        with asking_client(settings, ANSWER_SECONDS) as client:
            client.ping()
            standing = told_standing(client)
    except (RedisError, OSError) as error:
        line = refusal(error)
    else:
        line = None if standing is None else unusable(standing)
    if line is not None:
        raise SetupError(line)


def refusal(error: BaseException) -> str | None:
    """The line for a Redis that refuses the login or is not who it should be; None for one that is down."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLCertVerificationError):
            return f"{PREFIX}REDIS_CA_FILE: the certificate of Redis is not trusted ({found.verify_message})"
        if isinstance(found, ssl.SSLError):
            return f"{PREFIX}REDIS_URL: the server there does not offer TLS"
        if isinstance(found, AuthenticationError | NoPermissionError):
            return f"{PREFIX}REDIS_URL: Redis rejects the user or password, or the user lacks permissions"
        found = found.__cause__ or found.__context__
    return None


def _url(settings: Settings) -> str:
    return settings.redis_url.get_secret_value()
