"""Local users: names that stand for identities, made on first use and remembered.

One file per server and user, `<folder>/<server>/<user>.json`, mode 0600: `{"identity": "c200…", "token": "eyJ…"}`.
A file appears whole or not at all and is never overwritten, so two commands that meet a new user at the same time
end up with the same identity.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from stdbctl.project.atomic import PRIVATE, write_if_absent
from stdbctl.project.errors import BadUserName, BrokenStateFile

_USER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedIdentity:
    """An identity (64 hex digits) and the token that proves it."""

    identity: str
    token: str


@dataclass(frozen=True, slots=True)
class IdentityBook:
    """The identities remembered in one folder. `server` is `local` or the URL of another server."""

    folder: Path

    def users(self, server: str) -> tuple[str, ...]:
        """The names remembered for one server, sorted."""
        return tuple(sorted(path.stem for path in (self.folder / _file_name(server)).glob("*.json")))

    def find(self, server: str, user: str) -> RememberedIdentity | None:
        """The identity of `user`, or None; faults: BadUserName, BrokenStateFile."""
        path = self._path(server, user)
        try:
            return _decode(path, path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def keep(self, server: str, user: str, made: RememberedIdentity) -> RememberedIdentity:
        """Remember `made`, and return what is remembered: an identity that was kept first wins."""
        text = json.dumps({"identity": made.identity, "token": made.token}) + "\n"
        write_if_absent(self._path(server, user), text, mode=PRIVATE)
        return self.find(server, user) or made

    def forget(self, server: str, user: str, old: RememberedIdentity) -> None:
        """Drop `user`, if what is remembered is still `old`."""
        if self.find(server, user) == old:
            self._path(server, user).unlink(missing_ok=True)

    def _path(self, server: str, user: str) -> Path:
        if not _USER_NAME.fullmatch(user):
            raise BadUserName(user)
        return self.folder / _file_name(server) / f"{user}.json"


def _file_name(server: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "_", re.sub(r"^https?://", "", server)).strip("_.") or "_"


def _decode(path: Path, text: str) -> RememberedIdentity:
    try:
        data = json.loads(text)
        return RememberedIdentity(identity=str(data["identity"]), token=str(data["token"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenStateFile(path, '{"identity": …, "token": …} is expected') from error
