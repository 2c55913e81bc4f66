"""The signature of a message, as Standard Webhooks has it: HMAC-SHA256 over id, time of the attempt, and body. Pure."""

import base64
import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256


def signed(secrets: Iterable[bytes], message_id: str, at_seconds: int, body: bytes) -> Mapping[str, str]:
    """The headers of one attempt; with several secrets a receiver that knows any of them takes it."""
    content = f"{message_id}.{at_seconds}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(secret, content, sha256)).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
