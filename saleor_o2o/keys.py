"""Fresh secrets for an installation: ``python -m saleor_o2o.keys`` needs no settings and no database."""

from __future__ import annotations

import base64
import secrets


def fresh_keys() -> dict[str, str]:
    """New values for every secret that production asks for, as lines of a ``.env`` file would have them."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "O2O_FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "O2O_BLIND_INDEX_KEY": secrets.token_urlsafe(32),
    }


def as_lines() -> str:
    """The same as ``NAME=value`` lines."""
    return "\n".join(f"{name}={value}" for name, value in fresh_keys().items())


if __name__ == "__main__":
    print(as_lines())
