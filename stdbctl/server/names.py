"""Names of databases, and how a path segment means one."""

import re

from stdbctl.sats import Identity
from stdbctl.server.refusal import Refusal

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NAME_CHARACTERS = re.compile(r"[a-z0-9-]*")


def as_identity(text: str) -> Identity | None:
    """The identity that `text` spells: 64 hex digits, with or without `0x`; None when it is something else."""
    try:
        return Identity.from_hex(text)
    except ValueError:
        return None


def name_problem(text: str) -> str | None:
    """Why `text` cannot name a database, in SpacetimeDB's words; None when it can."""
    if not text:
        return "database names cannot be empty"
    if as_identity(text) is not None:
        return "database names cannot be identities"
    if _NAME.fullmatch(text):
        return None
    if _NAME_CHARACTERS.fullmatch(text):
        return "invalid hyphen in database name"
    return "invalid characters in database name"


def check_segment(text: str) -> Identity | str:
    """A path segment as an identity or a valid name; Refusal 400."""
    identity = as_identity(text)
    if identity is not None:
        return identity
    problem = name_problem(text)
    if problem is not None:
        raise Refusal(400, f"Invalid URL: {problem}")
    return text


def unknown(segment: Identity | str) -> Refusal:
    """The answer for a database that is not there."""
    return Refusal(404, f"`{segment}` not found" if isinstance(segment, str) else "No such database.")
