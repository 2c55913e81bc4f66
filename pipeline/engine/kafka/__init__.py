"""How the engine reaches the broker: settings, producers, clients, and fail-stop."""
