"""/_sim/official_account: what people do, told by a test or a journey; the console; what was called and pushed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control_api import Asked, ControlError, asked
from sandbox.official_account.acting import Acting
from sandbox.official_account.keys import Account
from sandbox.official_account.pushing import Pusher
from sandbox.official_account.system import OfficialAccounts
from sandbox.people import PEOPLE, Person, is_known, person


class AccountControl:
    """Endpoints; an account is named by its code in the sandbox, a person by the openid at the first account."""

    def __init__(self, system: OfficialAccounts, acting: Acting, pusher: Pusher) -> None:
        self._system, self._acting, self._pusher = system, acting, pusher

    def routes(self) -> list[BaseRoute]:
        """Routes under /_sim/official_account."""
        return [
            Route("/accounts", self.accounts, methods=["GET"]),
            Route("/server", self.server, methods=["POST"]),
            Route("/follow", self.follow, methods=["POST"]),
            Route("/followers", self.followers, methods=["POST"]),
            Route("/leave", self.leave, methods=["POST"]),
            Route("/scan", self.scan, methods=["POST"]),
            Route("/write", self.write, methods=["POST"]),
            Route("/picture", self.picture, methods=["POST"]),
            Route("/agree", self.agree, methods=["POST"]),
            Route("/refuse", self.refuse, methods=["POST"]),
            Route("/position", self.position, methods=["POST"]),
            Route("/tap", self.tap, methods=["POST"]),
            Route("/messages", self.messages, methods=["GET"]),
            Route("/menu", self.menu, methods=["GET"]),
            Route("/materials", self.materials, methods=["GET"]),
            Route("/codes", self.codes, methods=["GET"]),
            Route("/pushes", self.pushes, methods=["GET"]),
            Route("/pushes/send", self.send, methods=["POST"]),
            Route("/calls", self.calls, methods=["GET"]),
            Route("/tokens/end", self.end_tokens, methods=["POST"]),
            Route("/sent/finish", self.finish, methods=["POST"]),
            Route("/jssdk", self.check_page, methods=["POST"]),
        ]

    async def accounts(self, request: Request) -> Response:
        """GET accounts: code, appid, where pushes go, people with their openids here; no secrets."""
        told = []
        for account in self._system.accounts:
            url, mode = self._system.server_of(account)
            people = [
                {"openid": account.openid(one), "name": one.name, "person": one.openid} for one in PEOPLE
            ]
            told.append(
                {"code": account.code, "name": account.name, "appid": account.appid, "server": url,
                 "push_mode": mode, "people": people}
            )  # fmt: skip
        return JSONResponse({"accounts": told})

    async def server(self, request: Request) -> Response:
        """POST server {account, url, push_mode?}: the console saves an address that greets back."""
        data = await asked(request)
        account, url = self._account(data), data.text("url")
        mode = data.choice("push_mode", account.push_mode, ("plain", "both", "aes"))
        if not await self._pusher.greet(account, url):
            raise ControlError("TOKEN_FAILED", "token 验证失败", 409)
        with self._system.store.transaction() as db:
            db.execute("INSERT OR REPLACE INTO oa_servers VALUES (?, ?, ?)", (account.appid, url, mode))
        return JSONResponse({"server": url, "push_mode": mode})

    async def follow(self, request: Request) -> Response:
        """POST follow {account?, person?}."""
        data = await asked(request)
        account = self._account(data)
        return self._pushed(await self._acting.follow(account, account.openid(self._person(data))))

    async def followers(self, request: Request) -> Response:
        """POST followers {count, account?}: so many strangers follow, before the platform was there to be told."""
        data = await asked(request)
        account, count = self._account(data), data.whole("count", 1, least=1, most=5000)
        since = self._system.clock.now() - 86_400
        rows = [
            (account.appid, f"oStranger{number:019d}", 1, since, "", "ADD_SCENE_SEARCH")
            for number in range(count)
        ]
        with self._system.store.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO oa_followers (appid, openid, following, since, scene, way)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
        return JSONResponse({"followers": count})

    async def leave(self, request: Request) -> Response:
        """POST leave {account?, person?}."""
        data = await asked(request)
        account = self._account(data)
        return self._pushed(await self._acting.leave(account, account.openid(self._person(data))))

    async def scan(self, request: Request) -> Response:
        """POST scan {content, person?}: what is in the code (its url or ticket)."""
        data = await asked(request)
        who = self._person(data)
        account, number = await self._acting.scan(lambda one: one.openid(who), data.text("content"))
        return JSONResponse({"account": account.code, "push": number})

    async def write(self, request: Request) -> Response:
        """POST write {text, account?, person?}."""
        data = await asked(request)
        account = self._account(data)
        openid = account.openid(self._person(data))
        return self._pushed(await self._acting.write(account, openid, data.text("text")))

    async def picture(self, request: Request) -> Response:
        """POST picture {url?, account?, person?}."""
        data = await asked(request)
        account = self._account(data)
        openid = account.openid(self._person(data))
        url = data.text("url", "http://mmbiz.qpic.cn/mmbiz_jpg/sandbox/0")
        return self._pushed(await self._acting.send_picture(account, openid, url))

    async def agree(self, request: Request) -> Response:
        """POST agree {template, more?, accept?, account?, person?}: in the window of a page, for one or two."""
        data = await asked(request)
        account = self._account(data)
        templates = [one for one in (data.text("template"), data.text("more")) if one]
        accept = data.choice("accept", "yes", ("yes", "no")) == "yes"
        openid = account.openid(self._person(data))
        return self._pushed(await self._acting.agree(account, openid, templates, accept))

    async def refuse(self, request: Request) -> Response:
        """POST refuse {template, account?, person?}: switched off in WeChat's settings."""
        data = await asked(request)
        account = self._account(data)
        openid = account.openid(self._person(data))
        return self._pushed(await self._acting.refuse(account, openid, data.text("template")))

    async def position(self, request: Request) -> Response:
        """POST position {lng, lat, label?, account?, person?}."""
        data = await asked(request)
        account = self._account(data)
        lng, lat = (
            data.number("lng", 106.577, least=-180, most=180),
            data.number("lat", 29.557, least=-90, most=90),
        )
        openid = account.openid(self._person(data))
        return self._pushed(await self._acting.send_position(account, openid, lng, lat, data.text("label")))

    async def tap(self, request: Request) -> Response:
        """POST tap {top, below?, account?, person?}: the buttons are numbered from 0."""
        data = await asked(request)
        account = self._account(data)
        top, below = data.whole("top", 0, least=0, most=2), data.whole("below", -1, least=-1, most=4)
        leads, number = await self._acting.tap(account, account.openid(self._person(data)), top, below)
        return JSONResponse({"url": leads, "push": number})

    async def messages(self, request: Request) -> Response:
        """GET messages?account=&person=: the talk, the oldest first."""
        account, openid = self._whose(request)
        return JSONResponse({"messages": self._system.talk(account, openid, 500)})

    async def menu(self, request: Request) -> Response:
        """GET menu?account=&person=: the menu that somebody sees."""
        account, openid = self._whose(request)
        return JSONResponse({"button": self._system.menu_for(account, openid)})

    async def materials(self, request: Request) -> Response:
        """GET materials?account=: the permanent pictures of an account, newest first, without their bytes."""
        account, _openid = self._whose(request)
        rows = self._system.store.all(
            "SELECT media_id, name, kind, length(content) AS size FROM oa_materials WHERE appid = ? ORDER BY id DESC",
            account.appid,
        )
        return JSONResponse({"materials": [dict(row) for row in rows]})

    async def codes(self, request: Request) -> Response:
        """GET codes: all codes with a scene, newest first."""
        rows = self._system.store.all("SELECT * FROM oa_codes ORDER BY rowid DESC LIMIT 500")
        return JSONResponse({"codes": [dict(row) for row in rows]})

    async def pushes(self, request: Request) -> Response:
        """GET pushes: what was sent to the platform, newest first, with its tries."""
        rows = self._system.store.all("SELECT * FROM oa_pushes ORDER BY id DESC LIMIT 500")
        return JSONResponse({"pushes": [{**dict(row), "tries": json.loads(row["tries"])} for row in rows]})

    async def send(self, request: Request) -> Response:
        """POST pushes/send {id, copies?}: the same push again, at once; what each copy came to."""
        data = await asked(request)
        number, copies = data.whole("id", 0, least=0, most=2**31), data.whole("copies", 1, least=1, most=20)
        return JSONResponse({"tries": await self._pusher.send(number, copies)})

    async def calls(self, request: Request) -> Response:
        """GET calls?operation=: calls of the interface, newest first, with the number they were answered with."""
        operation = request.query_params.get("operation", "")
        rows = self._system.store.all(
            "SELECT * FROM oa_calls WHERE operation = ? OR ? = '' ORDER BY id DESC LIMIT 500",
            operation,
            operation,
        )
        return JSONResponse({"calls": [dict(row) for row in rows]})

    async def end_tokens(self, request: Request) -> Response:
        """POST tokens/end: as if somebody else had fetched a token: all that are known end."""
        with self._system.store.transaction() as db:
            ended = db.execute("UPDATE oa_tokens SET dead = 1 WHERE dead = 0").rowcount
        return JSONResponse({"ended": ended})

    async def finish(self, request: Request) -> Response:
        """POST sent/finish {status?}: tell the platform what became of the messages of which it was not told."""
        status = (await asked(request)).text("status", "success")
        return JSONResponse({"told": await self._pusher.tell_finished(status)})

    async def check_page(self, request: Request) -> Response:
        """POST jssdk {appId, timestamp, nonceStr, signature, url}: what WeChat's browser says to `wx.config`."""
        data = await asked(request)
        account = self._system.by_appid(data.text("appId"))
        if account is None:
            return JSONResponse({"errMsg": "config:invalid appid"})
        stamp, page = data.whole("timestamp", 0, least=0, most=2**40), data.text("url").split("#", 1)[0]
        text = (
            f"jsapi_ticket={self._system.ticket_of(account)}&noncestr={data.text('nonceStr')}"
            f"&timestamp={stamp}&url={page}"
        )
        good = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest() == data.text("signature")
        return JSONResponse({"errMsg": "config:ok" if good else "config:invalid signature"})

    def _pushed(self, number: int) -> Response:
        return JSONResponse({"push": number})

    def _account(self, data: Asked) -> Account:
        return self._system.by_code(data.text("account"))

    def _person(self, data: Asked) -> Person:
        return _person_of(data.text("person"))

    def _whose(self, request: Request) -> tuple[Account, str]:
        account = self._system.by_code(request.query_params.get("account", ""))
        return account, account.openid(_person_of(request.query_params.get("person", "")))


def _person_of(openid: str) -> Person:
    if openid and not is_known(openid):
        raise ControlError("NO_SUCH_PERSON", "没有这个人", 404)
    return person(openid)


def summary_of(system: OfficialAccounts) -> dict[str, Any]:
    """What the first page shows."""
    followers = system.store.one("SELECT count(*) AS n FROM oa_followers WHERE following = 1")
    pushes = system.store.one("SELECT count(*) AS n FROM oa_pushes")
    return {
        "accounts": [{"code": one.code, "name": one.name, "appid": one.appid} for one in system.accounts],
        "followers": followers["n"] if followers else 0,
        "pushes": pushes["n"] if pushes else 0,
    }
