"""Hashes around publishing: of a program, of a consent to a breaking change, of what bindings are made from.

Program hashes and tokens are Keccak-256 as it was before NIST changed its padding, in plain hex.
"""

from Crypto.Hash import keccak

from stdbctl.sats import encode_type
from stdbctl.schema.definition import ModuleDef
from stdbctl.schema.migration.choices import NO_CHOICES, Choices
from stdbctl.schema.migration.flat import all_modules, all_tables, all_views
from stdbctl.schema.raw_codec import encode_raw_v10
from stdbctl.schema.raw_emit import raw_v10_of


def program_hash(data: bytes) -> str:
    """The hash of a program's bytes: 64 hex digits."""
    digest: str = keccak.new(digest_bits=256, data=data).hexdigest()
    return digest


def migration_token(identity_hex: str, old_hash: str, new_hash: str, choices: Choices = NO_CHOICES) -> str:
    """The token by which a publisher agrees to a migration that breaks clients: 64 hex digits.

    `identity_hex`: the database; `old_hash`, `new_hash`: the program hashes; each 64 hex digits. It is no secret.
    Without choices it is SpacetimeDB's.
    """
    return program_hash(f"{identity_hex}{old_hash}{new_hash}{choices.text}".encode())


def hash_text(digest: str) -> str:
    """A hash as SpacetimeDB's JSON has it: the digest's bytes in reverse as a number, without leading zeros."""
    return hex(int.from_bytes(bytes.fromhex(digest), "little"))


def schema_fingerprint(module: ModuleDef) -> str:
    """A hash of all that bindings are generated from, docs excepted: 64 hex digits, equal for equal schemas."""
    accessors = [
        ([(c.name, c.accessor) for t in owned.module.tables for c in t.columns])
        + ([(c.name, c.accessor) for v in owned.module.views for c in v.columns])
        + ([(t.name, t.accessor) for t in owned.module.types])
        for owned in all_modules(module)
    ]
    return program_hash(encode_raw_v10(raw_v10_of(module)) + repr(accessors).encode())


def row_fingerprints(module: ModuleDef) -> dict[str, str]:
    """For every table and view, by dotted canonical name, a hash of its rows' encoding with all types followed.

    Equal fingerprints: bindings made for the one read rows of the other.
    """
    rows = {name: (owned, owned.table.row_type) for name, owned in all_tables(module).items()}
    views = {name: (owned, owned.view.row_type) for name, owned in all_views(module).items()}
    return {
        name: program_hash(encode_type(owned.inlined(row_type))) for name, (owned, row_type) in (rows | views).items()
    }


def unreadable_tables(old: ModuleDef, new: ModuleDef) -> tuple[str, ...]:
    """The tables and views that bindings made from `old` can no longer read, or find, in `new`; sorted."""
    after = row_fingerprints(new)
    return tuple(sorted(name for name, hash_ in row_fingerprints(old).items() if after.get(name) != hash_))
