"""Which system account runs PostgreSQL.

PostgreSQL refuses to run as root. When we are root (a container, a fresh server) it runs as an
unprivileged account; when we are not, as ourselves.
"""

import logging
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from .errors import EmbeddedError

logger = logging.getLogger(__name__)

UNPRIVILEGED = ("nobody", "daemon")
TRAVERSE = stat.S_IXGRP | stat.S_IXOTH
READ = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True)
class Account:
    """A system account to run a program as; `uid` is None for "ourselves"."""

    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, object]:
        """Answer the arguments of `subprocess` that make a program run as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reach(self, folder: Path) -> None:
        """Let this account pass through every folder above `folder` (execute only, no listing)."""
        if self.uid is None:
            return
        for parent in [folder, *folder.parents]:
            mode = parent.stat().st_mode
            if parent.stat().st_uid == self.uid or mode & TRAVERSE == TRAVERSE:
                continue
            logger.warning("chmod o+x %s: PostgreSQL must pass through it as an unprivileged account", parent)
            parent.chmod(mode | TRAVERSE)


def account_for(data: Path) -> Account:
    """Choose who runs PostgreSQL on `data`: its owner when it exists, else an unprivileged account.

    Raises EmbeddedError when the data belongs to somebody else and we are not root.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            raise EmbeddedError(
                f"数据目录 {data} 属于其他系统用户(uid {owner}):请以该用户或 root 运行,"
                "或用 O2O_VAR_DIR 指定另一个目录。"
            )
        return Account()
    if owner:
        return Account(owner, data.stat().st_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("以 root 运行时需要一个非特权系统用户(nobody)来启动 PostgreSQL。")


def readable(folder: Path, account: Account) -> None:
    """Let `account` read and run an installed tree (a wheel unpacked under a strict umask)."""
    if account.uid is None:
        return
    account.reach(folder)
    if folder.stat().st_mode & READ == READ and (folder / "bin").stat().st_mode & READ == READ:
        return
    for path in [folder, *folder.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | READ | (TRAVERSE if path.is_dir() or mode & stat.S_IXUSR else 0))
