"""The five stages by name, thin: the topic each reads, its fold, and what it sends."""
