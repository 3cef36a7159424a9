"""The official accounts put together for the program."""

from __future__ import annotations

import sqlite3

from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.faults import ANYWHERE, NOTIFY
from sandbox.official_account.acting import Acting
from sandbox.official_account.calls import CALLS, LOGINS
from sandbox.official_account.consent import Consent
from sandbox.official_account.control import AccountControl, summary_of
from sandbox.official_account.datacube import CALLS as CUBE
from sandbox.official_account.gateway import KINDS, endpoint
from sandbox.official_account.keys import ensure_accounts
from sandbox.official_account.phone import AccountPhone
from sandbox.official_account.pushing import KINDS as PUSH_KINDS
from sandbox.official_account.pushing import Pusher
from sandbox.official_account.system import NAME, SCHEMA, TABLES, OfficialAccounts
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import System

SCHEMAS = (SCHEMA,)


def build(settings: Settings, clock: Clock, store: Store) -> System:
    """The official accounts as a system of the program. Makes their secrets when there are none."""
    accounts = ensure_accounts(settings.directory / NAME)
    system = OfficialAccounts(accounts, clock, store, settings.platform_url)
    pusher = Pusher(system)
    acting = Acting(system, pusher)

    return System(
        name=NAME,
        title="微信公众号",
        speaks=(
            "接口：访问凭证、菜单、二维码、粉丝与标签、素材、网页授权、模板消息、订阅通知、客服消息、统计",
            "推送：关注、扫码、菜单、消息，明文与安全模式，5 秒三次",
            "手机：关注、扫码、点菜单、发消息和位置，看回复",
        ),
        routes=[
            *(
                Route(f"/cgi-bin{path}", endpoint(system, name, work), methods=[method])
                for name, (method, path, work) in CALLS.items()
            ),
            *(
                Route(f"/sns{path}", endpoint(system, name, work), methods=[method])
                for name, (method, path, work) in LOGINS.items()
            ),
            *(
                Route(f"/datacube{path}", endpoint(system, name, work), methods=[method])
                for name, (method, path, work) in CUBE.items()
            ),
            Route("/connect/oauth2/authorize", Consent(system).ask, methods=["GET", "POST"]),
        ],
        control=AccountControl(system, acting, pusher).routes(),
        phone=AccountPhone(system, acting).routes(),
        faults={ANYWHERE: KINDS, **dict.fromkeys({**CALLS, **LOGINS, **CUBE}, KINDS), NOTIFY: PUSH_KINDS},
        summary=lambda: summary_of(system),
        facts=lambda told: [
            *((one["name"], one["appid"]) for one in told["accounts"]),
            ("关注中", told["followers"]),
            ("已推送", told["pushes"]),
        ],
        forget=_forget,
        rescale=lambda _db, _factor: None,
        wake=lambda: None,
        start=pusher.start,
        stop=pusher.stop,
    )


def _forget(db: sqlite3.Connection) -> None:
    """People, talks, menus and pushes; the console's address stays, as the secrets do."""
    for table in TABLES:
        if table != "oa_servers":
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
