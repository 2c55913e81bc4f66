"""Under Faust: its app, and the transport driver behind its plugin point."""
