"""When the figures of a home count as changed."""

from benchmarks.onlooker import changed


def text(calls: int, offset: int) -> bytes:
    """A field as a sink writes it."""
    return f'{{"as_of":{offset},"version":[1,{offset}],"kpis":{{"calls":{{"value":{calls}}}}}}}'.encode()


def test_a_figure_that_is_published_again_did_not_change() -> None:
    """A worker that has taken over writes what was there, with another version."""
    assert not changed([text(7, 1), None], [text(7, 2), None])


def test_another_value_is_a_change() -> None:
    """So is a family that comes or goes."""
    assert changed([text(7, 1)], [text(8, 2)])
    assert changed([text(7, 1), None], [text(7, 1), text(1, 2)])
    assert changed([text(7, 1)], [None])
