"""Which names a web port answers to: addresses and this machine's own always, others once they were told. Pure.

A page on the web can have its name resolve to this machine (DNS rebinding), and its scripts then read whatever answers
to that name. An address, or `localhost`, is no name that somebody else can have resolved.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address

ALLOWED = "host names such as board.example.com, comma-separated"
PATTERN = r"^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?(,[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?)*$"
REFUSAL = "this name is not one that this port answers to (setting allowed_hosts)"
"""What is answered, with status 421; the name itself is not repeated."""
_HOST = re.compile(r"(?:\[(?P<literal>[^\[\]]+)\]|(?P<name>[^:\[\]]+))(?::[0-9]*)?", re.ASCII)
_OWN = ("localhost",)


class AllowedHosts:
    """The names that one port answers to, beside addresses and `localhost`."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(map(_plain, (*_OWN, *names)))

    @classmethod
    def of(cls, setting: str | None) -> "AllowedHosts":
        """As the setting lists them."""
        return cls(setting.split(",") if setting else ())

    def answers(self, hosts: Iterable[str]) -> bool:
        """Whether a request with these Host headers is for us; one without any comes from no browser."""
        return all(map(self._is_ours, hosts))

    def _is_ours(self, host: str) -> bool:
        read = _HOST.fullmatch(host)
        if read is None:
            return False
        if read["literal"] is not None:
            return _is_address(read["literal"])
        return _plain(read["name"]) in self._names or _is_address(read["name"])


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
