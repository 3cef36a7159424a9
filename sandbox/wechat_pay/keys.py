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
MINI_APPID = "wx7d0e3c1f5a9b2846"
NAME = "重庆邮政便民生活"
#: Further merchants of the same city: their money is theirs, their keys too.
OTHERS = {"1900009192": "奉节果农合作社", "1900009193": "江津花椒坊"}
MANIFEST = "merchant.json"
MERCHANT_KEY = "apiclient_key.pem"
MERCHANT_CERTIFICATE = "apiclient_cert.pem"
PUBLIC_KEY = "wechat_pay_public_key.pem"
CERTIFICATES = "certificates"
MERCHANTS = "merchants"
# Held by WeChat alone in real life: the platform has no business in this folder.
PLATFORM_KEY = "wechat_side/platform_key.pem"
PUBLIC_KEY_PRIVATE = "wechat_side/public_key_private.pem"
ROTATIONS = "wechat_side/rotations.json"


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant as WeChat knows it: of several keys in force the last is the newest."""

    mchid: str
    name: str
    appid: str
    mini_appid: str
    directory: Path
    certificates: dict[str, rsa.RSAPublicKey]
    apiv3_keys: tuple[str, ...]

    @property
    def apiv3_key(self) -> str:
        """What is sealed for this merchant now."""
        return self.apiv3_keys[-1]

    @property
    def serial(self) -> str:
        """Serial of the newest API certificate."""
        return list(self.certificates)[-1]

    def owns(self, appid: str) -> bool:
        """Whether the appid is bound to this merchant."""
        return appid in (self.appid, self.mini_appid)


@dataclass(frozen=True, slots=True)
class Signer:
    """A key of WeChat's; `certificate` is None in public-key mode."""

    serial: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate | None = None


@dataclass(slots=True)
class Keys:
    """Everything both sides sign, verify and encrypt with. Lists are in order of age: the last one is in use."""

    directory: Path
    merchants: dict[str, Merchant]
    platforms: list[Signer]
    publics: list[Signer]

    @property
    def main(self) -> Merchant:
        """The city's own merchant."""
        return self.merchants[MCHID]

    @property
    def mchid(self) -> str:
        return self.main.mchid

    @property
    def appid(self) -> str:
        return self.main.appid

    @property
    def apiv3_key(self) -> str:
        return self.main.apiv3_key

    @property
    def merchant_serial(self) -> str:
        return self.main.serial

    @property
    def platform_serial(self) -> str:
        return self.platforms[-1].serial

    @property
    def public_key_id(self) -> str:
        return self.publics[-1].serial

    def reload(self) -> None:
        """Take over what a rotation wrote."""
        fresh = _load(self.directory)
        self.merchants, self.platforms, self.publics = fresh.merchants, fresh.platforms, fresh.publics


def ensure_keys(directory: Path | str) -> Keys:
    """Keys of `directory`, made at the first call. Idempotent; safe from several processes at once.

    merchant.json is written last: where it exists, every file it names is complete. Takes a file lock beside
    it. Raises OSError when the directory cannot be written, ValueError when its content is damaged.
    """
    folder = Path(directory).absolute()
    if not (folder / MANIFEST).exists() or not all(
        (folder / MERCHANTS / mchid / MANIFEST).exists() for mchid in OTHERS
    ):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.parent / f".{folder.name}.lock"):
            if not (folder / MANIFEST).exists():
                _make(folder)
            for mchid in OTHERS:
                if not (folder / MERCHANTS / mchid / MANIFEST).exists():
                    _make_other(folder, mchid)
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
    merchant = _write_merchant(folder, MCHID)
    platform_key, public_key_private = _rsa_key(), _rsa_key()
    platform_certificate = _certificate(platform_key, "Tenpay.com sign", "Tenpay.com")
    platform_serial = _serial(platform_certificate)
    _write(folder / PLATFORM_KEY, _private_pem(platform_key))
    certificate_file = f"{CERTIFICATES}/{platform_serial}.pem"
    _write(folder / certificate_file, platform_certificate.public_bytes(serialization.Encoding.PEM))
    _write(folder / PUBLIC_KEY_PRIVATE, _private_pem(public_key_private))
    _write(folder / PUBLIC_KEY, _public_pem(public_key_private))
    manifest: dict[str, Any] = {
        **merchant,
        "public_key_id": _public_key_id(),
        "platform_serial_no": platform_serial,
        "public_key_file": PUBLIC_KEY,
        "platform_certificate_file": certificate_file,
        "platform_certificate_dir": CERTIFICATES,
    }
    _write(folder / MANIFEST, json.dumps(manifest, indent=2).encode())


def _make_other(folder: Path, mchid: str) -> None:
    """A further merchant, in a folder of its own; WeChat's own keys are the same for all."""
    own = folder / MERCHANTS / mchid
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    merchant = _write_merchant(own, mchid)
    main = json.loads((folder / MANIFEST).read_text())
    _write(own / PUBLIC_KEY, (folder / main["public_key_file"]).read_bytes())
    manifest = {**merchant, "public_key_id": main["public_key_id"], "public_key_file": PUBLIC_KEY}
    _write(own / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False).encode())


