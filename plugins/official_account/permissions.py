"""What may be permitted with official accounts, and whose the rows are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, declare, may_at, register_secret, scoped
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.scope import NotAllowed

VIEW = "official_account.view"
MANAGE = "official_account.manage"
CONTENT = "official_account.content"
PUBLISH = "official_account.publish"
EXPORT = "official_account.export"
CODE_VIEW, CODE_MAKE = "wechat_code.view", "wechat_code.make"
FAN_VIEW, FAN_EDIT = "wechat_fan.view", "wechat_fan.edit"
TALK_VIEW, TALK_ANSWER = "wechat_talk.view", "wechat_talk.answer"


def install() -> None:
    """Declare and register; called once when the app is ready."""
    from . import models

    declare(
        "official_account",
        _("公众号"),
        {
            "view": _("查看"),
            "manage": _("账号与密钥"),
            "content": _("编辑自动回复和菜单"),
            "publish": _("发布菜单"),
            "export": _("导出报表"),
        },
    )
    declare("wechat_fan", _("公众号粉丝"), {"view": _("查看"), "edit": _("备注、标签、同步")})
    declare("wechat_talk", _("公众号客服对话"), {"view": _("查看"), "answer": _("回复")})
    declare("wechat_code", _("公众号二维码"), {"view": _("查看与打印"), "make": _("生成与停用")})
    scoped(models.Account, "official_account", unit="unit")
    for hanging in (
        models.Reply, models.Menu, models.Push, models.MessageTemplate, models.Sending, models.Material,
        models.AccountDay, models.ClickDay,
    ):  # fmt: skip
        scoped(hanging, "official_account", unit="account__unit")
    scoped(models.Fan, "wechat_fan", rows=_fans())
    for kept in (models.Tag, models.Crawl):
        scoped(kept, "wechat_fan", unit="account__unit")
    for borne in (models.FanTag, models.Consent):
        scoped(borne, "wechat_fan", rows=_fans("fan__"))
    scoped(models.Talk, "wechat_talk", rows=_fans())
    scoped(models.TalkMessage, "wechat_talk", rows=_fans("fan__"))
    scoped(models.SceneCode, "wechat_code", unit="unit")
    scoped(models.SceneDay, "wechat_code", unit="code__unit")
    register_secret(models.Account, MANAGE, _console)


def _fans(before: str = "") -> Callable[[Any], Q]:
    """Followers of the accounts in reach, and those who came by a code in reach: a county's own at the city's account.

    `before`: the way to the follower, for rows that hang on one.
    """

    def rows(reach: Any) -> Q:
        return reach.on_units(f"{before}account__unit") | reach.on_units(f"{before}first_code__unit")

    return rows


def _console(account: Any) -> list[tuple[Text, str]]:
    """What is pasted into WeChat's console; the AppSecret is known there and shown nowhere."""
    from .configuration import server_address

    return [
        (_("服务器地址(URL)"), server_address(account.code)),
        (_("令牌(Token)"), account.token),
        (_("消息加解密密钥(EncodingAESKey)"), account.aes_key or "—"),
        (_("消息加解密方式"), account.get_push_mode_display()),
    ]


def require_at(user: Any, permission: str, unit: OrgUnit) -> None:
    """Raise NotAllowed unless the user may do this at the unit."""
    if not may_at(user, permission, unit):
        raise NotAllowed
