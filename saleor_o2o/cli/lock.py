"""`./o2o lock`: resolve requirements.in with overrides.txt into the hashed lock."""

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from saleor_o2o.embedded.paths import PROJECT_ROOT

from .environment import run_foreground
from .errors import CommandError

OPTIONS = [
    *("--universal", "--fork-strategy", "fewest", "--python-version", "3.11"),
    *("--generate-hashes", "--no-annotate", "--no-header"),
    *("--override", "overrides.txt", "requirements.in"),
]
#: Anything that names a place instead of a version and its hash.
ADDRESS = re.compile(r"://|^\s*(-i|-f|--(index|extra-index|find)\S*)\s|\bfile:| @ ", re.MULTILINE)


def run(arguments: list[str]) -> int:
    """Resolve anew; keeps the versions of the present lock that still fit."""
    parser = argparse.ArgumentParser(prog="./o2o lock", description="重新解析依赖锁文件")
    parser.add_argument("--upgrade", action="store_true", help="全部取最新版本(默认保留仍适用的版本)")
    parser.add_argument("--output", type=Path, default=PROJECT_ROOT / "requirements.lock", help="输出文件")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder, "requirements.lock")
        present = PROJECT_ROOT / "requirements.lock"
        if present.exists():
            shutil.copyfile(present, draft)
        uv = Path(sys.executable).parent / "uv"
        command = [str(uv), "pip", "compile", *OPTIONS, "-o", str(draft), "--quiet"]
        code = run_foreground([*command, *(["--upgrade"] if options.upgrade else [])], {})
        if code != 0:
            return code
        check(draft.read_text(encoding="utf-8"))
        shutil.copyfile(draft, options.output)
    print(f"已写入 {options.output}")
    return 0


def check(text: str) -> None:
    """Raise CommandError when the lock names an address, or a requirement without a hash."""
    found = ADDRESS.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise CommandError(f"锁文件第 {line} 行含有地址,未写入:锁文件只应有版本与哈希。")
    for entry in re.split(r"\n(?=\S)", text.strip()):
        if "==" in entry and "--hash=" not in entry:
            raise CommandError(f"没有哈希:{entry.splitlines()[0]}")
