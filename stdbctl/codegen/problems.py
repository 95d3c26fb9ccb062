"""What keeps a valid module from becoming client code, each with its place among the module's own names."""

from stdbctl.errors import Problem
from stdbctl.schema import Subject, subject_text


class GenerateProblem(Problem):
    """Something in the module that client code cannot show. `subject` says what it is about."""

    def __init__(self, *, subject: Subject, what: str, why: str, fix: str) -> None:
        self.subject = subject
        super().__init__(what=what, why=why, fix=fix)


class NameCollision(GenerateProblem):
    """Two things that the server tells apart get one name in the client."""

    code = "generate.name_collision"

    def __init__(self, *, subject: Subject, other: Subject, name: str) -> None:
        self.other, self.name = other, name
        super().__init__(
            subject=subject,
            what=f"{subject_text(subject)} and {subject_text(other)} are both `{name}` in the client",
            why="names are converted to the client language's casing, and these two convert to the same",
            fix="rename one of the two",
        )


class UnusableName(GenerateProblem):
    """A name turns into something that is no identifier of the client language."""

    code = "generate.unusable_name"

    def __init__(self, *, subject: Subject, name: str) -> None:
        self.name = name
        super().__init__(
            subject=subject,
            what=f"{subject_text(subject)} would be `{name}` in the client, which is no identifier",
            why="casing drops the underscores around words",
            fix="rename it so that its first word begins with a letter",
        )


class UnstableName(GenerateProblem):
    """The client SDK calls a function by one name in its types and by another when it runs."""

    code = "generate.unstable_name"

    def __init__(self, *, subject: Subject, typed: str, actual: str) -> None:
        self.typed, self.actual = typed, actual
        super().__init__(
            subject=subject,
            what=f"{subject_text(subject)} is `{typed}` in the SDK's types but `{actual}` when it runs",
            why="the SDK converts the wire name twice, by rules that differ for this name",
            fix="give it a name of lower-case words, each joined by one underscore",
        )


class IndexAccessorTaken(GenerateProblem):
    """An index would overwrite a method of the client's table, or another index."""

    code = "generate.index_accessor"

    def __init__(self, *, subject: Subject, accessor: str, taken_by: str) -> None:
        self.accessor, self.taken_by = accessor, taken_by
        super().__init__(
            subject=subject,
            what=f"{subject_text(subject)} would be `{accessor}` on the client's table, where {taken_by} has that name",
            why="the client keeps indexes and its own methods side by side on one object",
            fix="name the index differently; for the index of a key or unique column, rename the column",
        )


class PrimaryKeyType(GenerateProblem):
    """The client SDK cannot use a column of this type as primary key."""

    code = "generate.primary_key_type"

    def __init__(self, *, subject: Subject, type_text: str) -> None:
        self.type_text = type_text
        super().__init__(
            subject=subject,
            what=f"{subject_text(subject)} is a primary key of type {type_text}, which the client cannot use as one",
            why="the SDK's keys are whole numbers, bool, string, Identity, ConnectionId, Timestamp, TimeDuration, "
            "Uuid and named sums",
            fix="make another column the primary key",
        )
