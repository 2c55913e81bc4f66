"""What is known of an error, in one line."""


class Diagnosis(Exception):  # noqa: N818 (what is known, not what kind of error it is)
    """Base of errors whose message says all there is to say: the process ends with it, without a traceback."""
