"""Templates of messages are entered, as they stand in WeChat's console."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import lock_rows

from .. import audits
from ..errors import Code, OfficialAccountError
from ..models import Account, MessageKind, MessageTemplate, Occasion
from ..permissions import CONTENT, require_at

#: What of an order, of tickets, of points or of a car can stand in a message.
WORDS: dict[str, Text] = {
    "number": gettext_lazy("订单号"),
    "goods": gettext_lazy("商品"),
    "amount": gettext_lazy("金额"),
    "time": gettext_lazy("时间"),
    "code": gettext_lazy("取货码，没有时为订单号；门票的入场码"),
    "title": gettext_lazy("活动、门票名称"),
    "text": gettext_lazy("活动内容（会员活动）"),
    "points": gettext_lazy("积分"),
    "date": gettext_lazy("到期日"),
    "left": gettext_lazy("还有几天"),
    "plate": gettext_lazy("车牌（掩码）"),
    "what": gettext_lazy("年检或交强险；退票、改签、保险的结果"),
    "note": gettext_lazy("退票、改签结果的说明"),
    "trip": gettext_lazy("汽车线路和班次"),
    "count": gettext_lazy("张数"),
    "pick": gettext_lazy("取票方式"),
    "leaves": gettext_lazy("新的发车时间"),
    "where": gettext_lazy("发票在哪里查收"),
    "days": gettext_lazy("门票有效期"),
    "was": gettext_lazy("原场次时间"),
    "when": gettext_lazy("场次时间"),
    "until": gettext_lazy("最晚何时决定"),
}
FIELDS = ("occasion", "kind", "template_id", "fields", "link_url", "is_active")
_KEYWORD = re.compile(r"[a-z_]{1,24}[0-9]{0,2}")


def read_fields(text: str) -> dict[str, str]:
    """`thing1=goods` a line. Raises OfficialAccountError INVALID."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        keyword, _sign, word = (part.strip() for part in line.partition("="))
        if not _KEYWORD.fullmatch(keyword) or word not in WORDS:
            raise OfficialAccountError(
                Code.INVALID, _("“%(line)s”不对") % {"line": line[:40]}, "keywords",
                _("每行一个：模板里的字段=%(words)s") % {"words": "、".join(WORDS)},
            )  # fmt: skip
        found[keyword] = word
    if not found:
        raise OfficialAccountError(Code.INVALID, _("请填写模板的字段"), "keywords")
    return found


def untold(account: Account) -> list[str]:
    """Occasions of which the account says nothing, as people call them: no template is in use. One statement."""
    told = set(account.templates.filter(is_active=True).values_list("occasion", flat=True))
    return [str(label) for value, label in Occasion.choices if value not in told]


@transaction.atomic
def save_template(
    user: Any, account_pk: int, values: dict[str, Any], template_pk: int | None = None
) -> MessageTemplate:
    """Write a template of an account, or change one. `values`: :data:`FIELDS`, `fields` as text. Locks: the account.

    Raises NotAllowed, OfficialAccountError INVALID, KEYWORD_TAKEN, LockTimeout.
    """
    [account] = lock_rows(Account.objects.filter(pk=account_pk).select_related("unit"), no_key=True)
    require_at(user, CONTENT, account.unit)
    row = (
        MessageTemplate(account=account)
        if template_pk is None
        else lock_rows(account.templates.filter(pk=template_pk))[0]
    )
    before = audit.snapshot(row, FIELDS) if template_pk else {}
    row.occasion, row.is_active = values.get("occasion", ""), bool(values.get("is_active"))
    row.template_id, row.link_url = values.get("template_id", "").strip(), values.get("link_url", "").strip()
    row.kind = values.get("kind") or MessageKind.TEMPLATE
    row.fields, row.result = read_fields(values.get("fields", "")), ""
    if row.kind not in MessageKind.values:
        raise OfficialAccountError(Code.INVALID, _("没有这种消息"), "kind")
    if row.occasion not in Occasion.values or not re.fullmatch(r"[0-9A-Za-z_-]{8,64}", row.template_id):
        raise OfficialAccountError(
            Code.INVALID, _("模板 ID 不完整"), "template_id", _("请从微信公众平台“模板消息”复制")
        )
    if row.link_url and urlsplit(row.link_url).scheme not in ("http", "https"):
        raise OfficialAccountError(Code.INVALID, _("请填写以 https:// 开头的完整网址"), "link_url")
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise OfficialAccountError(
            Code.KEYWORD_TAKEN, _("这个场合已经有同类的模板"), "occasion", _("请修改原来那个")
        ) from error
    audit.record(audits.TEMPLATE_SAVED, row, before=before, after=audit.snapshot(row, FIELDS))
    return row
