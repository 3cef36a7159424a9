"""``coachHold``: seats of a bus are held for a while; paid by putting the hold into a basket or checkout."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _
from saleor.graphql.core.scalars import Decimal

from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.access import SELL
from plugins.ticketing.kernel.services.reach import own_mobile, typed_key
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.pace import asker_of

from ...selectors.places import those_named
from ...services.selling import Ask, hold_seats
from ..finding import own_order
from ..inputs import MOST, CoachPassengerInput, riders_of
from ..types import channel_of, errors_field, errors_of, invalid


class CoachHold(graphene.Mutation):
    """The same key again is the same hold; nothing is charged."""

    number = graphene.String(description="票务订单号；放入购物车、查询、释放都用它")
    state = graphene.String(description="held：已占座，等待支付；holding：客票网还没答复，稍后再查")
    held_until = graphene.DateTime(description="支付截止；过时座位自动释放")
    total = graphene.Field(Decimal, description="应付合计（元）")
    seats = graphene.List(graphene.NonNull(graphene.String), description="座位号，按乘客顺序；流水班为空文字")
    errors = errors_field()

    class Arguments:
        key = graphene.String(required=True, description="请求号，8–64 位字母数字；同一请求号只占一次座")
        shift = graphene.ID(required=True, description="班次标识")
        goal = graphene.String(required=True, description="到站代码")
        passengers = graphene.List(
            graphene.NonNull(CoachPassengerInput), required=True, description="乘客；携童儿童排在成人之后"
        )
        contact = graphene.String(description="联系人", default_value="")
        mobile = graphene.String(
            required=True,
            description="联系手机，取票信息发到这里；会员留空就用本人的首选手机；改签时留空，就用原订单的联系人和手机",
        )
        most_total = Decimal(
            description="最多接受的合计（元），填页面上显示的；超过的不占座。不填则按占座那一刻首选客票网的价格"
        )
        seats = graphene.List(
            graphene.NonNull(graphene.String),
            description="想要的座位号，按乘客顺序（携童不计）；已被他人选走时由客票网另排，以返回的座位为准",
        )
        instead_of = graphene.String(description="改签时填原票务订单号：占的座用来换它的票，同样的乘客")
        token = graphene.String(description="改签、未登录购票的，填原订单凭据")

    class Meta:
        description = "汽车票占座：登录会员、访客在网上，员工在本机构柜台。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, key: str, shift: str, goal: str, passengers: list[Any], mobile: str,
        contact: str = "", most_total: Any = None, seats: list[str] | None = None, instead_of: str = "",
        token: str = "",
    ) -> CoachHold:  # fmt: skip
        """Errors come back in ``errors``."""
        user = info.context.user
        channel = channel_of(info)
        staff = user if channel == "counter" else None
        try:
            place = next((one for one in those_named(goal[:40]) if one.code == goal.strip().upper()), None)
            if place is None:
                raise invalid(_("请选择到站"), "goal")
            before = own_order(user, instead_of, SELL, token or "") if instead_of else None
            if before is not None and not mobile.strip():
                contact, mobile = before.contact, before.mobile
            elif staff is None and not mobile.strip():
                mobile = own_mobile(user)
            order = hold_seats(
                Ask(
                    shift_day=typed_key(shift),
                    goal=place.pk, riders=riders_of(user, passengers, before), contact=contact[:60], mobile=mobile[:20],
                    key=key, channel=channel, most_total=most_total,
                    seats=(seats or [])[:MOST], instead_of=before,
                ),
                user=user if staff is None and user.is_authenticated else None,
                unit=desk_of(staff, SELL) if staff is not None else None,
                made_by=staff,
                asker=asker_of(info.context),
            )  # fmt: skip
        except DomainError as error:
            return cls(errors=errors_of(error))
        tickets = order.tickets.order_by("pk")
        return cls(
            number=order.number, state=order.state, held_until=order.held_until, total=order.total,
            seats=[one.seat for one in tickets], errors=[],
        )  # fmt: skip
