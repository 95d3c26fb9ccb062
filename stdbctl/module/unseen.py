"""The stand-in for a value that is not known because its file could not be imported.

It takes part in annotations, calls, decorators and base classes without an error, so that what stands beside it
can still be checked; a type that contains it is passed over in silence.
"""

from typing import Any, Final

UNSEEN_NAMES: Final = "__stdbctl_unseen_names__"
"""Set in a namespace that a star import would have filled: any name may be one of those."""


class Unseen:
    """One value of which nothing is known."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self

    def __getitem__(self, key: object) -> Any:
        return self

    def __or__(self, other: object) -> Any:
        return self

    __ror__ = __or__

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return ()

    def __iter__(self) -> Any:
        return iter(())


UNSEEN: Final = Unseen()
