"""`./o2o lint`: every static check, one line each; all failures are shown, not only the first."""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from saleor_o2o.embedded.paths import PROJECT_ROOT

from .environment import NOWHERE, child_environment, python
from .platform import say


@dataclass(frozen=True)
class Check:
    """One check: a program whose exit code says whether it passed."""

    title: str
    command: Sequence[str]
    #: A failure that is only told (the check needs a network).
    warn_only: bool = False


def checks(*, fix: bool, audit: bool) -> list[Check]:
    """Answer the checks, the slowest first."""
    tools = Path(sys.executable).parent
    ruff = str(tools / "ruff")
    found = [
        Check("mypy", [str(tools / "mypy")]),
        Check("import-linter", [str(tools / "lint-imports"), "--no-logo"]),
        Check("迁移完整(本项目)", python("-m", "saleor_o2o.cli.missing_migrations")),
        Check("schema.graphql 一致", python("-m", "django", "o2o_schema", "--check")),
    ]
    if fix:
        # in one check: they write the same files
        both = f'"{ruff}" check --fix . && "{ruff}" format .'
        found.append(Check("ruff(已自动修正)", ["/bin/sh", "-c", both]))
    else:
        found.append(Check("ruff check", [ruff, "check", "--output-format", "concise", "."]))
        found.append(Check("ruff format", [ruff, "format", "--check", "--output-format", "concise", "."]))
    if audit:
        options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        command = [str(tools / "pip-audit"), *options, "-r", "requirements.lock"]
        found.append(Check("pip-audit", command, warn_only=True))
    return found


def run(arguments: list[str]) -> int:
    """Run them, two at a time; exit code 1 when one fails."""
    parser = argparse.ArgumentParser(prog="./o2o lint", description="全部静态检查")
    parser.add_argument("--fix", action="store_true", help="自动修正 ruff 能修正的")
    parser.add_argument("--audit", action="store_true", help="检查依赖的已知漏洞(需要网络,失败只警告)")
    options = parser.parse_args(arguments)
    failed: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        pending = {pool.submit(_run, check): check for check in checks(fix=options.fix, audit=options.audit)}
        for future in as_completed(pending):
            check = pending[future]
            code, output, seconds = future.result()
            mark = "通过" if code == 0 else ("警告" if check.warn_only else "失败")
            say(f"{mark}  {check.title}({seconds:.1f} 秒)")
            if code != 0:
                say(output.rstrip() + "\n")
                if not check.warn_only:
                    failed.append(check.title)
    say(f"未通过:{'、'.join(failed)}" if failed else "全部通过。")
    return 1 if failed else 0


def _run(check: Check) -> tuple[int, str, float]:
    started = time.monotonic()
    environment = {**NOWHERE, "DJANGO_SETTINGS_MODULE": "settings.test"}
    result = subprocess.run(  # noqa: S603 - our own tools
        list(check.command),
        cwd=PROJECT_ROOT,
        env=child_environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout, time.monotonic() - started
