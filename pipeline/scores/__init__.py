"""What facts and parts add up to: panes, windows, KPIs, and the board that keeps them."""
