"""Policies for all objects: what holds when, whatever was put in whatever order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.object_policies import CAPS, MOST, NOBODY, ObjectPolicies

POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "valid_from": st.none() | st.integers(0, 9),
        "nobody": st.none() | st.lists(st.sampled_from(["A", "a", "b", "C"]), max_size=2),
        "counted_activities": st.none() | st.lists(st.sampled_from(["note", "task"]), max_size=2),
        **{cap: st.none() | st.integers(1, 20_000) for cap in CAPS},
    },
)
PUTS = st.lists(st.tuples(st.sampled_from("abc"), st.none() | POLICIES), max_size=12)


def holding(records: dict[str, dict[str, Any]], field: str, at_ms: int, default: Any) -> Any:
    """What the policy that began last says, by going through all of them."""
    found, latest = default, (-2, "")
    for name, record in records.items():
        began_ms = -1 if record.get("valid_from") is None else record["valid_from"]
        if record.get(field) is not None and began_ms <= at_ms and (began_ms, name) > latest:
            found, latest = record[field], (began_ms, name)
    return found


@given(PUTS, st.integers(0, 10))
def test_each_field_follows_the_policy_that_began_last(puts: list[tuple[str, Any]], at_ms: int) -> None:
    """Put, replaced and taken out again; former policies stay as they are, and no cap is below the fewest."""
    policies, records = ObjectPolicies(), dict[str, dict[str, Any]]()
    for name, record in puts:
        before, caps = policies, [policies.most(cap, at_ms) for cap in CAPS]
        policies = policies.put(name, record)
        assert [before.most(cap, at_ms) for cap in CAPS] == caps
        records.pop(name, None)
        if record is not None:
            records[name] = record

    for cap in CAPS:
        assert policies.most(cap, at_ms) == holding(records, cap, at_ms, MOST) >= policies.fewest(cap)
    assert set(policies.counted_activities(at_ms)) == set(holding(records, "counted_activities", at_ms, ()))
    assert set(policies.nobody(at_ms)) == {each.lower() for each in holding(records, "nobody", at_ms, NOBODY)}
