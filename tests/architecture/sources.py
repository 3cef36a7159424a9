"""Our source files and what is in them, for the house rules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Where the platform's own code lives.
PACKAGES = ("saleor_o2o", "plugins", "settings", "sandbox")


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that is (or is about to be) part of the project, relative to its folder."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in map(Path, names) if (ROOT / path).is_file())


def python_files(*packages: str) -> list[Path]:
    """The tracked Python files of some packages, without migrations."""
    return [
        path
        for path in tracked_files()
        if path.suffix == ".py" and path.parts[0] in packages and "migrations" not in path.parts
    ]


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything that a file imports, wherever it does so."""
    package = path.with_suffix("").parts[:-1]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def name_of(node: ast.expr) -> str:
    """``a.b.c`` for an attribute or a name; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return ""
