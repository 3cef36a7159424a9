"""`python -m saleor_o2o.embedded status|start|stop [development|test]`."""

import argparse
import sys

from .errors import EmbeddedError
from .services import Services


def main(argv: list[str] | None = None) -> int:
    """Look at, start or stop the embedded services by hand."""
    parser = argparse.ArgumentParser(
        prog="python -m saleor_o2o.embedded", description="内置 PostgreSQL 与 Valkey"
    )
    parser.add_argument("action", choices=["status", "start", "stop"], help="查看 / 启动 / 停止")
    parser.add_argument("profile", nargs="?", choices=["development", "test"], default="development")
    options = parser.parse_args(argv)
    services = Services(options.profile)
    try:
        if options.action == "start":
            services.ensure(keep=True)
        elif options.action == "stop" and not services.stop():
            print("仍有程序在使用这些服务,未停止。", file=sys.stderr)
            return 1
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    for name, pid in (("PostgreSQL", services.postgres.pid()), ("Valkey", services.valkey.pid())):
        print(f"{name}: {f'运行中(pid {pid})' if pid else '未运行'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
