"""The keys by which the pipeline's own records are known in the source logs, as a setting gives them."""

import re
import secrets
from collections.abc import Mapping

LEAST_CHARACTERS = 32
ALLOWED = (
    "id:secret, comma-separated; each id once, of 1 to 16 of a-z, 0-9, '_' and '-'; a secret has "
    f"{LEAST_CHARACTERS} or more printable characters of ASCII, no comma and no space"
)
EMBEDDED_KEYS: Mapping[str, bytes] = {"embedded": b"the embedded broker is gone with its process"}
"""Where nobody gives any: whoever reaches the embedded broker is on this machine."""
_KEY = re.compile(rf"([a-z0-9_-]{{1,16}}):([!-+\--~]{{{LEAST_CHARACTERS},}})").fullmatch


def read_keys(given: str) -> dict[str, bytes]:
    """The secrets by id, the one that signs first; ValueError, which repeats none of them, for anything else."""
    found: dict[str, bytes] = {}
    for each in given.split(","):
        read = _KEY(each.strip())
        if read is None or read[1] in found:
            raise ValueError(f"allowed: {ALLOWED}")
        found[read[1]] = read[2].encode()
    return found


def generated_keys() -> str:
    """One new key, for a deployment that is gone with its process."""
    return f"once:{secrets.token_hex(LEAST_CHARACTERS)}"
