"""Passwords that lie in files of their own, as Docker and Kubernetes mount secrets; files that too many may read."""

import stat
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

MOST_BYTES = 4096


def password_in(file: Path) -> str:
    """The only line of a file. OSError where it cannot be read, ValueError where it holds no password."""
    with file.open("rb") as opened:
        text = opened.read(MOST_BYTES + 1).decode().rstrip("\r\n")
    if not text or len(text) > MOST_BYTES or "\n" in text or "\0" in text:
        raise ValueError("not a password in one line")
    return text


def with_password(url: str, password: str) -> str:
    """The URL of a Redis, or of Sentinels, with this password in place of any other."""
    parts = urlsplit(url)
    login, at, places = parts.netloc.rpartition("@")
    user = login.partition(":")[0] if at else ""
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{places}"))


def open_to_others(file: Path) -> str | None:
    """What is said of a file with a password in it that every user of the machine may read; None of any other."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return None
    if not mode & stat.S_IROTH:
        return None
    return f"{file} holds a password, and every user of this machine may read it; chmod o-r {file}"
