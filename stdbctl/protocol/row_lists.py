"""Row lists: rows as BSATN, back to back, and a hint where to cut them.

`size_hint` (tag 0 FixedSize: u16, or tag 1 RowOffsets: u32 count + u64 each) · `rows_data` (u32 length + rows).
All rows equally long, 1 to 65535 bytes: FixedSize; else offsets; no rows: no offsets, no data.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from struct import Struct, pack
from typing import NamedTuple

EMPTY_ROW_LIST = b"\1" + bytes(8)
_fixed = Struct("<BHI").pack
_u32 = Struct("<I").pack
FIXED_SIZE_MAX = 0xFFFF


def row_list(rows: Sequence[bytes]) -> bytes:
    """The bytes of a row list. Each row is a BSATN product in column order."""
    if not rows:
        return EMPTY_ROW_LIST
    data = rows[0] if len(rows) == 1 else b"".join(rows)
    size = common_size(rows)
    if size is not None:
        return _fixed(0, size, len(data)) + data
    count = len(rows)
    return b"".join((pack(f"<BI{count}Q", 1, count, *row_offsets(rows)), _u32(len(data)), data))


def common_size(rows: Sequence[bytes]) -> int | None:
    """The size that the hint may give for all rows; None when it must give offsets."""
    if not rows:
        return None
    size = len(rows[0])
    is_common = len(rows) == 1 or len(set(map(len, rows))) == 1
    return size if is_common and 0 < size <= FIXED_SIZE_MAX else None


def row_offsets(rows: Sequence[bytes]) -> tuple[int, ...]:
    """Where each row starts."""
    return tuple(accumulate(map(len, rows[:-1]), initial=0)) if rows else ()


class RowList(NamedTuple):
    """A row list as it came. `data`: the rows back to back (`Codec.decode_many` reads them)."""

    data: bytes
    row_size: int | None
    offsets: tuple[int, ...]

    def split(self) -> list[bytes]:
        """Cut the rows apart by the hint.

        Raises:
            ValueError: the hint does not fit the data.
        """
        data, size = self.data, self.row_size
        if size is not None:
            if not size or len(data) % size:
                raise ValueError(f"rows of {size} bytes cannot fill {len(data)} bytes")
            return [data[at : at + size] for at in range(0, len(data), size)]
        bounds = (*self.offsets, len(data))
        if any(start > end for start, end in pairwise(bounds)) or bounds[0] != 0:
            raise ValueError(f"row offsets {self.offsets} do not cut {len(data)} bytes")
        return [data[start:end] for start, end in pairwise(bounds)]
