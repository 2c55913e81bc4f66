"""The verdict on a run: an audit at rest finds no difference, and nothing ended or was refused without a reason."""

from collections import Counter
from collections.abc import Mapping

from pipeline.audit.audit import Audit, Wait
from pipeline.audit.logs import Logs
from pipeline.audit.quiescence import Quiescence, Showing, any_behind
from pipeline.audit.records import DOMAINS
from pipeline.audit.report import Report
from pipeline.dead_letters.catalogue import Catalogue
from pipeline.dead_letters.topic import DeadLetterTopic
from tests.faults.cluster import Cluster

PATIENCE_SECONDS = 240
SHOWN = 12


def audited(cluster: Cluster, patience_seconds: float = PATIENCE_SECONDS) -> Report:
    """An audit as it stands, at rest where that comes in time."""
    return Audit(cluster.settings, cluster.scrapes).run(rest_within(patience_seconds))


def rest_within(patience_seconds: float) -> Wait:
    """What waits for rest so long, and again as long as there is progress.

    A stream goes on while its workers are down, so a busy machine may have minutes of it to work off.
    """
    quiescence = Quiescence(patience_seconds)

    def wait(audit: Showing, logs: Logs) -> Mapping[str, int] | None:
        while True:
            before = logs.committed(DOMAINS)
            found = quiescence(audit, logs)
            done = logs.committed(DOMAINS)
            if found is not None or done == before or not any_behind(logs, before, DOMAINS):
                return found

    return wait


def judge(cluster: Cluster, least: int = 1000, patience_seconds: float = PATIENCE_SECONDS) -> Report:
    """Stop the stream, wait for rest, and fail where anything is not as it must be.

    `least` is how many numbers must have been compared in Redis and on the KPI topics each: an audit of nothing proves
    nothing. Dead letters must be those that the stream sent, by reason, each origin once.
    """
    cluster.feed.stop()
    cluster.fleet.until_ready(PATIENCE_SECONDS)
    report = audited(cluster, patience_seconds)
    about = story(cluster)
    differences = [str(difference) for difference in report.differences[:SHOWN]]
    assert not differences, f"{len(report.differences)} differences\n" + "\n".join(differences) + about
    assert report.quiet, f"the deployment does not come to rest{about}"
    assert not report.notes, f"{report.notes}{about}"
    for place in ("redis", "kpi topics"):
        assert report.numbers.get(place, 0) >= least, f"only {report.numbers} were compared{about}"
    assert not cluster.fleet.surprises(), f"{cluster.fleet.surprises()}{about}"
    assert refused(cluster) == cluster.stream.refused, f"other dead letters than sent: {refused(cluster)}{about}"
    return report


def refused(cluster: Cluster) -> Counter[str]:
    """The dead letters of a deployment by reason, each origin once."""
    with DeadLetterTopic(cluster.settings) as topic:
        return Counter(letter.refusal.reason for letter in Catalogue(topic.records()).letters())


def story(cluster: Cluster) -> str:
    """What a failure's message must say, so that the run can be repeated and understood."""
    ended = Counter(f"{ended.worker} with {ended.code}" for ended in cluster.fleet.ended)
    return (
        f"\nseed {cluster.seed}, {cluster.stream.sent} records sent; ended by themselves: {dict(ended)}; "
        f"what the workers say is in {cluster.fleet.folder}"
    )
