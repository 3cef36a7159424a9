"""What is typed to buy coach tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import asking_member, passengers_of
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.kernel.documents import DocumentKind

from ..choices import Fare
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..fares import Rider
from ..services.again import riders_again
from .types import CoachFareEnum

CoachDocumentEnum = enum_of("CoachDocument", DocumentKind)
#: More is read by nobody.
MOST = 30


class CoachPassengerInput(graphene.InputObjectType):
    """Who goes: a frequent passenger of one's own, or name and document."""

    saved_id = graphene.ID(description="本人的常用旅客；填了就不用填姓名和证件")
    name = graphene.String(description="姓名，与证件一致")
    document = CoachDocumentEnum(description="证件类型")
    document_number = graphene.String(
        description="证件号；半票、免票儿童没有证件的可不填，随同行成人的证件，须填姓名和出生日期"
    )
    birth = graphene.Date(description="出生日期；证件号里有的不用填")
    ticket = graphene.String(description="改签：原订单的票号，就是这位乘客，票类不变；填了就不用填姓名和证件")
    fare = CoachFareEnum(required=True, description="票类")
    certificate = graphene.String(description="残疾军人证、伤残人民警察证号（购半票时）")
    by_height = graphene.Boolean(
        description="员工：窗口量过身高（车站按身高售儿童票时）", default_value=False
    )
    mobile = graphene.String(description="手机号")


def riders_of(
    user: Any, told: Sequence[Mapping[str, Any]], instead_of: TicketOrder | None = None
) -> list[Rider]:
    """The passengers as typed; those of tickets are of the order that is changed (`instead_of`).

    Raises CoachError INVALID_INPUT for somebody who is not among one's own.
    """
    if not 1 <= len(told) <= MOST:
        raise CoachError(Code.INVALID_INPUT, _("请添加 1 至 %(most)d 位乘客") % {"most": MOST}, "passengers")
    saved: dict[str, Any] = {}
    if any(one.get("saved_id") for one in told):
        member = asking_member(user)
        saved = {str(one.pk): one for one in passengers_of(member)} if member is not None else {}
    there = _again(instead_of) if any(one.get("ticket") for one in told) else {}
    return [
        _the_same(place, one, there) if one.get("ticket") else _rider(place, one, saved)
        for place, one in enumerate(told)
    ]


def _again(order: TicketOrder | None) -> dict[str, Rider]:
    """Who goes with the tickets of an order that is changed, by their numbers."""
    if order is None:
        return {}
    rows = list(order.tickets.filter(passenger__isnull=False).select_related("passenger", "coach_proof"))
    return dict(zip([one.number for one in rows], riders_again(rows), strict=True))


def _the_same(place: int, told: Mapping[str, Any], there: Mapping[str, Rider]) -> Rider:
    """Whoever goes with a ticket of the order that is changed: documents are typed once only."""
    rider = there.get(str(told["ticket"]).strip().upper())
    if rider is None:
        raise CoachError(
            Code.INVALID_INPUT, _("原订单里没有这张票"), f"passengers.{place}.ticket", _("请回到订单重新选择")
        )
    return rider


def _rider(place: int, told: Mapping[str, Any], saved: Mapping[str, Any]) -> Rider:
    fare = told.get("fare") or Fare.FULL
    more: dict[str, Any] = {
        "fare": fare, "certificate": (told.get("certificate") or "")[:40], "by_height": bool(told.get("by_height")),
    }  # fmt: skip
    if told.get("saved_id"):
        one = saved.get(str(told["saved_id"]))
        if one is None:
            raise CoachError(
                Code.INVALID_INPUT,
                _("没有这位常用旅客"),
                f"passengers.{place}.savedId",
                _("请刷新后重新选择"),
            )
        return Rider(one.name, one.paper, one.number, birth=one.birth, mobile=one.mobile, **more)
    return Rider(
        (told.get("name") or "")[:60], told.get("document") or DocumentKind.ID_CARD,
        (told.get("document_number") or "")[:60], birth=told.get("birth"), mobile=(told.get("mobile") or "")[:20],
        **more,
    )  # fmt: skip