def _write_merchant(folder: Path, mchid: str) -> dict[str, Any]:
    key = _rsa_key()
    certificate = _certificate(key, mchid, "微信商户系统")
    _write(folder / MERCHANT_KEY, _private_pem(key))
    _write(folder / MERCHANT_CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM))
    return {
        "mchid": mchid,
        "appid": APPID,
        "mini_appid": MINI_APPID,
        "cert_serial_no": _serial(certificate),
        "apiv3_key": _apiv3_key(),
        "private_key_file": MERCHANT_KEY,
        "certificate_file": MERCHANT_CERTIFICATE,
    }


ROTATABLE = ("merchant", "apiv3", "platform", "public")


def rotate(keys: Keys, what: str, mchid: str = MCHID) -> dict[str, str]:
    """A new key beside the old one; answers what the merchant needs to know of it (files are relative to the folder).

    what: "merchant" (API certificate of `mchid`), "apiv3" (its APIv3 key), "platform" (WeChat's certificate) or
    "public" (WeChat's public key). Old ones stay in force.
    """
    folder, made = keys.directory, {"what": what, "mchid": mchid}
    key = _rsa_key()
    if what == "apiv3":
        made["apiv3_key"] = _apiv3_key()
    elif what == "public":
        made["serial"] = _public_key_id()
        made["file"] = f"rotated/{made['serial']}.pem"
        _write(folder / made["file"], _public_pem(key))
    else:
        names = (mchid, "微信商户系统") if what == "merchant" else ("Tenpay.com sign", "Tenpay.com")
        certificate = _certificate(key, *names)
        made["serial"] = _serial(certificate)
        made["file"] = f"rotated/{made['serial']}.pem"
        made["certificate_file"] = f"rotated/{made['serial']}_cert.pem"
        _write(folder / made["certificate_file"], certificate.public_bytes(serialization.Encoding.PEM))
        if what == "merchant":
            _write(folder / made["file"], _private_pem(key))
    if what in ("platform", "public"):
        _write(folder / f"wechat_side/{made['serial']}.pem", _private_pem(key))
    path = folder / ROTATIONS
    known = json.loads(path.read_text()) if path.exists() else []
    _write(path, json.dumps([*known, made]).encode())
    keys.reload()
    return made


def forget_rotations(keys: Keys) -> None:
    """Back to the keys of the first day."""
    path = keys.directory / ROTATIONS
    if path.exists():  # reading the keys takes a tenth of a second
        path.unlink()
        keys.reload()


def _load(folder: Path) -> Keys:
    main = json.loads((folder / MANIFEST).read_text())
    path = folder / ROTATIONS
    rotations = json.loads(path.read_text()) if path.exists() else []
    platform = x509.load_pem_x509_certificate((folder / main["platform_certificate_file"]).read_bytes())
    platforms = [Signer(main["platform_serial_no"], _read_private(folder / PLATFORM_KEY), platform)]
    publics = [Signer(main["public_key_id"], _read_private(folder / PUBLIC_KEY_PRIVATE))]
    for made in rotations:
        if made["what"] == "platform":
            certificate = x509.load_pem_x509_certificate((folder / made["certificate_file"]).read_bytes())
            platforms.append(
                Signer(
                    made["serial"], _read_private(folder / f"wechat_side/{made['serial']}.pem"), certificate
                )
            )
        elif made["what"] == "public":
            publics.append(
                Signer(made["serial"], _read_private(folder / f"wechat_side/{made['serial']}.pem"))
            )
    merchants = {MCHID: _load_merchant(folder, folder, rotations)}
    for mchid in OTHERS:
        merchants[mchid] = _load_merchant(folder, folder / MERCHANTS / mchid, rotations)
    return Keys(folder, merchants, platforms, publics)


def _load_merchant(root: Path, folder: Path, rotations: list[dict[str, str]]) -> Merchant:
    manifest = json.loads((folder / MANIFEST).read_text())
    mchid = manifest["mchid"]
    certificates = {manifest["cert_serial_no"]: _merchant_key(folder / manifest["certificate_file"])}
    apiv3 = [manifest["apiv3_key"]]
    for made in rotations:
        if made["mchid"] == mchid and made["what"] == "merchant":
            certificates[made["serial"]] = _merchant_key(root / made["certificate_file"])
        if made["mchid"] == mchid and made["what"] == "apiv3":
            apiv3.append(made["apiv3_key"])
    return Merchant(
        mchid=mchid,
        name=OTHERS.get(mchid, NAME),
        appid=manifest["appid"],
        mini_appid=manifest.get("mini_appid", MINI_APPID),
        directory=folder,
        certificates=certificates,
        apiv3_keys=tuple(apiv3),
    )


def _merchant_key(path: Path) -> rsa.RSAPublicKey:
    key = x509.load_pem_x509_certificate(path.read_bytes()).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError(f"{path.name} holds no RSA key")
    return key


def _apiv3_key() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))


def _public_key_id() -> str:
    return f"PUB_KEY_ID_01{MCHID}{datetime.now(UTC):%Y%m%d}{secrets.randbelow(10**14):014d}"


def _public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
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
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
