"""Running a migration function over old rows, in the author's words where it goes wrong."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from stdbctl.module.context import ReducerContext
from stdbctl.module.rows import RowType
from stdbctl.records import InvalidValue, Row
from stdbctl.sats import Mismatch, given_text

Put = Callable[[Row | None], bool]
"""Takes what became of one old row; False: pause after it."""


@dataclass(frozen=True, slots=True)
class BoundMigration:
    """One migration function, ready to be called. `outof`: from the tuple that it takes to an old row."""

    function: Callable[..., Any]
    outof: Callable[[Row], object]
    new: RowType

    def run(self, context: ReducerContext, rows: Iterable[Row], put: Put) -> None:
        """Call it with each row until `put` says to pause."""
        function, outof, into, cls = self.function, self.outof, self.new.into, self.new.cls
        for row in rows:
            made = function(context, outof(row))
            if made is None:
                goes_on = put(None)
            elif not isinstance(made, cls):
                raise WrongRow(cls, made)
            else:
                try:
                    goes_on = put(into(made))
                except (Mismatch, InvalidValue):
                    goes_on = put(self.new.exact(made))
            if not goes_on:
                return


class WrongRow(Exception):
    """A migration function returned something that is no row of its table."""

    def __init__(self, cls: type[Any], made: object) -> None:
        super().__init__(f"it returned {given_text(made)}; expected a row of class `{cls.__name__}`, or None")
