from __future__ import annotations

import json
import multiprocessing
import re
from pathlib import Path

import pytest
from cryptography import x509

from sandbox.wechat_pay.keys import ensure_keys


def _serial(directory: Path) -> str:
    return ensure_keys(directory).platform_serial


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    # given
    folder = tmp_path / "wechat_pay"

    # when
    first, second = ensure_keys(folder), ensure_keys(folder)

    # then
    assert first.merchant_serial == second.merchant_serial
    assert first.apiv3_key == second.apiv3_key
    assert len(first.apiv3_key) == 32
    assert re.fullmatch(r"PUB_KEY_ID_\d{34}", first.public_key_id)


def test_manifest_names_files_that_only_the_owner_reads(tmp_path: Path) -> None:
    # when
    keys = ensure_keys(tmp_path / "wechat_pay")

    # then
    manifest = json.loads((keys.directory / "merchant.json").read_text())
    names = [value for name, value in manifest.items() if name.endswith("_file")]
    assert len(names) == 4
    files = [path for path in keys.directory.rglob("*") if path.is_file()]
    assert {keys.directory / name for name in names} < set(files)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    certificate = x509.load_pem_x509_certificate((keys.directory / manifest["certificate_file"]).read_bytes())
    assert f"{certificate.serial_number:X}" == manifest["cert_serial_no"]
    assert len(manifest["cert_serial_no"]) == 40


def test_processes_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    # given
    folder = tmp_path / "wechat_pay"

    # when
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        serials = pool.map(_serial, [folder] * 3)

    # then
    assert len(set(serials)) == 1


def test_damaged_keys_are_refused(tmp_path: Path) -> None:
    # given
    keys = ensure_keys(tmp_path / "wechat_pay")
    (keys.directory / "merchant.json").write_text("{")

    # when / then
    with pytest.raises(ValueError, match="Expecting property name"):
        ensure_keys(keys.directory)
