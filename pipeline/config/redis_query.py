"""What may stand behind the question mark of a Redis URL. Pure."""

from urllib.parse import parse_qsl

WHOLE = ("db", "protocol", "max_connections", "health_check_interval")
SECONDS = ("socket_timeout", "socket_connect_timeout")
FLAGS = ("socket_keepalive",)
TEXTS = ("client_name", "username", "password")
ALLOWED = sorted((*WHOLE, *SECONDS, *FLAGS, *TEXTS))
YES_NO = ("true", "false", "yes", "no", "1", "0")


def refused(query: str) -> str | None:
    """What is wrong with it, None where nothing is.

    It repeats no name or value that it does not know: of a password with a question mark in it the rest ends up here.
    """
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in ALLOWED:
            return f"it has an option that is not allowed; allowed: {', '.join(ALLOWED)}"
        if not _fits(name, value):
            return f"{name} is not what it must be: {_kind(name)}"
    return None


def _fits(name: str, value: str) -> bool:
    if name == "protocol":
        return value in ("2", "3")
    if name in WHOLE:
        return value.isascii() and value.isdecimal() and len(value) < 10
    if name in SECONDS:
        return value.isascii() and value.replace(".", "", 1).isdecimal() and len(value) < 10
    return value.lower() in YES_NO if name in FLAGS else bool(value)


def _kind(name: str) -> str:
    if name in WHOLE:
        return "2 or 3" if name == "protocol" else "a whole number"
    return "a number of seconds" if name in SECONDS else "true or false" if name in FLAGS else "a text"
