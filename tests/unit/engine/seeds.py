"""Random runs, one after the other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable


def seen_over(seeds: Iterable[int], run: Callable[[int], Awaitable[Counter[str]]]) -> Counter[str]:
    """What all runs saw together; the one that fails is named by its seed."""

    async def seen(seed: int) -> Counter[str]:
        return await run(seed)

    total: Counter[str] = Counter()
    for seed in seeds:
        try:
            total += asyncio.run(seen(seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
    return total
