"""Who may pay inside WeChat: whoever logged in through it, and a guest whom WeChat has just named for his payment.

The cashier is told the openid; the page never sees it, a guest's has a sealed pass instead (0148).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from plugins.members.interfaces import IdentityKind, live_identities, member_of
from saleor_o2o.cashier.interfaces import Method, register_payer_finder, register_payer_opener
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import DecryptionError, decrypt, encrypt

from .errors import OfficialAccountError
from .pages import account_of_page

#: So long whom WeChat has named pays without being named again; longest pass that is looked at.
GOOD_FOR, LONGEST = timedelta(hours=1), 600


def install() -> None:
    """Register; called once when the app is ready."""
    register_payer_opener(Method.WECHAT_JSAPI, opened)
    register_payer_finder(Method.WECHAT_JSAPI, openid_of)


def openid_of(user: Any) -> str:
    """The member's openid at the account that speaks on pages (the city's); "" where there is none.

    The merchant accounts are bound to that account at WeChat: a payer is known there by this openid.
    """
    member = member_of(user)
    if member is None:
        return ""
    try:
        appid = account_of_page().appid
    except OfficialAccountError:
        return ""
    known = (one for one in live_identities(member) if one.kind == IdentityKind.OPENID)
    return next((one.value for one in known if one.namespace == appid), "")


def sealed(appid: str, openid: str) -> str:
    """A pass that pays as this openid, for an hour; it says nothing to whoever has it."""
    return encrypt(json.dumps(["payer", appid, openid, int((now() + GOOD_FOR).timestamp())]))


def opened(told: str) -> str:
    """The openid that a pass stands for; "" for anything that we did not seal, or that is over."""
    if len(told) > LONGEST:
        return ""
    try:
        kind, appid, openid, until = json.loads(decrypt(told))
        ours = account_of_page().appid
    except (DecryptionError, OfficialAccountError, ValueError, TypeError):
        return ""
    good = kind == "payer" and appid == ours and until > now().timestamp()
    return str(openid) if good else ""
