"""Figures worked out by hand: one small floor on one day, told in words that a manager can read and sign."""
