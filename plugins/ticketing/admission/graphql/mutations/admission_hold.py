"""``admissionHold``: tickets are held for a while; paid by putting the hold into a basket or checkout."""

from __future__ import annotations

from datetime import date
from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _
from saleor.graphql.core.scalars import Decimal

from plugins.members.interfaces import device_of
from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.access import SELL
from plugins.ticketing.kernel.errors import PriceRose
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.holding import seats_of
from plugins.ticketing.kernel.services.reach import own_mobile, typed
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError

from ...errors import AdmissionError
from ...errors import AdmissionErrorCode as Code
from ...services.selling import hold_admission
from ...services.terms import Named, by_names
from ...services.wishing import Ask
from ..errors import channel_of, errors_field, errors_of, key_of
from ..finding import own_order
from ..inputs import AdmissionMailInput, AdmissionTicketInput, mail_of, tickets_of


class AdmissionHold(graphene.Mutation):
    """The same key again is the same hold; nothing is charged."""

    number = graphene.String(description="票务订单号；放入购物车、查询、释放都用它")
    state = graphene.String(description="held：已占座，等待支付；holding：供应商还没答复，稍后再查")
    held_until = graphene.DateTime(description="支付截止；过时自动释放")
    total = graphene.Field(Decimal, description="应付合计（元）；因涨价被拒绝（PRICE_CHANGED）时是现在的合计")
    seats = graphene.List(
        graphene.NonNull(graphene.String), description="座位，按票的顺序；不对号入座的为空文字"
    )
    errors = errors_field()

    class Arguments:
        key = graphene.String(required=True, description="请求号，8–64 位字母数字；同一请求号只占一次")
        product = graphene.String(required=True, description="产品代码")
        session = graphene.ID(description="场次；按场次卖的必填")
        slot = graphene.ID(description="时段；分时预约的必填")
        day = graphene.Date(description="日期；指定日的票必填")
        tickets = graphene.List(
            graphene.NonNull(AdmissionTicketInput), required=True, description="要买的票，一张一项"
        )
        contact = graphene.String(description="联系人", default_value="")
        mobile = graphene.String(
            required=True,
            description="联系手机，取票信息发到这里；会员留空就用本人的首选手机；改签时留空，就用原订单的联系人和手机",
        )
        device = graphene.String(description="设备标识；按设备限购的产品必填", default_value="")
        most_total = Decimal(
            description="页面上显示、买家同意的合计（元）；现在更贵的拒绝（PRICE_CHANGED），不占座"
        )
        waiting = graphene.ID(description="缺货登记或中签：用为您保留的票下单")
        proof = graphene.String(description="安全验证的答案；要求验证的产品网上占票必填", default_value="")
        mail_to = AdmissionMailInput(description="收件地址；邮寄纸票的票类必填")
        instead_of = graphene.String(
            description="改签时填原票务订单号：占的票用来换它的票，同样的观众，不能单独购买"
        )
        token = graphene.String(description="改签、未登录购票的，填原订单凭据")

    class Meta:
        description = "门票、演出票占座：登录会员、访客在网上，员工在本机构柜台。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, key: str, product: str, tickets: list[Any], mobile: str, contact: str = "",
        session: str | None = None, slot: str | None = None, day: date | None = None, device: str = "",
        waiting: str | None = None, instead_of: str = "", most_total: Any = None, proof: str = "",
        mail_to: dict[str, Any] | None = None, token: str = "",
    ) -> AdmissionHold:  # fmt: skip
        """Errors come back in ``errors``."""
        user = info.context.user
        channel = channel_of(info)
        staff = user if channel == "counter" else None
        try:
            before = own_order(user, instead_of, token or "") if instead_of else None
            if before is not None and not mobile.strip():
                contact, mobile = before.contact, before.mobile
            elif staff is None and not mobile.strip():
                mobile = own_mobile(user)
                if not mobile:
                    raise AdmissionError(
                        Code.INVALID, _("请填写联系手机"), "mobile", _("门票和取票信息发到这个手机")
                    )

            def held(named: Named) -> TicketOrder:
                return hold_admission(
                    Ask(
                        product=named.product, tickets=tickets_of(user, tickets, named.classes, day or today(), before),
                        channel=channel, session=key_of(session, "session") if session else None,
                        slot=key_of(slot, "slot") if slot else None, day=day, contact=typed(contact, 60),
                        mobile=typed(mobile, 20), most_total=most_total, mail_to=mail_of(mail_to),
                    ),
                    key=key,
                    user=user if staff is None and user.is_authenticated else None,
                    unit=desk_of(staff, SELL) if staff is not None else None,
                    made_by=staff,
                    device=device_of(info.context, device or "").index,
                    waiting=key_of(waiting, "waiting") if waiting else None,
                    instead_of=before,
                    proof=proof or "",
                    named=named,
                )  # fmt: skip

            order = by_names(typed(product, 40), {str(one["ticket_class"]) for one in tickets}, held)
        except DomainError as error:
            return cls(errors=errors_of(error), total=error.total if isinstance(error, PriceRose) else None)
        return cls(
            number=order.number, state=order.state, held_until=order.held_until, total=order.total,
            seats=seats_of(order), errors=[],
        )  # fmt: skip
