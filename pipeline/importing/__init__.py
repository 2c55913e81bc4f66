"""Exports of other systems into events, through a declared field map."""
