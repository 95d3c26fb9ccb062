"""The databases that one owns on a server, and what a module definition counts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stdbctl.cli.output import counted

if TYPE_CHECKING:
    from stdbctl.client.http import ControlClient
    from stdbctl.schema import ModuleDef


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSummary:
    """One database; `names` may be empty."""

    names: tuple[str, ...]
    identity: str
    tables: int
    reducers: int

    @property
    def name(self) -> str:
        """What to call it."""
        return ", ".join(self.names) or "(no name)"

    def to_json(self) -> dict[str, object]:
        """As docs/cli.md shows it."""
        return {
            "name": self.names[0] if self.names else None,
            "names": list(self.names),
            "identity": self.identity,
            "tables": self.tables,
            "reducers": self.reducers,
        }


def owned_databases(client: "ControlClient") -> list[DatabaseSummary]:
    """The databases of the client's own identity, by name."""
    from stdbctl.client.http import identity_of_token

    owner = identity_of_token(client.token or "")
    summaries = []
    for identity in client.databases(owner):
        module = client.schema(identity.to_hex())
        summary = DatabaseSummary(
            names=client.names(identity.to_hex()),
            identity=identity.to_hex(),
            tables=len(module.tables),
            reducers=reducer_count(module),
        )
        summaries.append(summary)
    return sorted(summaries, key=lambda summary: (not summary.names, summary.names, summary.identity))


def reducer_count(module: "ModuleDef") -> int:
    """How many reducers somebody may call; lifecycle hooks are the server's to call."""
    return sum(reducer.lifecycle is None for reducer in module.reducers)


def counts_text(module: "ModuleDef") -> str:
    """`1 table, 2 reducers`."""
    return f"{counted(len(module.tables), 'table')}, {counted(reducer_count(module), 'reducer')}"
