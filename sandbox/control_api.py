"""Words that every control endpoint shares: JSON in, JSON out, a clear refusal."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Handler = Callable[[Request], Awaitable[Response]]


class ControlError(Exception):
    """A control call that cannot be done: answered as {"error": {"code", "message"}}."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = message
        self.status = status
        super().__init__(message)


class Asked:
    """The JSON object of a control call, read with checks. Every reader raises ControlError."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def text(self, name: str, default: str = "") -> str:
        """A string, `default` when left out."""
        value = self.data.get(name, default)
        if not isinstance(value, str):
            raise ControlError("BAD_VALUE", f"{name} 应为字符串")
        if any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
            raise ControlError("BAD_VALUE", f"{name} 含有非法字符")
        return value

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        """A number between two bounds."""
        value = self.data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ControlError("BAD_VALUE", f"{name} 应为 {least:g} ～ {most:g} 的数")
        return float(value)

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number between two bounds."""
        value = self.data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ControlError("BAD_VALUE", f"{name} 应为 {least} ～ {most} 的整数")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """A boolean."""
        value = self.data.get(name, default)
        if not isinstance(value, bool):
            raise ControlError("BAD_VALUE", f"{name} 应为 true 或 false")
        return value

    def choice(self, name: str, default: str, options: tuple[str, ...]) -> str:
        """One of the given words."""
        value = self.text(name, default)
        if value not in options:
            raise ControlError("BAD_VALUE", f"{name} 应为 {'、'.join(options)} 之一")
        return value


async def asked(request: Request) -> Asked:
    """The JSON object of a request; an empty body is an empty object."""
    raw = await request.body()
    if not raw:
        return Asked({})
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise ControlError("BAD_JSON", "请求体不是正确的JSON") from None
    if not isinstance(data, dict):
        raise ControlError("BAD_JSON", "请求体应为JSON对象")
    return Asked(data)


async def refused(request: Request, error: Exception) -> Response:
    """Starlette's exception handler for ControlError."""
    if not isinstance(error, ControlError):
        raise error
    return JSONResponse({"error": {"code": error.code, "message": error.message}}, status_code=error.status)
