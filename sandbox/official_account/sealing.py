"""Signatures and encryption of pushes from WeChat's side, after the protocol: not with the platform's library."""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32


def signature(*parts: str) -> str:
    """SHA-1 of the parts in the order of the alphabet."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal(aes_key: str, text: str, appid: str) -> str:
    """16 random bytes, length, text, appid; padded to 32; AES-256-CBC with the key's own beginning as IV."""
    body = text.encode()
    plain = secrets.token_bytes(16) + struct.pack(">I", len(body)) + body + appid.encode()
    missing = _BLOCK - len(plain) % _BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(
        encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()
    ).decode()


def unseal(aes_key: str, sealed: str, appid: str) -> str:
    """The text of what the platform sealed. Raises ValueError for anything that is not for this account."""
    decryptor = _cipher(aes_key).decryptor()
    plain = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    plain = plain[16 : -plain[-1]]
    if len(plain) < 4:
        raise ValueError("too short")
    (length,) = struct.unpack(">I", plain[:4])
    if plain[4 + length :].decode() != appid:
        raise ValueError("another account's")
    return plain[4 : 4 + length].decode()


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
