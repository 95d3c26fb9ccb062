"""What Python keeps for whoever runs, beside what modules hold: context variables, and the precision of `decimal`.

Each version has its own. Its import may set them; every call begins with what the import left, and what the call
changes ends with it, so that no call and no other database sees it.
"""

import sys
from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    import decimal

P = ParamSpec("P")
R = TypeVar("R")


class PythonState:
    """The state of one version."""

    def __init__(self) -> None:
        self._context = Context()
        self._decimal: decimal.Context | None = None

    def run_import(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call what imports; what it sets is kept."""
        try:
            return self._context.run(function, *args, **kwargs)
        finally:
            self._decimal = _decimal_of(self._context)

    def of_call(self) -> Context:
        """The context for one call."""
        context = self._context.copy()
        if self._decimal is not None:
            # Copies share their values, and this one would be changed in place.
            context.run(sys.modules["decimal"].setcontext, self._decimal.copy())
        return context


def _decimal_of(context: Context) -> "decimal.Context | None":
    """What the import's decimals are made with; None when it made none. Importing `decimal` to ask would cost 2 ms."""
    module = sys.modules.get("decimal")
    return None if module is None else next((v for v in context.values() if isinstance(v, module.Context)), None)
