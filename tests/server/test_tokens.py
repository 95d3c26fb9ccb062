"""Identities and tokens: computed, signed, checked, and refused with SpacetimeDB's words."""

import base64
import json
import stat
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from stdbctl.server.auth import Authority, InvalidToken, identity_of
from stdbctl.server.keys import BadKey, open_key

KEY = ec.generate_private_key(ec.SECP256R1())
NOW = 1_800_000_000.0


class Clock:
    """Unix seconds that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def signed(**changes: object) -> str:
    claims = {"iss": "localhost", "sub": "somebody", "iat": int(NOW), "exp": None, **changes}
    return jwt.encode({k: v for k, v in claims.items() if v is not ...}, KEY, algorithm="ES256")


def test_identity_is_spacetimedbs() -> None:
    known = "c200ef884364c1a99be0298dc68f2004e6b97c09d1b1658b7db22f51fb662059"
    assert identity_of("example.com", "123").to_hex() == known


def test_minted_token_proves_its_identity_for_ever() -> None:
    clock = Clock()
    authority = Authority(KEY, clock)
    made = authority.mint()
    claims = claims_of(made.token)
    assert list(claims) == ["hex_identity", "sub", "iss", "aud", "iat", "exp"]
    assert claims["hex_identity"] == made.identity.to_hex()
    assert (claims["iss"], claims["aud"], claims["exp"]) == ("localhost", ["spacetimedb"], None)
    assert identity_of("localhost", claims["sub"]) == made.identity
    clock.now += 10**9
    assert Authority(KEY, clock).check(made.token).identity == made.identity


def test_websocket_token_lives_for_a_minute() -> None:
    clock = Clock()
    authority = Authority(KEY, clock)
    made = authority.mint()
    short = authority.short_lived(made)
    assert claims_of(short.token)["exp"] == NOW + 60
    assert authority.check(short.token).identity == made.identity
    clock.now += 60 + 60 + 1
    for checker in (authority, Authority(KEY, clock)):
        with pytest.raises(InvalidToken, match="ExpiredSignature"):
            checker.check(short.token)


def test_further_claims_survive_a_new_signature() -> None:
    authority = Authority(KEY, Clock())
    short = authority.short_lived(authority.check(signed(role="painter")))
    assert claims_of(short.token)["role"] == "painter"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "InvalidToken"),
        ("nonsense", "InvalidToken"),
        (jwt.encode({"iss": "a"}, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"), "InvalidSignature"),
        (jwt.encode({"iss": "a"}, "a secret that is long enough to be one", algorithm="HS256"), "InvalidAlgorithm"),
        (signed(iss=...), "missing field `iss`"),
        (signed(sub=...), "missing field `sub`"),
        (signed(iat=...), "missing field `iat`"),
        (signed(iss=""), "Issuer empty"),
        (signed(sub="x" * 129), "Subject too long: 129 bytes, at most 128"),
        (signed(exp="soon"), "`exp` must be a number or null"),
        (signed(exp=int(NOW) - 61), "ExpiredSignature"),
        (signed(hex_identity="c2" * 32), "Identity mismatch: "),
    ],
)
def test_bad_token_is_refused_with_the_reason(token: str, reason: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        Authority(KEY, Clock()).check(token)
    assert refused.value.reason.startswith(reason)


def test_unsigned_token_is_refused() -> None:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"typ": "JWT", "alg": "none"}, {"iss": "localhost", "sub": "x", "iat": 1})
    )
    with pytest.raises(InvalidToken):
        Authority(KEY, Clock()).check(f"{head}.{body}.")


def test_audience_may_be_anything() -> None:
    for audience in ("one", ["one", "two"], ...):
        assert Authority(KEY, Clock()).check(signed(aud=audience)).identity == identity_of("localhost", "somebody")


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    first, again = open_key(tmp_path), open_key(tmp_path)
    assert first.private_numbers() == again.private_numbers()
    assert stat.S_IMODE((tmp_path / "id_ecdsa").stat().st_mode) == 0o600
    assert (tmp_path / "id_ecdsa.pub").read_text().startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize("lost", ["id_ecdsa", "id_ecdsa.pub"])
def test_half_a_key_is_a_fault(tmp_path: Path, lost: str) -> None:
    open_key(tmp_path)
    (tmp_path / lost).unlink()
    with pytest.raises(BadKey, match=lost):
        open_key(tmp_path)


def test_broken_key_is_a_fault(tmp_path: Path) -> None:
    open_key(tmp_path)
    (tmp_path / "id_ecdsa").write_text("no key")
    with pytest.raises(BadKey, match="cannot be read"):
        open_key(tmp_path)
