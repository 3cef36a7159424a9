"""What the member's page shows of WeChat: the accounts that are followed, and what was told by them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, link
from saleor_o2o.backoffice.customers import MOST, register_customer_part
from saleor_o2o.kernel.scope import policy_for, rows_for

from .models import Fan, Sending
from .permissions import FAN_VIEW, VIEW


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_part("official_account.fans", _fans)
    register_customer_part("official_account.sendings", _sendings)


def _fans(request: HttpRequest, user: Any) -> Table | None:
    """Accounts that the member follows or has followed; one statement. None for whoever may not see followers."""
    asker: Any = request.user
    if not policy_for(Fan).may(asker, FAN_VIEW, Fan):
        return None
    rows = rows_for(asker, Fan).filter(user=user).select_related("account", "first_code").order_by("-pk")
    return Table(
        "公众号",
        ("粉丝", "公众号", "关注中", "首次关注", "取消关注", "最近互动", "来自二维码"),
        [
            (link("o2o_official_account_fan", one.pk, one.called), one.account.name, "✓" if one.is_following else "",
             at(one.followed_at), at(one.left_at), at(one.seen_at), one.first_code.name if one.first_code else "—")
            for one in rows[:MOST]
        ],
    )  # fmt: skip


def _sendings(request: HttpRequest, user: Any) -> Table | None:
    """The newest messages by template, without their words; one statement. None for whoever may not see them."""
    asker: Any = request.user
    if not policy_for(Sending).may(asker, VIEW, Sending):
        return None
    rows = (
        rows_for(asker, Sending).filter(fan__user=user).select_related("template", "account").order_by("-pk")
    )
    return Table(
        "公众号消息",
        ("时间", "公众号", "消息", "状态", "结果"),
        [
            (at(one.created_at), one.account.name, link("o2o_official_account_sending", one.pk,
             one.template.get_occasion_display()), one.get_state_display(), one.result or "—")
            for one in rows[:MOST]
        ],
    )  # fmt: skip
