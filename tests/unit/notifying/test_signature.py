"""Signatures, by the example that the specification's own libraries are tested with."""

import base64

from pipeline.config.webhook import read_secrets
from pipeline.notifying.signature import signed

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'


def test_the_example_of_the_specification() -> None:
    """Id, time and body, with full stops between them."""
    assert signed(read_secrets(SECRET), ID, AT, BODY) == {
        "webhook-id": ID,
        "webhook-timestamp": str(AT),
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_is_changed_both_sign() -> None:
    """A receiver that knows either of them takes the message."""
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    both, new = (signed(read_secrets(given), ID, AT, BODY) for given in (f"{SECRET}, {other}", other))

    assert both["webhook-signature"].split() == [
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", new["webhook-signature"],
    ]  # fmt: skip
