"""Stages 2 and 3: what the facts add up to. Panes, windows, KPIs, and the folds over facts and parts."""
