"""The other direction: a channel of the platform's own, which buys from it and is told of entries, refunds and changes.

Its key and secret are the platform's to give (POST /_sim/scenic/channel). It signs what it asks and checks the envelope
of answers and notices as ours are made (`signing`), remembers what came, and answers {"code": "0"} or as it was told
to: always with one status, or so many times with a failure first.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.control_api import ControlError
from sandbox.map.keys import Application
from sandbox.scenic import signing
from sandbox.scenic.memory import Scenic

ANSWER_WITHIN = 20.0


class Channel:
    """The pretended channel."""

    def __init__(self, system: Scenic) -> None:
        self._system = system
        self.key, self.secret, self.status, self.fails = "", "", 200, 0

    async def hear(self, request: Request) -> Response:
        """POST /scenic/channel/hook."""
        body = await request.body()
        fields = signing.read(body) or {}
        right = bool(self.key) and not signing.wrong(fields, Application(self.key, self.secret))
        data = signing.read_data(fields) or {}
        status = self.status if right else 401
        if right and self.fails:
            self.fails, status = self.fails - 1, 500
        with self._system.store.transaction() as db:
            db.execute(
                "INSERT INTO scenic_received (number, kind, data, signed, answered, at) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    str(data.get("noticeNo", "")), fields.get("method", ""), json.dumps(data, ensure_ascii=False),
                    right, status, self._system.clock.wall(),
                ),
            )  # fmt: skip
        return JSONResponse({"code": "0" if status == 200 else "ERROR"}, status_code=status)

    async def ask(self, url: str, method: str, data: dict[str, Any]) -> dict[str, Any]:
        """One signed question to the platform; its answer, whose signature must be right. Raises ControlError."""
        application = Application(self.key, self.secret)
        body = signing.envelope(application, data, method=method)
        try:
            async with httpx.AsyncClient(timeout=ANSWER_WITHIN, trust_env=False) as client:
                response = await client.post(url, json=body)
        except httpx.HTTPError as error:
            raise ControlError("UNREACHABLE", type(error).__name__, 502) from None
        if response.status_code != 200:
            return {"status": response.status_code, "code": str(response.json().get("code", "")), "data": {}}
        fields = signing.read(response.content) or {}
        if signing.wrong(fields, application):
            raise ControlError("NOT_SIGNED", "平台的应答签名不对", 502)
        return {
            "status": 200, "code": fields.get("code", ""), "message": fields.get("message", ""),
            "data": signing.read_data(fields) or {},
        }  # fmt: skip
