"""What the workers of a cluster show to Prometheus, taken together."""

from collections.abc import Iterator

from prometheus_client.samples import Sample

from tests.faults.cluster import Cluster


def samples(cluster: Cluster) -> Iterator[Sample]:
    """All samples of all running workers, those of reps too."""
    for name in cluster.fleet.running:
        for path in ("/metrics", "/metrics/reps"):
            yield from cluster.fleet.members[name].process.samples(path=path)


def total(cluster: Cluster, name: str, **labels: str) -> float:
    """The sum of the samples of that name and with these labels."""
    return sum(each.value for each in samples(cluster) if each.name == name and labels.items() <= each.labels.items())
