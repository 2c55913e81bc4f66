"""Events on their way into the source topics."""
