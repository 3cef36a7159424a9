"""Where the data of the embedded services lives, and small private files beside it."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent


def var_dir() -> Path:
    """Answer the folder for run-time data: `O2O_VAR_DIR`, or `var` in the project."""
    configured = os.environ.get("O2O_VAR_DIR", "").strip()
    return Path(configured).expanduser().absolute() if configured else PROJECT_ROOT / "var"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def tail(path: Path, lines: int = 15) -> str:
    """Answer the last lines of a log, or an empty text when there is none."""
    try:
        content = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(content.splitlines()[-lines:])
