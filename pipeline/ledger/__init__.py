"""Stage 1: what happened. Objects, their versions, what they say of each other, and the fold that keeps them."""
