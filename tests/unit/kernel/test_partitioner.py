from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernel.partitioner import partition_of, partitions_of

KEYS = st.text(max_size=30).map(str.encode) | st.integers(0, 10**9).map(lambda number: f"call:c-{number}".encode())


@given(st.lists(KEYS, max_size=40), st.integers(1, 200))
def test_many_keys_at_once_belong_where_each_does(keys: list[bytes], partitions: int) -> None:
    """Keys of any length, hashed together, have the partitions that they have one by one."""
    assert partitions_of(keys, partitions) == [partition_of(key.decode(), partitions) for key in keys]
