"""Who is asking: request id, actor and address of the work being done, for logs, moves and audit."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

SYSTEM = "system"
ANONYMOUS = "anonymous"

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`actor` is a label such as `user:12`, `task:close_orders`, `event:order.paid` or `system`."""

    request_id: str = ""
    actor: str = SYSTEM
    ip: str | None = None


_NOBODY = RequestContext()
_context: ContextVar[RequestContext] = ContextVar("o2o_request_context", default=_NOBODY)


def current() -> RequestContext:
    """Return the context of the work being done; outside any `bind_request` it is the system's own."""
    return _context.get()


@contextmanager
def bind_request(
    *, request_id: str | None = None, actor: str | None = None, ip: str | None = None
) -> Iterator[RequestContext]:
    """Set what is given for the block and keep the rest. Middleware, tasks and commands call it."""
    changes: dict[str, str] = {
        name: value
        for name, value in (("request_id", request_id), ("actor", actor), ("ip", ip))
        if value is not None
    }
    token = _context.set(replace(_context.get(), **changes))
    try:
        yield _context.get()
    finally:
        _context.reset(token)


def new_request_id() -> str:
    """Return a fresh request id (32 hexadecimal characters)."""
    return uuid.uuid4().hex


def accept_request_id(header: str | None) -> str:
    """Return a client's `X-Request-ID` if it is harmless (8 to 64 of `[A-Za-z0-9._-]`), else a new one."""
    if header and _ACCEPTABLE_ID.fullmatch(header):
        return header
    return new_request_id()


def actor_label(user: Any) -> str:
    """Return `user:<pk>` for a saved user and `anonymous` for nobody. Never a name or an address."""
    pk = getattr(user, "pk", None)
    return ANONYMOUS if pk is None else f"user:{pk}"
