"""A certificate authority of a test's own, and the certificate of a server on the loopback."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.components import require_command

AUTHORITY = ("keyUsage=critical,keyCertSign,cRLSign", "basicConstraints=critical,CA:true")
"""What a strict reader wants of an authority; Python is one from 3.13 on."""
SERVER = (
    "subjectAltName=IP:127.0.0.1,DNS:localhost",
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=serverAuth",
    "basicConstraints=critical,CA:false",
    "subjectKeyIdentifier=hash",
    "authorityKeyIdentifier=keyid,issuer",
)
"""The same of a server's certificate."""
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: the authority, the server's certificate and key, and both of these in one file."""

    authority: Path
    certificate: Path
    key: Path
    both: Path


def make_certificates(directory: Path) -> Certificates:
    """A new authority and a certificate of 127.0.0.1 and localhost, for two days."""
    directory.mkdir(parents=True, exist_ok=True)
    files = Certificates(*(directory / name for name in ("ca.pem", "server.pem", "server.key", "both.pem")))
    ca_key, request, extensions = directory / "ca.key", directory / "server.csr", directory / "extensions"
    extensions.write_text("\n".join(SERVER) + "\n")
    itself = ("-x509", "-subj", "/CN=Test CA", *(part for said in AUTHORITY for part in ("-addext", said)))
    _openssl("req", *itself, *KEY, "-keyout", ca_key, "-out", files.authority, "-days", "2")
    _openssl("req", *KEY, "-keyout", files.key, "-out", request, "-subj", "/CN=localhost")
    signed_by = ("-CA", files.authority, "-CAkey", ca_key, "-CAcreateserial")
    _openssl(
        "x509", "-req", "-in", request, *signed_by, "-out", files.certificate, "-days", "2", "-extfile", extensions
    )  # fmt: skip
    files.both.write_text(files.key.read_text() + files.certificate.read_text())
    return files


def _openssl(*arguments: str | Path) -> None:
    command = [require_command("openssl", "openssl"), *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
