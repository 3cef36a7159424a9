"""`./o2o h5 build|check|codegen`: the shopper's pages in `h5/`, built when they are missing or stale."""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from saleor_o2o.embedded.paths import PROJECT_ROOT, var_dir

from .errors import CommandError
from .h5_facts import problems
from .node import Node, find_node
from .platform import say

H5 = PROJECT_ROOT / "h5"
DIST = H5 / "dist"
#: What the built pages are made of; tests and generated files change nothing in them.
SOURCES = ("src", "public", "index.html", "vite.config.ts", "package-lock.json")


def run(arguments: list[str]) -> int:
    """Run one of the three; answers 1 when a check fails."""
    parser = argparse.ArgumentParser(prog="./o2o h5", description="顾客手机页面(h5/)")
    parser.add_argument(
        "what", choices=("build", "check", "codegen"), help="构建、检查、由 schema.graphql 生成类型"
    )
    options = parser.parse_args(arguments)
    if options.what == "build":
        build()
    elif options.what == "codegen":
        with _alone():
            node = _installed()
            _call(node, [node.node, "scripts/codegen.mjs"])
    else:
        return check()
    return 0


def check() -> int:
    """Everything that must hold of the pages: operations, types, unit tests, a fresh build and its facts."""
    with _alone():
        node = _installed()
        steps = {
            "操作与 schema.graphql 一致": [node.node, "scripts/codegen.mjs", "--check"],
            "类型": [node.node, "node_modules/vue-tsc/bin/vue-tsc.js", "--noEmit"],
            "单元测试": [node.node, "node_modules/vitest/vitest.mjs", "run"],
        }
        failed = [title for title, command in steps.items() if not _passes(node, title, command)]
    build()
    facts = problems(DIST / "h5")
    for line in facts.told:
        say(f"      {line}")
    for line in facts.wrong:
        say(f"失败  {line}")
    failed += facts.wrong
    say("手机页面:全部通过。" if not failed else f"手机页面:{len(failed)} 项未通过。")
    return 1 if failed else 0


def build() -> None:
    """Build when missing or stale. Raises CommandError with what the tools said."""
    with _alone():
        stamp = DIST / ".stamp"
        fresh = fingerprint()
        if stamp.is_file() and stamp.read_text(encoding="ascii") == fresh:
            return
        started = time.monotonic()
        node = _installed()
        stamp.unlink(missing_ok=True)
        _call(node, [node.node, "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"])
        stamp.write_text(fresh, encoding="ascii")
        say(f"手机页面:已构建({time.monotonic() - started:.1f} 秒)")


def build_if_possible() -> None:
    """For commands whose matter is another: what is in the way is told, and they go on."""
    try:
        build()
    except CommandError as error:
        say(f"手机页面没有构建,/h5/ 不可用:{error}")


def fingerprint() -> str:
    """A hash of all sources of the built pages."""
    seen = hashlib.sha256()
    for name in SOURCES:
        path = H5 / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                seen.update(f"{file.relative_to(H5)}\0".encode())
                seen.update(file.read_bytes())
    return seen.hexdigest()


def _installed() -> Node:
    """Node, with the packages of the lock file beside it; none of their scripts is run."""
    node = find_node()
    lock = (H5 / "package-lock.json").read_bytes()
    stamp = H5 / "node_modules" / ".o2o-stamp"
    expected = hashlib.sha256(lock).hexdigest()
    if not (stamp.is_file() and stamp.read_text(encoding="ascii") == expected):
        say("手机页面:安装 npm 包 …")
        _call(node, [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"])
        stamp.write_text(expected, encoding="ascii")
    return node


def _passes(node: Node, title: str, command: Sequence[str]) -> bool:
    try:
        _call(node, command)
    except CommandError as error:
        say(f"失败  {title}\n{error}")
        return False
    say(f"通过  {title}")
    return True


def _call(node: Node, command: Sequence[str]) -> None:
    told = subprocess.run(  # noqa: S603 - tools of the lock file
        list(command),
        cwd=H5,
        env=node.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        raise CommandError("\n".join(told.stdout.strip().splitlines()[:40]))


@contextmanager
def _alone() -> Iterator[None]:
    """One build at a time, whoever starts it."""
    path = Path(var_dir(), "h5.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield
