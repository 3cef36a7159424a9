"""Finds the subcommand and runs it."""

import difflib
import os
import sys
from importlib import import_module

from saleor_o2o.embedded import EmbeddedError

from .environment import read_dot_env, stop_on_signals
from .errors import CommandError

COMMANDS = {
    "setup": "准备环境:启动内置数据库、迁移、收集静态文件",
    "demo": "启动整个演示平台(数据库、沙箱、网站、后台任务),Ctrl-C 停止",
    "test": "运行测试;其余参数交给 pytest",
    "journey": "演练业务流程:名称、--all 或 --list",
    "bench": "性能测试:名称或 --list",
    "h5": "手机页面:build、check、codegen",
    "lint": "全部静态检查;--fix 自动修正",
    "manage": "Django 管理命令(环境已备好)",
    "lock": "由 requirements.in 重新解析 requirements.lock",
}


def usage() -> str:
    """Answer the help text."""
    lines = [f"  {name:<9}{text}" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            "社区便民生活服务O2O平台",
            "",
            "用法: ./o2o 命令 [参数]      (./o2o 命令 --help 查看该命令的说明)",
            "",
            *lines,
            "",
            "环境变量: DATABASE_URL、REDIS_URL(给出后不启用内置服务)、O2O_VAR_DIR(数据目录,默认 var)",
        ]
    )


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; answers the exit code (2: wrong usage, 130: interrupted)."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        close = difflib.get_close_matches(name, COMMANDS, 1)
        hint = f",是不是 {close[0]}?" if close else ""
        print(f"没有命令 {name}{hint}\n\n{usage()}", file=sys.stderr)
        return 2
    stop_on_signals()
    read_dot_env()
    command = import_module(f"saleor_o2o.cli.{name}")
    try:
        code: int = command.run(rest)
    except KeyboardInterrupt:
        print("\n已停止。", file=sys.stderr)
        return 130
    except (CommandError, EmbeddedError) as error:
        print(f"错误:{error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # the reader of our output left (`| head`): nothing more to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
