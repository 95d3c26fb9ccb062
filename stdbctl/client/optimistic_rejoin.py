"""What was predicted under a made-up key and came back under the server's own: one row that changed, not two.

Within the call that was answered, rows are paired by equal values in all other columns; those that are left, in the
order in which they were inserted, which is the order of the server's numbers.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stdbctl.client.row_bag import Changes, Key

if TYPE_CHECKING:
    from stdbctl.client.cache import TableCache


def rejoined(
    cache: "TableCache[Any]", changes: Changes[Any], calls: Iterable[tuple[Iterable[Key], Iterable[Key]]]
) -> Changes[Any]:
    """Changes in which a predicted row becomes the confirmed one.

    `calls`: for each call that was answered, the made-up keys in order, and the keys that it brought.
    """
    pairs: dict[Key, Key] = {}
    for made_up, brought in calls:
        old = [key for key in made_up if key in changes.deleted]
        new = sorted(key for key in brought if key in changes.inserted and key not in pairs)
        pairs.update((new_key, old_key) for old_key, new_key in _paired(cache, changes, old, new))
    if not pairs:
        return changes
    became = set(pairs.values())
    updated = {key: (changes.deleted[old], changes.inserted[key]) for key, old in pairs.items()}
    return Changes(
        {key: row for key, row in changes.deleted.items() if key not in became},
        {**changes.updated, **updated},
        {key: row for key, row in changes.inserted.items() if key not in pairs},
    )


def _paired(
    cache: "TableCache[Any]", changes: Changes[Any], old: list[Key], new: list[Key]
) -> Iterator[tuple[Key, Key]]:
    by_values: defaultdict[bytes, deque[Key]] = defaultdict(deque)
    for key in new:
        by_values[_values(cache, changes.inserted[key])].append(key)
    left_old, used = [], set()
    for key in old:
        equal = by_values[_values(cache, changes.deleted[key])]
        if equal:
            used.add(equal[0])
            yield key, equal.popleft()
        else:
            left_old.append(key)
    yield from zip(left_old, (key for key in new if key not in used), strict=False)


def _values(cache: "TableCache[Any]", row: Any) -> bytes:
    """The columns that the server does not number."""
    return cache.type.encode(replace(row, **dict.fromkeys(cache.table.auto_inc, 0)))
