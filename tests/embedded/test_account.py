"""Which account runs PostgreSQL."""

import os
from pathlib import Path

import pytest

from saleor_o2o.embedded import EmbeddedError
from saleor_o2o.embedded.account import Account, account_for, readable


def test_root_hands_postgresql_to_an_unprivileged_account(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # given
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    # when
    account = account_for(tmp_path / "missing")

    # then
    assert account.uid not in (None, 0)
    assert account.popen_options()["extra_groups"] == []


def test_a_normal_user_runs_it_as_themselves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # given
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid or 12345)

    # when, then
    assert account_for(tmp_path / "missing") == Account()


def test_data_of_somebody_else_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # given
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)

    # when, then
    with pytest.raises(EmbeddedError, match="属于其他系统用户"):
        account_for(tmp_path)


def test_folders_are_opened_for_passing_through_only(tmp_path: Path) -> None:
    # given
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    # when
    Account(uid=tmp_path.stat().st_uid + 1, gid=0).reach(closed)

    # then
    assert closed.stat().st_mode & 0o777 == 0o711


def test_an_installation_under_a_strict_umask_becomes_readable(tmp_path: Path) -> None:
    # given
    installed = tmp_path / "pginstall"
    (installed / "bin").mkdir(parents=True, mode=0o700)
    program = installed / "bin" / "postgres"
    program.touch(mode=0o700)
    data = installed / "share.txt"
    data.touch(mode=0o600)
    for folder in (installed, installed / "bin"):
        folder.chmod(0o700)

    # when
    readable(installed, Account(uid=tmp_path.stat().st_uid + 1, gid=0))

    # then
    assert program.stat().st_mode & 0o777 == 0o755
    assert data.stat().st_mode & 0o777 == 0o644
