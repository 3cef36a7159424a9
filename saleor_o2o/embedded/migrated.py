"""A migrated, empty database as a file: what one cluster spent minutes on, another of this checkout reads in seconds.

The demonstration and the tests have clusters of their own, and each would migrate from nothing. The file's name carries
the fingerprint of the migrations (`template.fingerprint`). Only where the server is of the make of the programs that
came with the embedded one; whatever goes wrong, the caller migrates as if there were no file.
"""

import logging
import os
import subprocess
from pathlib import Path
from typing import Any

from .paths import PROJECT_ROOT
from .postgres import MAJOR, installation

logger = logging.getLogger(__name__)

FOLDER = PROJECT_ROOT / "var" / "migrated"
#: Dumps of other states that are kept, newest first.
KEEP = 2
TIMEOUT = 600


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
    return source.is_file() and _run(
        connection, "pg_restore", "--single-transaction", "--exit-on-error", str(source)
    )


def _file(fingerprint: str) -> Path:
    return FOLDER / f"{MAJOR}-{fingerprint}.dump"


def _run(connection: Any, program: str, *options: str) -> bool:
    """Run a program of the wheel on the connection's database; False when server and program differ, or it fails."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        if int(cursor.fetchone()[0]) // 10_000 != int(MAJOR):
            return False
        info = cursor.connection.info
        known, password = info.dsn_parameters, info.password
    where = [f"--host={known['host']}", f"--port={known['port']}", f"--username={known['user']}"]
    try:
        result = subprocess.run(  # noqa: S603 - our own program and arguments
            [str(installation() / "bin" / program), *where, f"--dbname={known['dbname']}", "--no-password",
             "--no-owner", "--no-privileges", *options],
            env={**os.environ, "PGPASSWORD": password}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=TIMEOUT, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.info("%s: %s", program, error)
        return False
    if result.returncode != 0:
        logger.info("%s: %s", program, result.stderr.strip()[:500])
    return result.returncode == 0
