"""A deployment with authentication on: a real Kafka and a real Redis, and users with the rights of deploy/security/."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
)
from redis import Redis

from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings, load_settings
from tests.harness.proofs import CONTROL_KEYS
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.kafka import require_jars
from tests.servers.secure_kafka import ADMIN, SecureKafkaServer
from tests.servers.secure_redis import SecureRedisServer

SECURITY = Path(__file__).parents[2] / "deploy" / "security"
NAMESPACE = "salespulse"
REDIS_PARTS = ("worker", "reader", "audit", "names")
_OPERATIONS = {
    "Create": ACLOperation.CREATE,
    "Delete": ACLOperation.DELETE,
    "Describe": ACLOperation.DESCRIBE,
    "DescribeConfigs": ACLOperation.DESCRIBE_CONFIGS,
    "Read": ACLOperation.READ,
    "Write": ACLOperation.WRITE,
}
_TYPES = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
_PATTERNS = {"literal": ACLResourcePatternType.LITERAL, "prefix": ACLResourcePatternType.PREFIXED}


@dataclass(frozen=True)
class Secured:
    """The servers, and the passwords of all users: `salespulse-worker` and the like, and `admin` on both."""

    kafka: SecureKafkaServer
    redis: SecureRedisServer
    certificates: Certificates
    kafka_passwords: dict[str, str]
    redis_passwords: dict[str, str]

    @property
    def secrets(self) -> set[str]:
        """Every password there is."""
        return {*self.kafka_passwords.values(), *self.redis_passwords.values()}

    def env(self, part: str, redis_part: str = "reader", **changed: str) -> dict[str, str]:
        """The environment of a part of the deployment: `worker`, `topics`, `crm`, `reader`, `letters`, `answers`."""
        user, redis_user = f"{NAMESPACE}-{part}", f"{NAMESPACE}-{redis_part}"
        given = {
            "NAMESPACE": NAMESPACE,
            "BROKERS": self.kafka.bootstrap,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_USERNAME": user,
            "KAFKA_SASL_PASSWORD": self.kafka_passwords[user],
            "KAFKA_CA_FILE": str(self.certificates.authority),
            "REDIS_URL": self.redis.url(redis_user, self.redis_passwords[redis_user]),
            "REDIS_CA_FILE": str(self.certificates.authority),
            "CONTROL_KEYS": CONTROL_KEYS,
            "SLOW_PUBLISH_INTERVAL_MS": "200",
            **changed,
        }
        return {f"SALESPULSE_{name}": value for name, value in given.items()}

    def settings(self, part: str, redis_part: str = "reader") -> Settings:
        """The same, read."""
        return load_settings(self.env(part, redis_part))

    @property
    def admin_settings(self) -> Settings:
        """Settings of somebody who may do everything in Kafka."""
        login = {"KAFKA_SASL_USERNAME": ADMIN, "KAFKA_SASL_PASSWORD": self.kafka_passwords[ADMIN]}
        return load_settings(self.env("worker", "worker", **login))

    def everything(self) -> Redis:
        """A client of Redis that may do everything."""
        return self.redis.client(ADMIN, self.redis_passwords[ADMIN])


@contextmanager
def secured(directory: Path) -> Iterator[Secured]:
    """Servers for as long as the context lasts."""
    certificates = make_certificates(directory / "tls")
    documents = list(yaml.safe_load_all((SECURITY / "kafka-users.yaml").read_text()))
    kafka_passwords = {name: _password() for name in (ADMIN, *(each["metadata"]["name"] for each in documents))}
    redis_passwords = {name: _password() for name in (ADMIN, *(f"{NAMESPACE}-{part}" for part in REDIS_PARTS))}
    kafka = SecureKafkaServer(_folder(directory / "kafka"), require_jars(), certificates, kafka_passwords)
    redis = SecureRedisServer(_folder(directory / "redis"), certificates, _acl_file(directory, redis_passwords))
    redis.start()
    try:
        kafka.start()
        found = Secured(kafka, redis, certificates, kafka_passwords, redis_passwords)
        client = KafkaAdminClient(**kafka_python_options(found.admin_settings))
        made = client.create_acls([rule for each in documents for rule in _rules(each)])
        client.close()
        assert not made["failed"]
        yield found
    finally:
        kafka.kill()
        redis.stop()


def _rules(user: dict[str, Any]) -> Iterator[ACL]:
    """The rules of one KafkaUser, as its operator makes them."""
    principal = f"User:{user['metadata']['name']}"
    for rule in user["spec"]["authorization"]["acls"]:
        given = rule["resource"]
        resource = ResourcePattern(_TYPES[given["type"]], given["name"], _PATTERNS[given["patternType"]])
        for operation in rule["operations"]:
            yield ACL(principal, "*", _OPERATIONS[operation], ACLPermissionType.ALLOW, resource)


def _acl_file(directory: Path, passwords: dict[str, str]) -> Path:
    """The users of deploy/security with their passwords, and one who may do everything."""
    text = (SECURITY / "redis-users.acl").read_text()
    for part in REDIS_PARTS:
        digest = sha256(passwords[f"{NAMESPACE}-{part}"].encode()).hexdigest()
        text = text.replace(f"SHA256_OF_{part.upper()}_PASSWORD", digest)
    file = directory / "users.acl"
    file.write_text(f"{text}user {ADMIN} on >{passwords[ADMIN]} ~* &* +@all\n")
    return file


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _password() -> str:
    return f"pw-{secrets.token_hex(12)}"
