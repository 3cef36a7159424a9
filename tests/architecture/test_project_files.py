"""What no file of the project may hold: paths of somebody's machine, addresses of package registries."""

from __future__ import annotations

import re

from .sources import ROOT, tracked_files

# Put together here, so that this file does not hold them either.
_REGISTRIES = (
    ("pypi", "org"), ("files.python", "hosted.org"), ("test.py", "pi.org"), ("registry.npm", "js.org"),
    ("registry.npm", "mirror.com"), ("registry.yarn", "pkg.com"), ("mirrors.ali", "yun.com"),
    ("pypi.tuna.", "tsinghua"), ("pypi.douban", ".com"), ("mirrors.cloud.", "tencent.com"),
)  # fmt: skip
REGISTRY_HOSTS = [f"{left}.{right}" if left == "pypi" else left + right for left, right in _REGISTRIES]
MACHINE_PATHS = re.compile(
    r"(?<![\w.])/(?:" + "|".join(("ro" + "ot", "ho" + "me", "Us" + "ers", "wo" + "rk")) + r")/[A-Za-z0-9_.-]+"
)
BINARY = {".png", ".jpg", ".gz", ".ico", ".woff2"}


def _texts() -> list[tuple[str, str]]:
    return [
        (str(path), (ROOT / path).read_text(encoding="utf-8", errors="replace"))
        for path in tracked_files()
        if path.suffix not in BINARY
    ]


def test_no_registry_is_named() -> None:
    # when
    found = [(path, host) for path, text in _texts() for host in REGISTRY_HOSTS if host in text]

    # then
    assert found == []


def test_no_path_of_a_machine() -> None:
    # when
    found = [(path, match[0]) for path, text in _texts() for match in MACHINE_PATHS.finditer(text)]

    # then
    assert found == []


def test_lock_is_whole_and_without_addresses() -> None:
    # given
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    # then
    assert "://" not in text
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    assert len(entries) > 100
    assert [
        entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry
    ] == []


def test_nothing_unfinished() -> None:
    # when
    mark = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    found = [
        path for path, text in _texts() if path.endswith((".py", ".md", ".html", ".sh")) and mark.search(text)
    ]

    # then
    assert found == []


def test_secrets_and_data_stay_out() -> None:
    # given
    names = [str(path) for path in tracked_files()]

    # then
    assert [name for name in names if name.startswith(("var/", ".venv/")) or name == ".env"] == []
    key = "-----BEGIN " + "PRIVATE KEY-----\nM"
    assert [path for path, text in _texts() if key in text] == []
