"""`./o2o setup`: everything a developer needs, once; quick when it is done already."""

import argparse
import time

from .environment import embedded_environment, python, run_foreground, settings_module
from .errors import CommandError
from .platform import say


def run(arguments: list[str]) -> int:
    """Start the services, migrate, collect static files, stop the services."""
    parser = argparse.ArgumentParser(prog="./o2o setup", description="准备环境")
    parser.parse_args(arguments)
    started = time.monotonic()
    settings_module()
    with embedded_environment("development") as environment:
        say(f"数据库与缓存:就绪({time.monotonic() - started:.1f} 秒)")
        code = run_foreground(python("-m", "saleor_o2o.cli.prepare", "--static"), environment)
    if code != 0:
        raise CommandError("准备失败,原因见上。")
    say(f"准备完成,共用 {time.monotonic() - started:.0f} 秒。启动平台:./o2o demo    运行测试:./o2o test")
    return 0
