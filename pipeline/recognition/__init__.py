"""Recognition: contests as they stand, from what the days of those who take part add up to."""
