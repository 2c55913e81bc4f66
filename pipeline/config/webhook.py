"""Where notifications go, and the secrets that sign them, as settings give them. Pure."""

import base64
import binascii
from ipaddress import ip_address
from urllib.parse import urlsplit

PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64
ALLOWED_SECRETS = (
    f"{PREFIX} and the base64 of {LEAST_BYTES} to {MOST_BYTES} random bytes; of several, comma-separated, each signs"
)
ALLOWED_URL = (
    "a URL that starts with https://, to a public address; with webhook_private also http://, and a private address"
)


def read_secrets(given: str) -> list[bytes]:
    """The secrets of a setting; ValueError, which repeats none of them, for anything else."""
    return [_secret(each.strip()) for each in given.split(",")]


def _secret(given: str) -> bytes:
    try:
        found = base64.b64decode(given.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not given.startswith(PREFIX) or not LEAST_BYTES <= len(found) <= MOST_BYTES:
        raise ValueError(f"allowed: {ALLOWED_SECRETS}")
    return found


def is_public(address: str) -> bool:
    """Whether an address is one of the whole Internet: neither this machine nor a private network, nor a group."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return is_public(str(mapped)) if mapped is not None else found.is_global and not found.is_multicast


def allowed_url(url: str, *, private: bool) -> bool:
    """Whether notifications may go there. What a name resolves to is looked at when it is connected to."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname or port == 0:
        return False
    plain = parts.username is None and parts.password is None and not parts.fragment and url.isprintable()
    return plain and " " not in url and (private or not _is_address(parts.hostname) or is_public(parts.hostname))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
