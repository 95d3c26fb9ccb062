"""What a database begins with beside what `init` does: a program's seed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeedFunction:
    """A function of the program that is called like a reducer without arguments, and by nobody else."""

    function_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Seed:
    """`files`: (path as it is to be shown, content), in order; then come the functions."""

    files: tuple[tuple[str, bytes], ...] = ()
    functions: tuple[SeedFunction, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.functions)


NO_SEED = Seed()
