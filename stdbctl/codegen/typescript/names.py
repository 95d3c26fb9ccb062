"""The names of generated TypeScript: which casing each thing gets, from its source or canonical name.

| thing | casing | of |
|---|---|---|
| file | snake, with `_table`, `_reducer`, `_procedure` | source name |
| key of a table or view | camel | source name |
| key of a column, field or parameter | camel | canonical name |
| import, named type | Pascal | source name |
| variant | Pascal | canonical name |
| key of a reducer or procedure | the SDK's own rule, at run time | wire name |
"""

from stdbctl.schema import TypeDef, pascal, snake


def type_name(type_def: TypeDef) -> str:
    """The name of a type: all segments of its scope and its own, in PascalCase, joined."""
    return "".join(pascal(segment) for segment in (*type_def.scope, type_def.accessor))


def table_stem(accessor: str) -> str:
    """The file of a table or view, without its suffix."""
    return f"{snake(accessor)}_table"


def reducer_stem(accessor: str) -> str:
    """The file of a reducer, without its suffix."""
    return f"{snake(accessor)}_reducer"


def procedure_stem(accessor: str) -> str:
    """The file of a procedure, without its suffix."""
    return f"{snake(accessor)}_procedure"


def sdk_type_camel(name: str) -> str:
    """The key that the SDK's *types* give a reducer or procedure, from its wire name.

    At run time the SDK uses another rule (`stdbctl.schema.sdk_camel`); the two differ for a trailing `_` and
    for `_` before a letter outside ASCII.
    """
    head, _, tail = name.replace("-", "_").partition("_")
    joined = head + "".join(part[:1].upper() + part[1:] for part in tail.split("_"))
    return joined[:1].lower() + joined[1:]
