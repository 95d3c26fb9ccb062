"""The server's signing key on disk: `id_ecdsa` (PKCS#8 PEM, mode 0600) and `id_ecdsa.pub` (SPKI PEM)."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from stdbctl.errors import Fault
from stdbctl.server.files import PRIVATE, write_whole

PRIVATE_NAME = "id_ecdsa"
PUBLIC_NAME = "id_ecdsa.pub"


class BadKey(Fault):
    """The key files cannot be used."""

    code = "server.bad_key"


def open_key(folder: Path) -> ec.EllipticCurvePrivateKey:
    """Read the private key in `folder`, or make both files when neither exists; faults: BadKey."""
    private, public = folder / PRIVATE_NAME, folder / PUBLIC_NAME
    if not private.exists() and not public.exists():
        return _make(private, public)
    missing = next((path for path in (private, public) if not path.exists()), None)
    if missing is not None:
        raise BadKey(
            f"`{missing}` is missing while the other half of the key is there",
            why="a new key would make every token that was given out invalid",
            fix="restore the file, or delete both halves to start with a new key",
        )
    return _read(private)


def public_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half as SPKI PEM."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode("ascii")


def _make(private: Path, public: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
    # The public half goes last: a start that was killed between the two is told apart by the missing file.
    write_whole(private, pem, mode=PRIVATE)
    write_whole(public, public_pem(key))
    return key


def _read(private: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(private.read_bytes(), password=None)
    except (ValueError, TypeError, OSError) as error:
        raise BadKey(
            f"`{private}` cannot be read as a private key", why=str(error), fix="restore it, or delete both halves"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadKey(
            f"`{private}` is no P-256 key", why="tokens are signed with ES256", fix="restore it, or delete both halves"
        )
    return key
