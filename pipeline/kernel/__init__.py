"""What stages and engine agree on: stage, flows, store, lease, fingerprint. It knows no server."""
