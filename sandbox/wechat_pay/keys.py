"""Key material of the pretended merchant and of the pretended WeChat Pay, made once per directory."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

MCHID = "1900009191"
APPID = "wx2421b1c4370ec43b"
MANIFEST = "merchant.json"
MERCHANT_KEY = "apiclient_key.pem"
MERCHANT_CERTIFICATE = "apiclient_cert.pem"
PUBLIC_KEY = "wechat_pay_public_key.pem"
CERTIFICATES = "certificates"
# Held by WeChat alone in real life: the platform has no business in this folder.
PLATFORM_KEY = "wechat_side/platform_key.pem"
PUBLIC_KEY_PRIVATE = "wechat_side/public_key_private.pem"


@dataclass(frozen=True, slots=True)
class Keys:
    """Everything both sides sign, verify and encrypt with."""

    directory: Path
    mchid: str
    appid: str
    apiv3_key: str
    merchant_serial: str
    merchant_public_key: rsa.RSAPublicKey
    platform_serial: str
    platform_certificate: x509.Certificate
    platform_key: rsa.RSAPrivateKey
    public_key_id: str
    public_key_private: rsa.RSAPrivateKey


def ensure_keys(directory: Path | str) -> Keys:
    """Keys of `directory`, made at the first call. Idempotent; safe from several processes at once.

    merchant.json is written last: where it exists, every file it names is complete. Takes a file lock beside
    it. Raises OSError when the directory cannot be written, ValueError when its content is damaged.
    """
    folder = Path(directory).absolute()
    if not (folder / MANIFEST).exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.parent / f".{folder.name}.lock"):
            if not (folder / MANIFEST).exists():
                _make(folder)
    return _load(folder)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make(folder: Path) -> None:
    for part in (folder, folder / CERTIFICATES, folder / "wechat_side"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    merchant_key, platform_key, public_key_private = (_rsa_key() for _ in range(3))
    merchant_certificate = _certificate(merchant_key, MCHID, "微信商户系统")
    platform_certificate = _certificate(platform_key, "Tenpay.com sign", "Tenpay.com")
    merchant_serial, platform_serial = _serial(merchant_certificate), _serial(platform_certificate)
    public_key_id = f"PUB_KEY_ID_01{MCHID}{datetime.now(UTC):%Y%m%d}{secrets.randbelow(10**14):014d}"
    alphabet = string.ascii_letters + string.digits

    _write(folder / MERCHANT_KEY, _private_pem(merchant_key))
    _write(folder / MERCHANT_CERTIFICATE, merchant_certificate.public_bytes(serialization.Encoding.PEM))
    _write(folder / PLATFORM_KEY, _private_pem(platform_key))
    certificate_file = f"{CERTIFICATES}/{platform_serial}.pem"
    _write(folder / certificate_file, platform_certificate.public_bytes(serialization.Encoding.PEM))
    _write(folder / PUBLIC_KEY_PRIVATE, _private_pem(public_key_private))
    public_pem = public_key_private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _write(folder / PUBLIC_KEY, public_pem)
    manifest: dict[str, Any] = {
        "mchid": MCHID,
        "appid": APPID,
        "cert_serial_no": merchant_serial,
        "apiv3_key": "".join(secrets.choice(alphabet) for _ in range(32)),
        "public_key_id": public_key_id,
        "platform_serial_no": platform_serial,
        "private_key_file": MERCHANT_KEY,
        "certificate_file": MERCHANT_CERTIFICATE,
        "public_key_file": PUBLIC_KEY,
        "platform_certificate_file": certificate_file,
        "platform_certificate_dir": CERTIFICATES,
    }
    _write(folder / MANIFEST, json.dumps(manifest, indent=2).encode())


def _load(folder: Path) -> Keys:
    manifest = json.loads((folder / MANIFEST).read_text())
    certificate = x509.load_pem_x509_certificate(
        (folder / manifest["platform_certificate_file"]).read_bytes()
    )
    merchant = x509.load_pem_x509_certificate((folder / manifest["certificate_file"]).read_bytes())
    merchant_public_key = merchant.public_key()
    if not isinstance(merchant_public_key, rsa.RSAPublicKey):
        raise ValueError(f"{manifest['certificate_file']} holds no RSA key")
    return Keys(
        directory=folder,
        mchid=manifest["mchid"],
        appid=manifest["appid"],
        apiv3_key=manifest["apiv3_key"],
        merchant_serial=manifest["cert_serial_no"],
        merchant_public_key=merchant_public_key,
        platform_serial=manifest["platform_serial_no"],
        platform_certificate=certificate,
        platform_key=_read_private(folder / PLATFORM_KEY),
        public_key_id=manifest["public_key_id"],
        public_key_private=_read_private(folder / PUBLIC_KEY_PRIVATE),
    )


def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(key: rsa.RSAPrivateKey, common_name: str, organisation: str) -> x509.Certificate:
    serial = 0
    # Clients print the serial as plain hex: without a leading zero it is always the documented 40 characters.
    while len(f"{serial:X}") != 40:
        serial = x509.random_serial_number()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=5 * 365))
        .sign(key, hashes.SHA256())
    )


def _serial(certificate: x509.Certificate) -> str:
    return f"{certificate.serial_number:X}"


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read_private(path: Path) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"{path.name} holds no RSA key")
    return key


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".part")
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
