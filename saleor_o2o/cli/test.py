"""`./o2o test [pytest arguments]`: the tests, on the quick cluster, two at a time."""

import os
from pathlib import Path

from saleor_o2o.embedded.paths import PROJECT_ROOT

from .environment import embedded_environment, python, run_foreground

HELP = """用法: ./o2o test [--keep-services] [pytest 参数…]

运行测试。默认两个进程并行(-n 2);给出 -n、--pdb 或单个测试文件时不加。
数据库由模板复制而成;模板随迁移变化自动重建。

  --keep-services   结束后保留测试用的数据库(下次更快)
其余参数见 ./o2o test --pytest-help
"""
#: Arguments after which tests run in one process.
SERIAL = ("-n", "--numprocesses", "--pdb", "--trace", "--collect-only", "--co", "--fixtures", "--markers")

#: Each process begins with half of the files, so that what a file or a folder sets up is set up once; who is done
#: early takes over from the other.
PARALLEL = ("-n", "2", "--dist", "worksteal")


def run(arguments: list[str]) -> int:
    """Run pytest; answers its exit code."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(HELP)
        return 0
    keep = "--keep-services" in arguments
    passed = [_translated(argument) for argument in arguments if argument != "--keep-services"]
    passed = ["--help" if argument == "--pytest-help" else argument for argument in passed]
    if not _serial(passed):
        passed = [*PARALLEL, *passed]
    with embedded_environment("test", keep=keep) as environment:
        environment["DJANGO_SETTINGS_MODULE"] = "settings.test"
        return run_foreground(python("-m", "pytest", *passed), environment)


def _serial(arguments: list[str]) -> bool:
    """Say whether the arguments leave nothing to gain from a second process."""
    if any(argument.split("=")[0] in SERIAL or argument.startswith("-n") for argument in arguments):
        return True
    paths = [argument for argument in arguments if Path(argument.split("::")[0]).exists()]
    return len(paths) == 1 and not Path(paths[0]).is_dir()


def _translated(argument: str) -> str:
    """Make a path relative to where we were called absolute: pytest runs in the project's folder."""
    path, separator, rest = argument.partition("::")
    if Path.cwd() != PROJECT_ROOT and not os.path.isabs(path) and Path(path).exists():  # noqa: PTH117
        return f"{Path(path).resolve()}{separator}{rest}"
    return argument
