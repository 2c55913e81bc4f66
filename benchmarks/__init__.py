"""Benchmarks: the whole job beside the same job in stock Faust, on the same events, with the results checked."""
