"""The telephone: accounts that somebody may follow, the talk with one, its menu, the codes to scan."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control_api import ControlError
from sandbox.map.gazetteer import PLACES
from sandbox.official_account.acting import Acting
from sandbox.official_account.keys import Account
from sandbox.official_account.notices import NOTICES
from sandbox.official_account.system import OfficialAccounts
from sandbox.pages import form, owner, page
from sandbox.people import Person

#: Where people in the sandbox stand when they send a position.
SPOTS = tuple(PLACES)[:12]


class AccountPhone:
    """Pages under /phone/wechat."""

    def __init__(self, system: OfficialAccounts, acting: Acting) -> None:
        self._system, self._acting = system, acting

    def routes(self) -> list[BaseRoute]:
        """Routes under /phone."""
        return [
            Route("/wechat", self.list_accounts, methods=["GET"]),
            Route("/wechat/scan", self.scan, methods=["GET", "POST"]),
            Route("/wechat/picture/{media_id}", self.picture, methods=["GET"]),
            Route("/wechat/{code}", self.talk, methods=["GET"]),
            Route("/wechat/{code}/do", self.act, methods=["POST"]),
        ]

    async def list_accounts(self, request: Request) -> Response:
        """All accounts, with the last words of each."""
        me = owner(request)
        return page(request, "official_account/list.html", tab="wechat", accounts=self._listed(me))

    async def scan(self, request: Request) -> Response:
        """Codes that hang about the town, and a field for the content of any other."""
        me, problem = owner(request), ""
        if request.method == "POST":
            content = (await form(request)).get("content", "").strip()
            try:
                account, _number = await self._acting.scan(lambda one: one.openid(me), content)
            except ControlError as error:
                problem = error.message
            else:
                return RedirectResponse(f"/phone/wechat/{account.code}", status_code=303)
        rows = self._system.store.all("SELECT * FROM oa_codes ORDER BY rowid DESC LIMIT 60")
        names = {one.appid: one.name for one in self._system.accounts}
        codes = [{"url": row["url"], "scene": row["scene"], "account": names[row["appid"]]} for row in rows]
        return page(request, "official_account/scan.html", tab="wechat", codes=codes, problem=problem)

    async def talk(self, request: Request) -> Response:
        """The talk with one account."""
        me, account = owner(request), self._account(request)
        openid = account.openid(me)
        return page(
            request,
            "official_account/talk.html",
            tab="wechat",
            account=account,
            following=self._system.is_following(account, openid),
            messages=self._system.talk(account, openid),
            menu=self._system.menu_for(account, openid),
            spots=SPOTS,
            problem=request.query_params.get("problem", ""),
            leads=request.query_params.get("leads", ""),
        )

    async def picture(self, request: Request) -> Response:
        """A permanent picture, as a bubble shows it."""
        media_id = request.path_params["media_id"]
        row = self._system.store.one("SELECT kind, content FROM oa_materials WHERE media_id = ?", media_id)
        if row is None:
            return Response(status_code=404)
        return Response(bytes(row["content"]), media_type=row["kind"])

    async def act(self, request: Request) -> Response:
        """Something was tapped or written."""
        me, account = owner(request), self._account(request)
        openid, told = account.openid(me), await form(request)
        more: dict[str, str] = {}
        try:
            leads = await self._done(account, openid, told)
            if leads:
                more["leads"] = leads
        except ControlError as error:
            more["problem"] = error.message
        tail = f"?{urlencode(more)}" if more else ""
        return RedirectResponse(f"/phone/wechat/{account.code}{tail}#end", status_code=303)

    async def _done(self, account: Account, openid: str, told: dict[str, str]) -> str:
        act = told.get("act", "")
        if act == "follow":
            await self._acting.follow(account, openid)
        elif act == "leave":
            await self._acting.leave(account, openid)
        elif act == "write" and told.get("text", "").strip():
            await self._acting.write(account, openid, told["text"].strip()[:600])
        elif act == "agree":
            await self._acting.agree(account, openid, list(NOTICES), told.get("answer") == "yes")
        elif act == "picture":
            await self._acting.send_picture(account, openid, "http://mmbiz.qpic.cn/mmbiz_jpg/sandbox/0")
        elif act == "position" and told.get("spot") in PLACES:
            _district, _level, lng, lat = PLACES[told["spot"]]
            await self._acting.send_position(account, openid, lng, lat, told["spot"])
        elif act == "tap":
            top, _dot, below = told.get("button", "").partition(".")
            if top.isdigit() and (not below or below.isdigit()):
                return (await self._acting.tap(account, openid, int(top), int(below or -1)))[0]
        return ""

    def _account(self, request: Request) -> Account:
        return self._system.by_code(request.path_params["code"])

    def _listed(self, me: Person) -> list[dict[str, Any]]:
        found = []
        for account in self._system.accounts:
            openid = account.openid(me)
            last = self._system.talk(account, openid, 1)
            found.append(
                {
                    "code": account.code,
                    "name": account.name,
                    "following": self._system.is_following(account, openid),
                    "last": (last[0].get("title") or last[0].get("text", "")) if last else "",
                    "at": last[0]["at"] if last else None,
                }
            )
        return found
