"""Keep the virtual environment in step with requirements.lock, then run the command line in it.

Run by `./o2o` with a bare Python: standard library only, no import of ours.
"""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

#: Says "complete for this lock and this Python"; written last.
STAMP = ".o2o-stamp"
#: Says "an install has begun and not ended"; what it left is thrown away.
BEGUN = ".o2o-installing"
LOCK = ".o2o-lock"
LOG = "o2o-install.log"
#: Seconds between two lines of progress where the line cannot be rewritten.
QUIET_INTERVAL = 15.0


class Progress:
    """One line per phase with the time it took; a terminal sees it count."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = time.monotonic()
        self._shown = 0.0
        if not sys.stderr.isatty():
            self._line(f"{title} …")

    def beat(self, detail: str) -> None:
        """Show that it is alive."""
        elapsed = time.monotonic() - self.started
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{self.title} … {detail} ({elapsed:.0f} 秒)")
            sys.stderr.flush()
        elif elapsed - self._shown >= QUIET_INTERVAL:
            self._shown = elapsed
            self._line(f"  … {detail} ({elapsed:.0f} 秒)")

    def done(self, word: str = "完成") -> None:
        """Close the phase."""
        elapsed = time.monotonic() - self.started
        start = "\r\033[K" if sys.stderr.isatty() else ""
        self._line(f"{start}{self.title}:{word}({elapsed:.1f} 秒)")

    @staticmethod
    def _line(text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def expected_stamp(root: Path) -> str:
    """Hash the lock and the Python that it is installed for."""
    content = (root / "requirements.lock").read_bytes()
    runtime = f"{sys.version_info[:3]}-{sys.implementation.cache_tag}-{os.uname().machine}"
    return hashlib.sha256(content + runtime.encode()).hexdigest()


def is_current(venv: Path, stamp: str) -> bool:
    """Say whether the environment is complete."""
    try:
        return (venv / STAMP).read_text(encoding="ascii") == stamp and (venv / "bin" / "python").exists()
    except OSError:
        return False


def install(root: Path, venv: Path, stamp: str) -> None:
    """Make the environment and install the lock into it. Takes the lock file of the environment."""
    venv.mkdir(parents=True, exist_ok=True)
    with (venv / LOCK).open("a") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting = Progress("另一个 ./o2o 正在安装依赖,等待")
            while not _try_lock(guard.fileno()):
                time.sleep(0.5)
                waiting.beat("")
            waiting.done("已结束")
        if is_current(venv, stamp):
            return
        started = time.monotonic()
        if (venv / BEGUN).exists() or not _same_python(venv):
            _restart_outside(venv)
            _empty(venv)
        (venv / STAMP).unlink(missing_ok=True)
        (venv / BEGUN).touch()
        if not (venv / "bin" / "pip").exists():
            _make(venv)
        _pip_install(root, venv)
        temporary = venv / f"{STAMP}.{os.getpid()}"
        temporary.write_text(stamp, encoding="ascii")
        temporary.replace(venv / STAMP)
        (venv / BEGUN).unlink()
        print(f"环境就绪:{venv}(共 {time.monotonic() - started:.0f} 秒)", file=sys.stderr)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same_python(venv: Path) -> bool:
    """Say whether the environment, if any, belongs to this Python; an empty one does."""
    if not (venv / "pyvenv.cfg").exists():
        return True
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return (venv / "lib" / f"python{version}").is_dir() and (venv / "bin" / "python").exists()


def _restart_outside(venv: Path) -> None:
    """Hand over to the base Python before the environment we may be running from is emptied."""
    if Path(sys.prefix).resolve() == venv.resolve():
        base = getattr(sys, "_base_executable", sys.executable)
        os.execv(base, [base, "-I", *sys.argv])  # noqa: S606 - our own interpreter


def _empty(venv: Path) -> None:
    for entry in venv.iterdir():
        if entry.name == LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _make(venv: Path) -> None:
    progress = Progress(f"创建虚拟环境(Python {sys.version_info[0]}.{sys.version_info[1]})")
    _watched([sys.executable, "-I", "-m", "venv", str(venv)], venv, progress, lambda _: "")
    progress.done()


def _pip_install(root: Path, venv: Path) -> None:
    lock = root / "requirements.lock"
    total = len(re.findall(r"^[a-z0-9][^ ]*==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    progress = Progress("安装依赖 requirements.lock")

    def detail(log: str) -> str:
        if "Installing collected packages" in log:
            return "正在写入"
        return f"已取得 {len(re.findall('^Collecting ', log, re.MULTILINE))}/{total}"

    options = [
        "--no-deps",
        "--ignore-requires-python",
        "--require-hashes",
        "--no-input",
        "--progress-bar=off",
    ]
    command = [str(venv / "bin" / "python"), "-I", "-m", "pip", "install", "--disable-pip-version-check"]
    _watched([*command, *options, "-r", str(lock)], venv, progress, detail)
    progress.done()


def _watched(command: list[str], venv: Path, progress: Progress, detail: Callable[[str], str]) -> None:
    """Run a command with its output in the log; show life signs; end the launcher if it fails."""
    log = venv / LOG
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603
        try:
            while process.poll() is None:
                time.sleep(0.2)
                progress.beat(detail(log.read_text(encoding="utf-8", errors="replace")))
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode != 0:
        progress.done("失败")
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]
        print("\n".join(lines), file=sys.stderr)
        print(
            f"\n安装未完成,完整日志:{log}\n"
            "请检查网络(可用 pip 配置或 PIP_INDEX_URL 指定镜像)与磁盘空间后重试。\n"
            "The install did not finish: check the network and the disk, then run the same command again.",
            file=sys.stderr,
        )
        sys.exit(1)


def main() -> None:
    """`bootstrap.py ROOT VENV [arguments of the command line]`."""
    root, venv = Path(sys.argv[1]), Path(sys.argv[2]).absolute()
    stamp = expected_stamp(root)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if not is_current(venv, stamp):
            install(root, venv, stamp)
    except KeyboardInterrupt:
        print("\n已中断;再次运行会重新安装。", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        print(f"无法准备虚拟环境 {venv}:{error}", file=sys.stderr)
        sys.exit(1)
    python = str(venv / "bin" / "python")
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{root}{os.pathsep}{inherited}" if inherited else str(root)
    # Images say this for one process that lives long; ours start dozens, and each would compile what it reads anew
    # (docs/decisions/0141-what-every-process-reads-is-compiled-once.md).
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # -P: the folder we are called from must not shadow our packages
    os.execv(python, [python, "-P", "-m", "saleor_o2o", *sys.argv[3:]])  # noqa: S606 - our own interpreter


if __name__ == "__main__":
    main()
