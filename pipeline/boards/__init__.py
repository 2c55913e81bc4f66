"""Stages 2 and 3: the folds over facts and parts, each around a board, and what they send."""
