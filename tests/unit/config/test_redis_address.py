"""The URL of a Redis behind Sentinels: read as it stands, or refused."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.redis_address import SentinelAddress, behind_sentinels, read_address
from pipeline.config.settings import SetupError, load_settings

words = st.text("abcdefgh-.0123456789", min_size=1, max_size=12).filter(lambda word: word.strip(".-") == word)
secrets = st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable())


@given(
    st.lists(st.tuples(words, st.integers(1, 65_535)), min_size=1, max_size=3), words, st.integers(0, 15),
    st.none() | secrets, st.none() | secrets, st.booleans(),
)  # fmt: skip
def test_what_is_written_is_read(
    hosts: list[tuple[str, int]], primary: str, database: int, user: str | None, password: str | None, tls: bool
) -> None:
    """Hosts with their ports, the primary, the database; user and password may have any letters, escaped."""
    login = f"{quote(user or '', safe='')}:{quote(password or '', safe='')}@" if user or password else ""
    places = ",".join(f"{host}:{port}" for host, port in hosts)
    url = f"redis{'s' if tls else ''}+sentinel://{login}{places}/{primary}/{database}"

    assert behind_sentinels(url)
    assert read_address(url) == SentinelAddress(tuple(hosts), primary, database, user, password, tls)


def test_ports_and_database_have_defaults() -> None:
    """26379 is the port of Sentinels; addresses of IPv6 stand in brackets."""
    assert read_address("redis+sentinel://one,[::1],[::2]:5/main").hosts == (
        ("one", 26_379),
        ("::1", 26_379),
        ("::2", 5),
    )


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://one", "redis+sentinel://one/", "redis+sentinel:///main", "redis+sentinel://one:x/main",
        "redis+sentinel://one:0/main", "redis+sentinel://one/main/db", "redis+sentinel://one/main?db=2",
        "redis+sentinel://one,/main", "redis+sentinel://one:70000/main",
    ],
)  # fmt: skip
def test_another_url_is_refused_in_one_line(url: str) -> None:
    """The line says what is allowed."""
    with pytest.raises(
        SetupError, match=r"SALESPULSE_REDIS_URL: .*redis\+sentinel://host:26379,host:26379/name"
    ) as told:
        load_settings({"SALESPULSE_REDIS_URL": url})
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize(("url", "safe"), [
    ("redis+sentinel://u:secret@127.0.0.1,[::1]/main", True),
    ("redis+sentinel://u:secret@127.0.0.1,elsewhere/main", False),
    ("redis+sentinel://elsewhere/main", True),
    ("rediss+sentinel://u:secret@elsewhere/main", True),
])  # fmt: skip
def test_a_password_does_not_leave_the_machine_unencrypted(url: str, safe: bool) -> None:
    """As with a plain URL; the line never repeats it."""
    if safe:
        load_settings({"SALESPULSE_REDIS_URL": url})
        return
    with pytest.raises(SetupError, match="would send the password unencrypted") as told:
        load_settings({"SALESPULSE_REDIS_URL": url})
    assert "secret" not in str(told.value)
