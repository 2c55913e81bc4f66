"""Objects in a store: each under a key of its own, and what no longer fits there in blocks beside it.

An object's value holds its registers, the newest entries of its history and the newest links, as most objects are
whole. What grows beyond that lies apart, in blocks of at most 4 KB: a change writes the object's value, and the one
block that it concerns.
"""

from pipeline.kernel.store import Store
from pipeline.objects.block_index import BlockIndex
from pipeline.objects.object import Object
from pipeline.objects.stored_form import Forms, decode_links, encode_links, nested

OBJECT, HISTORY, LINKS = b"x", b"h", b"l"
"""First bytes of keys in the store: of an object, of the blocks of its history, of the blocks of its links."""
BLOCK_BYTES = 4096
"""The most of a block, unless a single entry is larger; and of an object's value before more of it is put apart."""
NEAR_BYTES = 2048
"""How much of a history, and of the links, may stay in a value that is larger than a block."""


class Storage:
    """The objects of one store, each with the numbers of its own kind's fields."""

    def __init__(self, store: Store, forms: Forms) -> None:
        self._store = store
        self._forms = forms

    def read(self, key: str) -> Object | None:
        """The whole object under a key; None where there is none."""
        form = self._store.get(OBJECT + key.encode())
        if form is None:
            return None
        item = self._forms.decode(key, form)
        item.weight = len(form)
        if item.apart is not None:
            self._bring(item, item.apart)
        return item

    def write(self, item: Object) -> None:
        """Put an object that was changed: its value, and the blocks that are others now."""
        form = self._forms.encode(item)
        item.weight = len(form)
        if item.apart is not None or len(form) > BLOCK_BYTES:
            form = self._settle(item, form)
        self._store.put(OBJECT + item.key.encode(), form)

    def drop(self, item: Object) -> None:
        """Delete an object with all that lies apart of it."""
        self._store.delete(OBJECT + item.key.encode())
        if item.apart is not None:
            for number in (*item.apart.history, *item.apart.dropped, *item.apart.members):
                self._store.delete(_key(HISTORY, item, number))
                self._store.delete(_key(LINKS, item, number))
            item.apart = None

    def _bring(self, item: Object, apart: BlockIndex) -> None:
        """Read what lies apart."""
        (history, links), apart.missing = apart.missing, ([], [])
        before = []
        for number in history:
            form = self._store.get(_key(HISTORY, item, number))
            entries = self._forms.decode_entries(item.kind, form)
            apart.restored_history(number, len(entries), len(form))
            before += entries
        item.history[:0] = before
        whole = dict(apart.near)
        for number in links:
            form = self._store.get(_key(LINKS, item, number))
            block = decode_links(form)
            apart.restored(number, block, len(form))
            whole |= block
        if links:
            item.links = nested(whole)
        item.weight += sum(apart.sizes.values())

    def _settle(self, item: Object, form: bytes) -> bytes:
        """Put apart what has become too much, and write the blocks that are others now; returns the value to be put."""
        moved = len(form) > BLOCK_BYTES and (self._seal_history(item) | self._seal_links(item))
        apart = item.apart
        if apart is None:
            return form
        moved |= self._write_history(item, apart) | self._write_links(item, apart)
        if not apart.sizes:
            item.apart = None
        if moved:
            form = self._forms.encode(item)
        item.weight = len(form) + sum(apart.sizes.values())
        return form

    def _seal_history(self, item: Object) -> bool:
        near = item.history if item.apart is None else item.history[item.apart.held :]
        if len(near) < 2 or len(self._forms.encode_entries(item.kind, near)) <= NEAR_BYTES:
            return False
        _index_of(item).seal_history(len(near) // 2)
        return True

    def _seal_links(self, item: Object) -> bool:
        near = item.apart.near if item.apart is not None else BlockIndex(item.links).near
        if len(near) < 2 or len(encode_links(near)) <= NEAR_BYTES:
            return False
        oldest = sorted(near, key=lambda address: (near[address][0], address))
        _index_of(item).seal_links(oldest[: len(oldest) // 2])
        return True

    def _write_history(self, item: Object, apart: BlockIndex) -> bool:
        """Write the blocks of the history that are others now; True where there are other blocks than before."""
        cut = False
        while apart.changed_history:
            number = apart.changed_history.pop()
            entries = item.history[apart.span(number)]
            form = self._forms.encode_entries(item.kind, entries)
            if len(form) > BLOCK_BYTES and len(entries) > 1:
                apart.split_history(number)
                cut = True
                continue
            apart.sizes[number] = len(form)
            self._store.put(_key(HISTORY, item, number), form)
        return cut

    def _write_links(self, item: Object, apart: BlockIndex) -> bool:
        """Write the blocks of links that are others now, delete those that are gone; True where the blocks differ."""
        cut = bool(apart.dropped)
        while apart.changed_links:
            number = apart.changed_links.pop()
            addresses = apart.members[number]
            form = encode_links({(kind, origin): item.links[kind][origin] for kind, origin in addresses})
            if len(form) > BLOCK_BYTES and len(addresses) > 1:
                apart.split_links(number)
                cut = True
                continue
            apart.sizes[number] = len(form)
            self._store.put(_key(LINKS, item, number), form)
        for number in apart.dropped:
            self._store.delete(_key(LINKS, item, number))
        apart.dropped.clear()
        return cut


def _key(prefix: bytes, item: Object, number: int) -> bytes:
    return b"%s%s\0%d" % (prefix, item.key.encode(), number)


def _index_of(item: Object) -> BlockIndex:
    if item.apart is None:
        item.apart = BlockIndex(item.links)
    return item.apart
