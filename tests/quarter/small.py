"""The small company, whose weeks are played with every run of the tests."""

SMALL = {"ny-sdr": 8, "ldn-queue": 8, "ber-inside": 8}
"""The reps of each team: one that hears of each feed that is dead some day."""
SMALL_WEEKS = 3
