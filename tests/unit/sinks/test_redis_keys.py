"""Keys are built and taken apart in one place: whatever an id contains, no key is taken for another."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sinks.redis_keys import LAYOUT, OF_HOME, SINGLE, Key, Keys, other_layout
from schemas.ids import kept_id

ROOT = Path(__file__).parents[3]
ACL = ROOT / "deploy" / "security" / "redis-users.acl"
PAGE = ROOT / "docs" / "outputs.md"
WORDS = ("", "company", "team:north", "rep:7@north", "x}:owner", "{", ":", "%7D", "cut", "kpi:", "*", "?", "ü/ \n")
IDS = st.sampled_from(WORDS) | st.text(max_size=12) | st.lists(st.sampled_from(WORDS), max_size=3).map("".join)
NAMESPACES = st.sampled_from(["salespulse", "s", "s-cut", "cut", "homes"])
SORTS = (*OF_HOME, *SINGLE, "cut", "cut_owner", "held")


@st.composite
def keys(draw: st.DrawFn) -> Key:
    """A key of any sort, for any ids."""
    what = draw(st.sampled_from(SORTS))
    if what in OF_HOME:
        number = OF_HOME[what]
        return Key(what, draw(IDS), tuple(draw(st.lists(IDS, min_size=number, max_size=number))))
    if what in SINGLE:
        return Key(what)
    return Key(what, rest=(draw(IDS), str(draw(st.integers(0, 999)))))


def built(keys: Keys, key: Key) -> str:
    """The key as those who write it build it: by the method, or attribute, of its name."""
    if key.what in SINGLE:
        return str(getattr(keys, key.what))
    if key.what in OF_HOME:
        return str(getattr(keys, key.what)(key.home, *key.rest))
    stage, partition = key.rest
    return str(getattr(keys, key.what)(stage, int(partition)))


@given(NAMESPACES, keys())
def test_parse_inverts_build(namespace: str, key: Key) -> None:
    """For any ids and any sort: what was put together comes apart into what it was."""
    ours = Keys(namespace)

    assert ours.parse(built(ours, key)) == key
    assert ours.build(key) == built(ours, key)


@given(NAMESPACES, NAMESPACES, keys())
def test_patterns_match_their_own_sort_and_nothing_else(namespace: str, other: str, key: Key) -> None:
    """Of all keys of all deployments in one Redis, a pattern finds those of one sort and deployment."""
    ours, text = Keys(namespace), built(Keys(other), key)
    found = {what for what in SORTS if fnmatchcase(text, ours.pattern(what))}

    assert found == ({key.what} if namespace == other else set())
    assert (ours.parse(text) is not None) == (namespace == other)


@given(NAMESPACES, keys(), st.text(max_size=3), st.text(max_size=3), st.data())
def test_what_nobody_of_ours_writes_is_no_key(
    namespace: str, key: Key, before: str, after: str, data: st.DataObject
) -> None:
    """Whatever text it is: either it is the very key that its parts make, or none."""
    ours = Keys(namespace)
    text = built(ours, key)
    cut = data.draw(st.integers(0, len(text)))
    for tried in (before + text, text + after, text[:cut] + before + text[cut:], text[:cut], text[cut:]):
        found = ours.parse(tried)
        assert found is None or built(ours, found) == tried


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (Key("homes"), "ns:homes"),
        (Key("layout"), "ns:layout"),
        (Key("owner", "company"), "ns:{company}:owner"),
        (Key("kpi", "team:north", ("rep:7@north",)), "ns:{team:north}:kpi:rep:7@north"),
        (Key("rank", "team:north", ("calls", "5m")), "ns:{team:north}:rank:calls:5m"),
        (Key("funnel", "team:x}:owner{", ("a b/c",)), "ns:{team:x%7D:owner%7B}:funnel:a%20b%2Fc"),
        (Key("cut", rest=("scoreboard", "3")), "ns:cut:scoreboard:3"),
        (Key("cut_owner", rest=("scoreboard", "3")), "{ns:cut:scoreboard:3}:owner"),
        (Key("held", rest=("crm", "0")), "ns:held:crm:0"),
    ],
)
def test_keys_are_those_that_other_programs_know(key: Key, text: str) -> None:
    """As docs/outputs.md has them: to change one is another layout."""
    assert (Keys("ns").build(key), Keys("ns").parse(text)) == (text, key)


def test_another_layout_is_one_line() -> None:
    """A reader goes on where the layout is its own or not told yet, and says what to do where it is another."""
    assert other_layout(None) is None
    assert other_layout(str(LAYOUT)) is None
    assert other_layout("9") == (
        f"Redis holds keys of layout 9, and this release reads layout {LAYOUT}: use the release of the workers"
    )


def _rules(user: str, sign: str) -> list[str]:
    line = next(line for line in ACL.read_text().splitlines() if line.split()[1] == f"salespulse-{user}")
    return [word[1:] for word in line.split() if word.startswith(sign)]


@given(keys())
def test_users_may_touch_the_keys_of_their_part(key: Key) -> None:
    """The access list grants workers every key, and readers and the audit all but who writes the cuts."""
    text = built(Keys("salespulse"), key)
    may = {user for user in ("worker", "reader", "audit") if any(fnmatchcase(text, p) for p in _rules(user, "~"))}

    assert may == ({"worker"} if key.what == "cut_owner" else {"worker", "reader", "audit"})


def test_readers_may_listen_to_changes_and_nothing_else() -> None:
    """The channels of the access list are those that the board subscribes to."""
    assert _rules("reader", "&") == [Keys("salespulse").pattern("changes")]
    assert _rules("audit", "&") == []


def test_the_page_of_outputs_says_under_which_key_an_address_lies() -> None:
    """It is kept escaped, and the key escapes it again."""
    kept = kept_id("ada@x.com")
    keys = Keys("<ns>")
    examples = (keys.kpi(f"rep:{kept}", f"rep:{kept}"), keys.kpi("team:north", f"rep:{kept}@north"))
    page = PAGE.read_text(encoding="utf-8")

    assert kept == "ada%40x.com"
    assert all(f"`{key}`" in page for key in examples)
