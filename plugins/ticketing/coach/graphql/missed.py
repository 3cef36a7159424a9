"""``coachLaterBuses``: on which later buses of the day whoever missed his can go, and what each comes to."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _
from saleor.graphql.core.scalars import Decimal

from plugins.ticketing.kernel.access import REFUND
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.pace import asker_of, retry_after

from ..errors import CoachError, TooOften
from ..errors import CoachErrorCode as Code
from ..services.missing import Later, later_buses, of_passengers
from .finding import own_order
from .types import errors_field, errors_of

#: Questions of one asker in a minute: each may ask a network.
PACE = 12


class CoachLaterFeeType(graphene.ObjectType):
    """What a passenger's ticket comes to on a later bus."""

    ticket = graphene.String(required=True, description="票号")
    allowed = graphene.Boolean(required=True, description="能否办理")
    fee = graphene.Field(Decimal, required=True, description="手续费（元）")
    to_pay = graphene.Field(Decimal, required=True, description="应补（元）")
    back = graphene.Field(Decimal, required=True, description="应退（元）")
    words = graphene.List(graphene.NonNull(graphene.String), required=True, description="计费说明")

    class Meta:
        name = "CoachLaterFee"


class CoachLaterBusType(graphene.ObjectType):
    """A later bus of the same day and line."""

    id = graphene.ID(required=True, description="班次标识")
    number = graphene.String(required=True, description="班次号")
    departs = graphene.DateTime(required=True, description="发车时间")
    left = graphene.Int(description="余票；未知为空")
    fees = graphene.List(graphene.NonNull(CoachLaterFeeType), required=True, description="每张票的费用")

    class Meta:
        name = "CoachLaterBus"

    @staticmethod
    def of(later: Later, tickets: list[Ticket]) -> CoachLaterBusType:
        """A later bus for these tickets."""
        fees = [(one, later.fees[one.pk]) for one in tickets]
        return CoachLaterBusType(
            id=later.bus.shift_day.pk, number=later.bus.shift_day.shift.number, departs=later.bus.shift_day.departs,
            left=later.option.left,
            fees=[
                CoachLaterFeeType(
                    ticket=one.number, allowed=fee.allowed, fee=fee.fee, to_pay=fee.to_pay, back=fee.back,
                    words=list(fee.words),
                )
                for one, fee in fees
            ],
        )  # fmt: skip


class CoachLaterBusesType(graphene.ObjectType):
    """What can be done about a missed bus."""

    buses = graphene.List(
        graphene.NonNull(CoachLaterBusType), required=True, description="当日后面的班次，先开的在前"
    )
    errors = errors_field()

    class Meta:
        name = "CoachLaterBuses"


class CoachMissedQueries(graphene.ObjectType):
    """Missed buses."""

    coach_later_buses = graphene.Field(
        CoachLaterBusesType, required=True,
        order_number=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        token=graphene.Argument(graphene.String, description="未登录购票的，填订单凭据"),
        description="误班改乘：本人（员工为管辖范围内）的订单，班车开走后当日可以改乘的班次和费用",
    )  # fmt: skip

    @staticmethod
    def resolve_coach_later_buses(
        _root: Any, info: Any, order_number: str, token: str = ""
    ) -> CoachLaterBusesType:
        try:
            order = own_order(info.context.user, order_number, REFUND, token or "")
            if seconds := retry_after("coach.missed", asker_of(info.context), PACE):
                raise TooOften(seconds)
            tickets = of_passengers(order)
            if not tickets:
                raise CoachError(
                    Code.NOT_MISSED, _("没有可以改乘的票"), "tickets", _("已检票、退票或改签的不办理")
                )
            found = later_buses(order, tickets)
        except DomainError as error:
            return CoachLaterBusesType(buses=[], errors=errors_of(error))
        return CoachLaterBusesType(buses=[CoachLaterBusType.of(one, tickets) for one in found], errors=[])
