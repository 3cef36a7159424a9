"""A migrated, empty database as a file: what one cluster spent minutes on, another of this checkout reads in seconds.

The demonstration and the tests have clusters of their own, and each would migrate from nothing. The file's name carries
the fingerprint of the migrations (`template.fingerprint`). Only where the server is of the make of the programs that
came with the embedded one; whatever goes wrong, the caller migrates as if there were no file.
"""

import logging
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .paths import PROJECT_ROOT
from .postgres import MAJOR, installation

logger = logging.getLogger(__name__)

FOLDER = PROJECT_ROOT / "var" / "migrated"
#: Dumps of other states that are kept, newest first.
KEEP = 2
TIMEOUT = 600
_NO_PATH = "set_config('search_path', '', false)"


def save(connection: Any, fingerprint: str) -> bool:
    """Write the database of an open Django connection to its file; True when it is there now."""
    target = _file(fingerprint)
    if target.is_file():
        return True
    partial = target.with_suffix(f".{os.getpid()}")
    try:
        FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        done = _run(
            connection, "pg_dump", "--format=custom", "--compress=1", f"--file={partial}", "--no-comments"
        )
        if done:
            partial.replace(target)
            for old in sorted(FOLDER.glob("*.dump"), key=lambda one: one.stat().st_mtime, reverse=True)[
                KEEP + 1 :
            ]:
                old.unlink(missing_ok=True)
        return done
    except OSError as error:  # a full or read-only disk: then it is not kept
        logger.info("the migrated database is not kept: %s", error)
        return False
    finally:
        partial.unlink(missing_ok=True)


def load(connection: Any, fingerprint: str) -> bool:
    """Fill the empty database of a Django connection from the file; False, and nothing written, when that can't be."""
    source = _file(fingerprint)
    if not source.is_file():
        return False
    script = _ran(
        [str(installation() / "bin" / "pg_restore"), "--no-owner", "--no-privileges", "-f", "-", str(source)]
    )
    if script is None:
        return False
    # checks and generated columns call functions of ours, which find each other by the path that they had
    script = script.replace(_NO_PATH, _NO_PATH.replace("''", "'public'"))
    options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-")
    return _run(connection, "psql", *options, script=script)


def _file(fingerprint: str) -> Path:
    return FOLDER / f"{MAJOR}-{fingerprint}.dump"


def _run(connection: Any, program: str, *options: str, script: str = "") -> bool:
    """Run a program of the wheel on the connection's database; False when server and program differ, or it fails."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        if int(cursor.fetchone()[0]) // 10_000 != int(MAJOR):
            return False
        info = cursor.connection.info
        known, password = info.dsn_parameters, info.password
    where = [f"--host={known['host']}", f"--port={known['port']}", f"--username={known['user']}"]
    command = [
        str(installation() / "bin" / program),
        *where,
        f"--dbname={known['dbname']}",
        "--no-password",
        *options,
    ]
    return _ran(command, script, {"PGPASSWORD": password}) is not None


def _ran(command: list[str], script: str = "", more: Mapping[str, str] | None = None) -> str | None:
    """What a program printed; None when it failed."""
    try:
        result = subprocess.run(  # noqa: S603 - our own program and arguments
            command, env={**os.environ, **(more or {})}, input=script, capture_output=True, text=True, encoding="utf-8",
            timeout=TIMEOUT, check=False,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        logger.info("%s: %s", command[0], error)
        return None
    if result.returncode != 0:
        logger.info("%s: %s", command[0], result.stderr.strip()[:500])
        return None
    return result.stdout
