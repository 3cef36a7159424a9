"""`./o2o bench NAME`: run a benchmark of `benchmarks/` (its `main(argv) -> int`)."""

import ast
import os
from importlib import import_module

from saleor_o2o.embedded.paths import PROJECT_ROOT

from .environment import embedded_environment, settings_module
from .errors import CommandError
from .platform import say

HELP = """用法: ./o2o bench 名称 [参数…]    ./o2o bench --list
"""


def run(arguments: list[str]) -> int:
    """Find the benchmark and run it with the services it needs; answers its exit code."""
    known = benchmarks()
    if not arguments or arguments[0] in ("-h", "--help", "--list"):
        say(HELP if "--list" not in arguments else "")
        for name, title in known.items():
            say(f"  {name:<12}{title}")
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name not in known:
        raise CommandError(f"没有性能测试 {name}。现有:{'、'.join(known) or '无'}")
    settings_module()
    os.environ.setdefault("DEBUG", "False")
    # durable, as in production: commits that wait for the disk are part of what is measured
    with embedded_environment("development") as environment:
        os.environ.update(environment)
        code: int = import_module(f"benchmarks.{name}").main(rest) or 0
    return code


def benchmarks() -> dict[str, str]:
    """Answer the benchmarks, name and first line of the module; imports none."""
    found: dict[str, str] = {}
    for path in sorted((PROJECT_ROOT / "benchmarks").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").split("\n", 1)[0]
    return found
