"""The other direction: a channel of the platform's own, which is told of entries, refunds and changes by the platform.

Its key and secret are the platform's to give (POST /_sim/scenic/channel). It checks the envelope as ours are made
(`signing`), remembers what came, and answers {"code": "0"} or as it was told to.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.map.keys import Application
from sandbox.scenic import signing
from sandbox.scenic.memory import Scenic


class Channel:
    """The pretended channel."""

    def __init__(self, system: Scenic) -> None:
        self._system = system
        self.key, self.secret, self.status = "", "", 200

    async def hear(self, request: Request) -> Response:
        """POST /scenic/channel/hook."""
        body = await request.body()
        fields = signing.read(body) or {}
        right = bool(self.key) and not signing.wrong(fields, Application(self.key, self.secret))
        data = signing.read_data(fields) or {}
        status = self.status if right else 401
        with self._system.store.transaction() as db:
            db.execute(
                "INSERT INTO scenic_received (number, kind, data, signed, answered, at) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    str(data.get("noticeNo", "")), fields.get("method", ""), json.dumps(data, ensure_ascii=False),
                    right, status, self._system.clock.wall(),
                ),
            )  # fmt: skip
        return JSONResponse({"code": "0" if status == 200 else "ERROR"}, status_code=status)
