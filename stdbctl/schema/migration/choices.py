"""What a publisher decides about a migration, beside the module itself."""

from dataclasses import dataclass

from stdbctl.schema.definition import Rename


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Decisions that a plan follows. They are part of its hash: consent to one plan is none to another.

    `renames`: given beside those that the new module declares; each must fit. `dropped`: canonical names of tables that
    may be dropped with their rows; those that the new module has are made anew, empty.
    """

    renames: tuple[Rename, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The choices as one text, equal for equal ones; empty where nothing was chosen."""
        renames = [f"rename {rename}\n" for rename in self.renames]
        return "".join([*renames, *(f"drop {name}\n" for name in sorted(set(self.dropped)))])


NO_CHOICES = Choices()
