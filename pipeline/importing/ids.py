"""Names and ids of any kind as ids that events may have. Pure; ValueError for a text that gives none."""

import hashlib
import re
import unicodedata
from functools import lru_cache

from pipeline.importing.texts import NotReadError

LONGEST = 64
HASH_LETTERS = 32
TAIL_LETTERS = 12
VALID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
LATIN = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "å": "a", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i",
    "ŋ": "n", "ŧ": "t", "ĸ": "k", "ſ": "s",
}  # fmt: skip
GREEK = dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", (
    "a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "s", "t", "y", "f",
    "ch", "ps", "o",
), strict=True))  # fmt: skip
CYRILLIC = dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ", (
    "a", "b", "v", "g", "d", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh",
    "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya", "i", "i", "e", "g",
), strict=True))  # fmt: skip
LETTERS = str.maketrans(LATIN | GREEK | CYRILLIC)


@lru_cache(maxsize=65_536)
def slug(text: str) -> str:
    """A name as an id: lower case without accents, other Latin, Greek and Cyrillic letters as Latin ones.

    A name in another script, or one that is too long, ends with a hash of itself, so that no two become one.
    """
    plain = _latin(text)
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if any(letter.isalnum() and not letter.isascii() for letter in plain):
        return f"{made[: LONGEST - TAIL_LETTERS - 1]}-{_digest(folded(text), TAIL_LETTERS)}".lstrip("-")
    if not made:
        raise NotReadError("has no letter or digit to make an id of")
    if len(made) > LONGEST:
        return f"{made[: LONGEST - TAIL_LETTERS - 1]}-{_digest(folded(text), TAIL_LETTERS)}"
    return made


@lru_cache(maxsize=65_536)
def hashed(text: str) -> str:
    """Any printable text as an id: a hash, the same for the same text alone."""
    return _digest(text, HASH_LETTERS)


def valid_or_hashed(text: str) -> str:
    """A text that may be an id as it is, any other one hashed."""
    return text if VALID.fullmatch(text) else hashed(text)


def folded(text: str) -> str:
    """What is the same name, however its letters are composed, whatever their case and the spaces between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _latin(text: str) -> str:
    letters = unicodedata.normalize("NFKD", folded(text).translate(LETTERS))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return bare.translate(LETTERS)


def _digest(text: str, letters: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:letters]
