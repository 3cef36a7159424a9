"""What is typed to buy tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import asking_member, passengers_of
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.passengers import SHOW, Passenger, PassengerType, one_of, passenger
from plugins.ticketing.kernel.services.reach import typed
from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.kernel.documents import DocumentKind

from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..services.mailing import MailTo
from ..services.wishing import TicketAsk
from .errors import key_of

AdmissionDocumentEnum = enum_of("AdmissionDocument", DocumentKind)
#: More is read by nobody.
MOST = 50


class AdmissionMailInput(graphene.InputObjectType):
    """Where paper tickets are posted to."""

    name = graphene.String(required=True, description="收件人")
    mobile = graphene.String(required=True, description="收件人手机")
    area = graphene.String(required=True, description="省、市、区县")
    street = graphene.String(required=True, description="详细地址")


def mail_of(told: Mapping[str, Any] | None) -> MailTo | None:
    """The address as typed; the service looks at it."""
    if told is None:
        return None
    return MailTo(
        typed(told["name"], 60),
        typed(told["mobile"], 20),
        typed(told["area"], 80),
        typed(told["street"], 200),
    )


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
    ticket = graphene.String(description="改签：原订单的票号，还是这位观众；填了就不用填姓名和证件")


def tickets_of(
    user: Any, told: Sequence[Mapping[str, Any]], known: Mapping[str, int], on: date,
    instead_of: TicketOrder | None = None,
) -> list[TicketAsk]:  # fmt: skip
    """The tickets as typed; `known`: the keys of the product's classes by code; people of tickets are those of the
    order that is changed (`instead_of`).

    Raises AdmissionError COUNT, NOT_FOUND, INVALID, and TicketError for papers, with the field
    `tickets.<place>.<field>`.
    """
    if not 1 <= len(told) <= MOST:
        raise AdmissionError(Code.COUNT, _("每单可买 1 至 %(most)d 张") % {"most": MOST}, "tickets")
    saved: dict[str, Any] = {}
    if any(one.get("saved_id") for one in told):
        member = asking_member(user)
        saved = {str(one.pk): one for one in passengers_of(member)} if member is not None else {}
    there = _tickets(instead_of) if any(one.get("ticket") for one in told) else {}
    found = []
    for place, one in enumerate(told):
        if one["ticket_class"] not in known:
            raise AdmissionError(Code.NOT_ON_SALE, _("所选票类不在售"), f"tickets.{place}.ticketClass")
        seat = key_of(one["seat"], f"tickets.{place}.seat") if one.get("seat") else None
        if one.get("ticket"):
            person, mobile = _the_same(place, one, there)
        else:
            with one_of("tickets", place, len(told) > 1):
                person = _person(place, one, saved, on)
            mobile = typed(one.get("mobile") or "", 20)
        found.append(TicketAsk(known[one["ticket_class"]], seat, person, mobile))
    return found


def person_of(user: Any, told: Mapping[str, Any], on: date) -> Passenger:
    """One person as typed, or of the asker's own frequent ones. Raises AdmissionError INVALID, TicketError."""
    saved: dict[str, Any] = {}
    if told.get("saved_id"):
        member = asking_member(user)
        saved = {str(one.pk): one for one in passengers_of(member)} if member is not None else {}
    found = _person(0, told, saved, on)
    if found is None:
        raise AdmissionError(Code.INVALID, _("请填写姓名和证件号"), "name", _("与证件一致"))
    return found


def _tickets(order: TicketOrder | None) -> dict[str, Ticket]:
    """The tickets of an order that is changed, by number. One statement."""
    rows = order.tickets.select_related("passenger") if order is not None else ()
    return {one.number: one for one in rows}


def _the_same(
    place: int, told: Mapping[str, Any], there: Mapping[str, Ticket]
) -> tuple[Passenger | None, str]:
    """Who comes with a ticket of the order that is changed, and his number: documents are typed once only."""
    ticket = there.get(str(told["ticket"]).strip().upper())
    if ticket is None:
        raise AdmissionError(
            Code.INVALID, _("原订单里没有这张票"), f"tickets.{place}.ticket", _("请回到订单重新选择")
        )
    one = ticket.passenger
    if one is None:
        return None, ""
    kind = PassengerType(one.type)
    return Passenger(one.name, DocumentKind(one.document), one.document_number, one.birth, kind), one.mobile


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
        typed(told.get("name") or "", 120), told.get("document") or DocumentKind.ID_CARD,
        typed(told.get("document_number") or "", 60), PassengerType.ADULT, told.get("birth"), on, SHOW,
    )  # fmt: skip
