"""A real Apache Kafka with authentication on: TLS, SCRAM-SHA-512, and nobody may do what no rule allows."""

from collections.abc import Mapping
from pathlib import Path

from tests.servers.certificates import Certificates
from tests.servers.kafka import KafkaServer

ADMIN = "admin"
MECHANISM = "SCRAM-SHA-512"


class SecureKafkaServer(KafkaServer):
    """One broker with these users (name to password); `admin`, who may do everything, has to be among them."""

    def __init__(self, directory: Path, jars: Path, certificates: Certificates, users: Mapping[str, str]) -> None:
        self.certificates = certificates
        self.users = dict(users)
        login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
        overrides = {
            "listener.security.protocol.map": "CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT",
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            "listener.name.clients.scram-sha-512.sasl.jaas.config": (
                f'{login} username="{ADMIN}" password="{self.users[ADMIN]}";'
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(certificates.both),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(certificates.authority),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # Nobody is anonymous but the controller, on a listener of its own.
            "super.users": f"User:{ADMIN};User:ANONYMOUS",
        }
        accounts = [f"{MECHANISM}=[name={name},password={password}]" for name, password in self.users.items()]
        super().__init__(directory, jars, overrides, [part for each in accounts for part in ("--add-scram", each)])

    @property
    def admin_options(self) -> dict[str, str | int | float | bool]:
        return {
            **super().admin_options,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": MECHANISM,
            "sasl.username": ADMIN,
            "sasl.password": self.users[ADMIN],
            "ssl.ca.location": str(self.certificates.authority),
        }
