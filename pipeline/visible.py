"""Texts from outside, as a terminal or a log may be given them: visible, and in one piece."""


def visible(text: str) -> str:
    """The text with everything escaped that is no letter, sign or space: it cannot move a cursor or forge a line.

    That is control characters, line ends, marks of direction and of width, and halves of letters.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in SPACES else _escaped(each) for each in text)


def is_whole(text: str) -> bool:
    """Whether no letter is a half of one, an unpaired surrogate: UTF-8 has no bytes for it, so no record can say it."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def shortened(text: str, most: int = 60) -> str:
    """The text where it is short enough for a line, else its beginning and a mark."""
    return text if len(text) <= most else f"{text[:most]}…"


SPACES = "\u00a0\u202f\u2009\u3000"
"""Those with which people of some countries part the digits of a number, or words."""


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
