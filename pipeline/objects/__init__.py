"""One object of any kind: versions and their order, histories, and its stored form."""
