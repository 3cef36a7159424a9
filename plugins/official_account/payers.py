"""Whoever logged in through WeChat may pay inside WeChat: the cashier is told the openid, the page never sees it."""

from __future__ import annotations

from typing import Any

from plugins.members.interfaces import IdentityKind, live_identities, member_of
from saleor_o2o.cashier.interfaces import Method, register_payer_finder

from .errors import OfficialAccountError
from .pages import account_of_page


def install() -> None:
    """Register; called once when the app is ready."""
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
