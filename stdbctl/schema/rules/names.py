"""Rules on names: what a name may be made of, and which names must differ."""

import unicodedata

from stdbctl.schema.problems import DefProblem, Report, Subject, subject_text


class BadName(DefProblem):
    """A name is no identifier."""

    code = "schema.bad_name"
    what_text = "{subject} cannot be named `{name}`: {reason}"
    why_text = (
        "names appear in SQL and in generated code, so they are letters, digits and `_`, not beginning with a digit"
    )
    fix_text = "rename it"


class BadCanonicalName(DefProblem):
    """A name is fine as written, but what it is called outside is no identifier."""

    code = "schema.bad_canonical_name"
    what_text = "{subject} would be called `{name}` outside the module: {reason}"
    why_text = "names are converted to snake_case, camelCase or PascalCase, or replaced by the explicit name given"
    fix_text = "rename it, or give it an explicit name that is an identifier"


class ReservedTableName(DefProblem):
    """A table's name begins like a system table's."""

    code = "schema.reserved_table_name"
    what_text = "{subject} would be called `{name}`; names that begin with `st_` belong to system tables"
    fix_text = "rename the table"


class DuplicateName(DefProblem):
    """Two stored things have one name."""

    code = "schema.duplicate_name"
    what_text = "the name `{name}` of {subject} is taken by {other}"
    why_text = "tables, views, indexes, constraints, sequences and schedules share one set of names, in canonical form"
    fix_text = "rename one of the two, or remove the one that is declared twice"


class DuplicateFunction(DefProblem):
    """Two functions have one name."""

    code = "schema.duplicate_function"
    what_text = "{subject} and {other} are both called `{name}`"
    why_text = "reducers, procedures and views are called by canonical name"
    fix_text = "rename one of the two"


class DuplicateType(DefProblem):
    """Two types have one name."""

    code = "schema.duplicate_type"
    what_text = "{subject} and {other} are both called `{name}`"
    why_text = "generated clients name types in PascalCase"
    fix_text = "rename one of the two"


class DuplicateHttpHandler(DefProblem):
    """Two HTTP handlers have one name."""

    code = "schema.duplicate_http_handler"
    what_text = "{subject} and {other} are both called `{name}`"
    fix_text = "rename one of the two"


class DuplicateElement(DefProblem):
    """Two columns, fields, variants or parameters of one owner have one name."""

    code = "schema.duplicate_element"
    what_text = "{subject} and {other} are both called `{name}`"
    why_text = "names must differ in canonical form"
    fix_text = "rename one of the two"


def identifier_fault(name: str) -> str | None:
    """Say why `name` is no identifier, or None when it is one (Unicode XID, NFC, `_` may begin it)."""
    if not name:
        return "a name cannot be empty"
    if not unicodedata.is_normalized("NFC", name):
        return "it is not in Unicode normalization form C"
    if not name[0].isidentifier():
        return f"it cannot begin with `{name[0]}`"
    wrong = next((char for char in name if not f"_{char}".isidentifier()), None)
    return None if wrong is None else f"it cannot contain `{wrong}`"


def check_source_name(report: Report, subject: Subject, source: str, canonical: str) -> bool:
    """Check a name as written and as converted; at most one problem, False when there is one."""
    fault = identifier_fault(source)
    if fault is not None:
        report.add(BadName(subject, name=source, reason=fault))
        return False
    return check_canonical_name(report, subject, canonical)


def check_canonical_name(report: Report, subject: Subject, canonical: str) -> bool:
    """Check a canonical name; False when it is no identifier."""
    fault = identifier_fault(canonical)
    if fault is not None:
        report.add(BadCanonicalName(subject, name=canonical, reason=fault))
    return fault is None


class Namespace:
    """Names that must all differ; knows who took each."""

    def __init__(self, report: Report, problem: type[DefProblem]) -> None:
        self._report, self._problem = report, problem
        self._owners: dict[str, Subject] = {}

    def claim(self, name: str, subject: Subject) -> bool:
        """Take `name` for `subject`; False, with a problem, when it is taken."""
        owner = self._owners.setdefault(name, subject)
        if owner is subject:
            return True
        self._report.add(self._problem(subject, name=name, other=_other(owner, subject)))
        return False

    def claim_both(self, source: str, canonical: str, subject: Subject) -> bool:
        """Take the source name and, when it differs, the canonical name too; at most one problem."""
        return self.claim(canonical, subject) and (source == canonical or self.claim(source, subject))


def _other(owner: Subject, subject: Subject) -> str:
    return f"another {subject_text(owner)}" if owner == subject else subject_text(owner)
