"""Fans lead to the account that stays when two of one person become one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import register_customer_erasure, register_customer_move

from .models import Fan, Sending, SendingState


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("official_account", _move, _("公众号粉丝"))
    register_customer_erasure("official_account", _cut)


def _move(old: Any, new: Any) -> int:
    return int(Fan.objects.filter(user=old).update(user=new))


def _cut(user: Any) -> int:
    """A closed account is nobody's here, and nobody's words about it stay.

    A follower's row stays known by its openid while WeChat counts it among the followers: it names no person of ours.
    Of one who has left the account, the openid and the unionid go, too.
    """
    rows = Fan.objects.filter(user=user)
    Sending.objects.filter(fan__in=rows).exclude(state=SendingState.WAITING).update(values={})
    gone = 0
    for fan in rows.filter(is_following=False):
        # the index is unique and must stay so: of a value that nobody can have
        fan.openid, fan.openid_index = "", f"gone:{fan.pk}"
        fan.unionid, fan.unionid_index = "", ""
        fan.save(update_fields=["openid", "openid_index", "unionid", "unionid_index"])
        gone += 1
    return int(rows.update(user=None, remark="")) + gone
