"""The guard's findings as problems: what an import did, and what the syntax trees show before anything runs."""

from stdbctl.errors import Place, Severity
from stdbctl.module.guard import NotDeterministic, Phase, Rule
from stdbctl.module.problems import ModuleProblem


class NotRepeatable(ModuleProblem):
    """The top level of a module asks for what differs the next time."""

    code = "module.not_deterministic"
    what_text = "{what}"
    why_text = "{why}"
    fix_text = "{fix}"

    @classmethod
    def of_error(cls, error: NotDeterministic, place: Place | None) -> "NotRepeatable":
        """The problem of an import that was refused."""
        return cls(what=error.what, why=error.why, fix=error.fix, place=place)


class RefusedInCall(NotRepeatable):
    """A function that reducers reach asks for what is refused in a call. The module loads all the same."""

    severity = Severity.WARNING

    @classmethod
    def of_rule(cls, what: str, rule: Rule, place: Place) -> "RefusedInCall":
        """The warning of one call in the sources."""
        return cls(
            what=f"`{what}` {rule.what}",
            why=f"it is refused in a call: {rule.why(Phase.CALL)}",
            fix=rule.instead,
            place=place,
        )


class UnorderedLoop(ModuleProblem):
    """A function that reducers reach goes through the members of a set."""

    code = "module.set_order"
    severity = Severity.WARNING
    what_text = "{what} in an order that the set does not have"
    why_text = "{why}"
    fix_text = "put `sorted(…)` around it, or use a list or the keys of a dictionary"


class AddressOrHash(ModuleProblem):
    """A function that reducers reach uses `id()` or `hash()`."""

    code = "module.address_or_hash"
    severity = Severity.WARNING
    what_text = "`{name}()` gives another number {where}"
    why_text = "what a call does must not depend on it, or a call that runs again does something else"
    fix_text = "{fix}"
