"""Where paper tickets are posted to: told when they are held, kept with the order, forgotten with its buyer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import same_mobile
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.trades import Want
from saleor_o2o.kernel.clock import SHANGHAI, today
from saleor_o2o.kernel.locks import require_transaction
from saleor_o2o.kernel.money import split

from ..choices import ExchangeMode
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import Mailing, TicketClass
from ..pricing import posted_until

#: Working hours of the post end then: what is posted later leaves on the next day.
POST_CLOSES = time(17, 0)
#: So long before the visit tickets have to be on their way.
ON_THE_WAY = timedelta(days=2)
_MOBILE = re.compile(r"1\d{10}")


@dataclass(frozen=True, slots=True)
class MailTo:
    """Who gets the letter. `area`: province, city, district; `street`: the rest."""

    name: str = field(repr=False)
    mobile: str = field(repr=False)
    area: str
    street: str = field(repr=False)


def by_mail(kinds: Sequence[TicketClass]) -> bool:
    """Whether tickets of these classes are posted. Raises INVALID for such and others in one order."""
    ways = {kind.exchange_mode == ExchangeMode.PAPER_MAIL for kind in kinds}
    if len(ways) > 1:
        raise AdmissionError(Code.INVALID, _("纸票邮寄的票不能与其他票一起买"), "tickets", _("请分开下单"))
    return ways == {True}


def last_to_order(kinds: Sequence[TicketClass], starts_at: datetime) -> datetime:
    """Until when tickets by post are sold: the earliest of these classes."""
    return min(posted_until(kind, starts_at.astimezone(SHANGHAI).date()) for kind in kinds)


def check_to(to: MailTo | None) -> MailTo:
    """An address that a letter reaches. Raises ADDRESS_NEEDED without one, INVALID for one that is none."""
    if to is None:
        raise AdmissionError(
            Code.ADDRESS_NEEDED, _("这种票邮寄纸票，请填写收件地址"), "mailTo", _("请选择或新增收件地址")
        )
    told = MailTo(
        to.name.strip(), same_mobile(to.mobile), " ".join(to.area.split()), " ".join(to.street.split())
    )
    if not 2 <= len(told.name) <= 40:
        raise AdmissionError(Code.INVALID, _("请填写收件人姓名"), "mailTo", _("请核对收件地址"))
    if not _MOBILE.fullmatch(told.mobile):
        raise AdmissionError(Code.INVALID, _("收件人手机号不正确"), "mailTo", _("请填写 11 位手机号"))
    if not 2 <= len(told.area) <= 60 or not 3 <= len(told.street) <= 120:
        raise AdmissionError(
            Code.INVALID, _("收件地址不完整"), "mailTo", _("请填写省市区和详细地址，如街道、门牌号")
        )
    return told


def with_postage(wants: Sequence[Want], kinds: Sequence[TicketClass]) -> list[Want]:
    """The postage of an order, shared over its tickets to the fen as their service fee; yuan."""
    postage = max((kind.postage for kind in kinds), default=Decimal(0))
    if not postage:
        return list(wants)
    shares = split(postage, [1] * len(wants))
    return [
        replace(want, service=want.service + share, price=want.price + share)
        for want, share in zip(wants, shares, strict=True)
    ]


def keep(order: TicketOrder, to: MailTo) -> Mailing:
    """Write down where an order that is being held goes; in its transaction."""
    require_transaction()
    day = max((order.starts_at - ON_THE_WAY).astimezone(SHANGHAI).date(), today() + timedelta(days=1))
    return Mailing.objects.create(
        ticket_order=order, name=to.name, mobile=to.mobile, area=to.area, street=to.street,
        send_by=datetime.combine(day, POST_CLOSES, tzinfo=SHANGHAI),
    )  # fmt: skip


def forget(user: Any) -> int:
    """Addresses of somebody who is forgotten, also where his orders were already. Twice is harmless."""
    gone = Q(ticket_order__user=None, ticket_order__mobile_index="")
    rows = Mailing.objects.filter(Q(ticket_order__user=user.pk) | gone).exclude(area="")
    return int(rows.update(name="", mobile="", area="", street=""))
