"""Texts of a row, as its file has them, and what is said of one that is not what it should be."""

from collections.abc import Mapping

Row = Mapping[str, str]
"""Texts by column. One that the row does not have says nothing; an empty one may say that there is nothing."""


class PlainNumber(str):
    """A text that its file says is a number, as JSON and spreadsheets do: no locale has a say in it."""

    __slots__ = ()


class PlainStamp(str):
    """A text that its file says is a date or time, as spreadsheets do; in ISO 8601, whatever format is declared."""

    __slots__ = ()


class NotReadError(ValueError):
    """Raised for a text that is not what it should be; the cure says what to do about it."""

    def __init__(self, complaint: str, cure: str = "") -> None:
        super().__init__(complaint)
        self.cure = cure
