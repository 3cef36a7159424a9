"""What is typed to buy tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import asking_member, passengers_of
from plugins.ticketing.kernel.passengers import SHOW, Passenger, PassengerType, passenger
from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.kernel.documents import DocumentKind

from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..services.wishing import TicketAsk
from .errors import key_of

AdmissionDocumentEnum = enum_of("AdmissionDocument", DocumentKind)
#: More is read by nobody.
MOST = 50


class AdmissionTicketInput(graphene.InputObjectType):
    """One ticket: its class, a seat, and who comes where names are asked for."""

    ticket_class = graphene.String(required=True, description="票类代码")
    seat = graphene.ID(description="选的座位；都不填由系统选最好的连座")
    saved_id = graphene.ID(description="本人的常用旅客；填了就不用填姓名和证件")
    name = graphene.String(description="姓名，与证件一致；不实名的票不用填")
    document = AdmissionDocumentEnum(description="证件类型")
    document_number = graphene.String(description="证件号")
    birth = graphene.Date(description="出生日期；证件号里有的不用填")
    mobile = graphene.String(description="手机号")


def tickets_of(
    user: Any, told: Sequence[Mapping[str, Any]], known: Mapping[str, int], on: date
) -> list[TicketAsk]:
    """The tickets as typed; `known`: the keys of the product's classes by code.

    Raises AdmissionError COUNT, NOT_FOUND, INVALID, and TicketError for papers.
    """
    if not 1 <= len(told) <= MOST:
        raise AdmissionError(Code.COUNT, _("每单可买 1 至 %(most)d 张") % {"most": MOST}, "tickets")
    saved: dict[str, Any] = {}
    if any(one.get("saved_id") for one in told):
        member = asking_member(user)
        saved = {str(one.pk): one for one in passengers_of(member)} if member is not None else {}
    found = []
    for place, one in enumerate(told):
        if one["ticket_class"] not in known:
            raise AdmissionError(Code.NOT_ON_SALE, _("所选票类不在售"), f"tickets.{place}.ticketClass")
        seat = key_of(one["seat"], f"tickets.{place}.seat") if one.get("seat") else None
        found.append(
            TicketAsk(known[one["ticket_class"]], seat, _person(place, one, saved, on), (one.get("mobile") or "")[:20])
        )  # fmt: skip
    return found


def _person(place: int, told: Mapping[str, Any], saved: Mapping[str, Any], on: date) -> Passenger | None:
    """Who comes; ages are the ticket class's to look at."""
    if told.get("saved_id"):
        one = saved.get(str(told["saved_id"]))
        if one is None:
            raise AdmissionError(
                Code.INVALID, _("没有这位常用旅客"), f"tickets.{place}.savedId", _("请刷新后重新选择")
            )
        return passenger(one.name, one.paper, one.number, PassengerType.ADULT, one.birth, on, SHOW)
    if not told.get("name") and not told.get("document_number"):
        return None
    return passenger(
        (told.get("name") or "")[:60], told.get("document") or DocumentKind.ID_CARD,
        (told.get("document_number") or "")[:60], PassengerType.ADULT, told.get("birth"), on, SHOW,
    )  # fmt: skip
