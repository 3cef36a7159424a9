"""`./o2o demo`: the whole platform on this machine until Ctrl-C."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from saleor_o2o.embedded import Urls, var_dir
from saleor_o2o.embedded.ports import LOOPBACK

from . import running
from .environment import embedded_environment, unhurried
from .errors import CommandError
from .platform import Platform, say
from .processes import Supervisor

#: Exit code of a start that found another demo at work.
ALREADY_RUNNING = 3


def run(arguments: list[str]) -> int:
    """Start everything, show where it is, watch it, and stop it in reverse order."""
    parser = argparse.ArgumentParser(prog="./o2o demo", description="启动整个演示平台,Ctrl-C 停止")
    parser.add_argument("--port", type=int, default=8000, help="平台端口(默认 8000)")
    parser.add_argument("--sandbox-port", type=int, default=8100, help="沙箱端口(默认 8100)")
    parser.add_argument("--host", default=LOOPBACK, help="监听地址(默认 127.0.0.1)")
    parser.add_argument("--workers", type=int, default=2, help="网站进程数(默认 2)")
    parser.add_argument("--no-seed", action="store_true", help="不写入演示数据")
    parser.add_argument("--check", action="store_true", help="启动、逐一检查、停止(用于 CI)")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    var = var_dir()
    with running.claimed(var) as ours:
        if not ours:
            return _say_running(var)
        with embedded_environment("development") as urls:
            say(f"数据库与缓存:就绪({time.monotonic() - started:.1f} 秒)")
            platform = Platform(
                var=var,
                urls=Urls(urls["DATABASE_URL"], urls["REDIS_URL"]),
                web_port=options.port,
                sandbox_port=options.sandbox_port,
                host=options.host,
                workers=options.workers,
                seed=not options.no_seed,
                settings=os.environ.get("DJANGO_SETTINGS_MODULE", "settings.development"),
            )
            try:
                platform.start()
                note = running.Running(os.getpid(), platform.base_url, platform.sandbox_url)
                running.announce(var, note)
                say(f"\n平台已启动,共用 {time.monotonic() - started:.0f} 秒。")
                say(f"{_addresses(note)}{_logins(var)}")
                if options.check:
                    return _check(platform)
                say("\n按 Ctrl-C 停止。")
                Supervisor(platform.children, say).run()
            finally:
                with unhurried():
                    say("\n正在停止…")
                    platform.stop()
    say("已全部停止。")
    return 0


def _check(platform: Platform) -> int:
    answers = platform.check()
    for title, well in answers.items():
        say(f"{'正常' if well else '异常'}  {title}")
    return 0 if all(answers.values()) else 1


def _say_running(var: Path) -> int:
    for _ in range(20):
        found = running.find(var)
        if found is not None:
            print(f"平台已在运行(pid {found.pid})。\n{_addresses(found)}{_logins(var)}", file=sys.stderr)
            return ALREADY_RUNNING
        time.sleep(0.1)
    raise CommandError("另一个 ./o2o demo 正在启动或停止,请稍候再试。")


def _addresses(found: running.Running) -> str:
    return (
        f"  平台接口  {found.base_url}/graphql/\n"
        f"  管理后台  {found.base_url}/admin/\n"
        f"  外部沙箱  {found.sandbox_url}/\n"
        f"  付款手机  {found.sandbox_url}/phone/"
    )


def _logins(var: Path) -> str:
    """The accounts that the seed made, one a line."""
    try:
        logins = json.loads((var / "demo-logins.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    lines = [
        f"\n  {entry['who']}  {entry['login']} / {entry['password']}  {entry.get('where', '')}"
        for entry in logins
    ]
    return "\n演示账号:" + "".join(lines)
