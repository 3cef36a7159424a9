"""How calls outside prove whom they speak to."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def verified() -> ssl.SSLContext:
    """The TLS context of this process for httpx: certificates are verified, as by default.

    Without it each new client, and each call without one, reads all certificate authorities anew: 20 ms of processor
    time, more than the call itself.
    """
    return httpx.create_ssl_context(trust_env=False)
