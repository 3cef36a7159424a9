"""Settings: ``base`` and the three places it runs in (``development``, ``test``, ``production``).

A ``.env`` file at the top of the project is read here, before any of them looks at the environment; what the
environment says already, wins.
"""

from pathlib import Path

import environ

_dot_env = Path(__file__).resolve().parent.parent / ".env"
if _dot_env.is_file():
    environ.Env.read_env(_dot_env)
