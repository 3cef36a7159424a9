"""What every phone has, whatever system sends to it: messages, a QR drawer, and a change of owner."""

from __future__ import annotations

import io

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.messages import received
from sandbox.pages import COOKIE, form, owner, page
from sandbox.people import person
from sandbox.store import Store


class Phone:
    """Pages under /phone that belong to no single system."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[BaseRoute]:
        """Routes under /phone."""
        return [
            Route("/messages", self.messages, methods=["GET"]),
            Route("/qr.svg", self.qr, methods=["GET"]),
            Route("/person", self.change, methods=["POST"]),
        ]

    async def messages(self, request: Request) -> Response:
        """The cards this person received."""
        return page(
            request, "messages.html", tab="messages", messages=received(self._store, owner(request).openid)
        )

    async def qr(self, request: Request) -> Response:
        """A text as a QR code in SVG."""
        text = request.query_params.get("text", "")
        if not 0 < len(text) <= 500:
            return Response("text 应为1～500个字符", status_code=400)
        image = io.BytesIO()
        segno.make(text, error="m").save(image, kind="svg", scale=6, border=2, dark="#111", light="#fff")
        return Response(image.getvalue(), media_type="image/svg+xml")

    async def change(self, request: Request) -> Response:
        """Hand the phone to another person."""
        told = await form(request)
        leads = "/phone/wechat" if told.get("next") == "/phone/wechat" else "/phone/"
        wanted = person(told.get("openid", ""))
        response = RedirectResponse(leads, status_code=303)
        response.set_cookie(COOKIE, wanted.openid, httponly=True, samesite="lax")
        return response
