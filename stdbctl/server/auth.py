"""Who is calling: identities, and the ES256 tokens that prove them.

A token is a JWT signed with this server's P-256 key. Header `{"alg": "ES256", "typ": "JWT"}`; claims:
`hex_identity` 64 hex digits · `sub` a UUID · `iss` "localhost" · `aud` ["spacetimedb"] · `iat` unix seconds ·
`exp` unix seconds, or null for a token that never expires. Further claims survive a re-signing.

Identity = c2 00 ‖ checksum ‖ h, most significant byte first, where h = BLAKE3(iss|sub)[0..26] and
checksum = BLAKE3(c2 00 ‖ h)[0..4].
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from stdbctl.errors import Fault
from stdbctl.sats import Identity
from stdbctl.server import limits
from stdbctl.server.keys import public_pem

ISSUER = "localhost"
AUDIENCE = ("spacetimedb",)
_ALGORITHM = "ES256"
_NAME_BYTES_MAX = 128


class InvalidToken(Fault):
    """A token that this server does not accept; `reason` is SpacetimeDB's word for it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Invalid token: {reason}")


@dataclass(frozen=True, slots=True)
class Caller:
    """A checked token and whom it speaks for. `expires` is unix seconds or None."""

    identity: Identity
    token: str
    claims: Mapping[str, Any]  # Any: JSON
    expires: float | None


def identity_of(issuer: str, subject: str) -> Identity:
    """Compute the identity that SpacetimeDB gives this issuer and subject."""
    body = b"\xc2\x00", blake3(f"{issuer}|{subject}".encode()).digest()[:26]
    checksum = blake3(b"".join(body)).digest()[:4]
    return Identity((body[0] + checksum + body[1])[::-1])


class Authority:
    """Signs and checks tokens with one key. `clock()` gives unix seconds."""

    def __init__(self, key: EllipticCurvePrivateKey, clock: Callable[[], float]) -> None:
        self._key, self._clock = key, clock
        self._checked: dict[str, Caller] = {}
        self.public_pem = public_pem(key)

    def mint(self) -> Caller:
        """Make a new identity with a token that never expires."""
        subject = str(uuid.uuid4())
        identity = identity_of(ISSUER, subject)
        claims = {
            "hex_identity": identity.to_hex(),
            "sub": subject,
            "iss": ISSUER,
            "aud": list(AUDIENCE),
            "iat": int(self._clock()),
            "exp": None,
        }
        return self._remember(Caller(identity, self._sign(claims), claims, None))

    def short_lived(self, caller: Caller) -> Caller:
        """Sign the caller's claims again for 60 seconds: what a browser puts into a WebSocket URL."""
        now = int(self._clock())
        expires = now + limits.WEBSOCKET_TOKEN_S
        claims = {**caller.claims, "hex_identity": caller.identity.to_hex(), "iat": now, "exp": expires}
        return self._remember(Caller(caller.identity, self._sign(claims), claims, expires))

    def check(self, token: str) -> Caller:
        """Find out whom the token speaks for; faults: InvalidToken."""
        known = self._checked.get(token)
        if known is None:
            known = self._remember(self._decode(token))
        if known.expires is not None and known.expires + limits.CLOCK_LEEWAY_S < self._clock():
            raise InvalidToken("ExpiredSignature")
        return known

    def _sign(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(dict(claims), self._key, algorithm=_ALGORITHM)

    def _remember(self, caller: Caller) -> Caller:
        if len(self._checked) >= limits.TOKENS_REMEMBERED:
            del self._checked[next(iter(self._checked))]
        self._checked[caller.token] = caller
        return caller

    def _decode(self, token: str) -> Caller:
        # `exp` is checked by us: it may be null, and this library takes it for broken then.
        options: Any = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_sub": False}
        try:
            claims = jwt.decode(token, self._key.public_key(), algorithms=[_ALGORITHM], options=options)
        except jwt.InvalidSignatureError as error:
            raise InvalidToken("InvalidSignature") from error
        except jwt.InvalidAlgorithmError as error:
            raise InvalidToken("InvalidAlgorithm") from error
        except jwt.PyJWTError as error:
            raise InvalidToken("InvalidToken") from error
        return _caller(token, claims)


def _caller(token: str, claims: Mapping[str, Any]) -> Caller:
    issuer, subject = (_name_claim(claims, name) for name in ("iss", "sub"))
    if not _is_number(claims.get("iat")):
        raise InvalidToken("missing field `iat`")
    expires = claims.get("exp")
    if expires is not None and not _is_number(expires):
        raise InvalidToken("`exp` must be a number or null")
    identity = identity_of(issuer, subject)
    if claims.get("hex_identity", identity.to_hex()) != identity.to_hex():
        raise InvalidToken(f"Identity mismatch: `hex_identity` is not the identity of `{issuer}` and `{subject}`")
    return Caller(identity, token, claims, expires)


def _name_claim(claims: Mapping[str, Any], name: str) -> str:
    title = {"iss": "Issuer", "sub": "Subject"}[name]
    value = claims.get(name)
    if not isinstance(value, str):
        raise InvalidToken(f"missing field `{name}`")
    if not value:
        raise InvalidToken(f"{title} empty")
    if len(value.encode()) > _NAME_BYTES_MAX:
        raise InvalidToken(f"{title} too long: {len(value.encode())} bytes, at most {_NAME_BYTES_MAX}")
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
