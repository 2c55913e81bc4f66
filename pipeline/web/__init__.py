"""The web page and its API: live teams, reps, funnel and alerts."""
