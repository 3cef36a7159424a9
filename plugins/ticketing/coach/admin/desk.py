"""What the ticket counter asks while the clerk types: JSON in, JSON out, refusals in words with the field at fault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from plugins.members.interfaces import Member, members_by_text, passengers_of
from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.access import SELL
from plugins.ticketing.kernel.admin import counters
from plugins.ticketing.kernel.admin.phones import by_phone
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.parts import joined, with_service, words_of
from plugins.ticketing.kernel.services.reach import typed_key
from saleor_o2o.backoffice.admin import asking
from saleor_o2o.kernel.documents import DocumentKind
from saleor_o2o.kernel.masking import mask_name
from saleor_o2o.kernel.money import parse_yuan
from saleor_o2o.kernel.pace import asker_of
from saleor_o2o.kernel.scope import rows_for

from ..choices import Channel, Fare, SeatState
from ..codes import pick_up
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..fares import Rider
from ..models import Station
from ..selectors.places import goals, those_named
from ..selectors.shifts import Found
from ..services.keeping import begin
from ..services.searching import buses
from ..services.seats import plan_of
from ..services.selling import Ask, hold_seats
from . import desk_changes
from .desk_changes import order_to_change, riders_to_change

Answer = dict[str, Any]
#: Riders that are read.
MOST = 30


def destinations(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Where one gets to from a station, for the page to filter while the clerk types."""
    begin()
    start = those_named(str(typed.get("start") or "")[:40], boards=True)
    return {
        "goals": [
            {"code": one.code, "name": one.name, "initials": one.initials, "pinyin": one.pinyin, "aliases": one.aliases}
            for one in goals(start)
        ]
    }  # fmt: skip


def shifts(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Buses of a day; none said: the first one that may still have some."""
    wanted = str(typed.get("day") or "")
    try:
        day = date.fromisoformat(wanted) if wanted else None
    except ValueError:
        raise CoachError(Code.INVALID_INPUT, _("日期不正确"), "day") from None
    told = buses(asker_of(request), str(typed.get("start") or ""), str(typed.get("goal") or ""), day)
    return {"day": told.day.isoformat(), "shifts": [_bus(one) for one in told.found]}


def seats(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """The seats of a bus; none where the network chooses them."""
    place = Station.objects.filter(code=str(typed.get("goal") or "")[:20]).first()
    plan = plan_of(typed_key(typed.get("shift")), place.pk if place else 0, asker=asker_of(request))
    return {
        "seats": [
            {"number": one, "state": state, "label": _label(state)} for one, state in plan.seats.items()
        ]
    }


def _label(state: str) -> str:
    return str(SeatState(state).label)


def people(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """A member's frequent passengers, masked, by his whole number or mobile; only members in the clerk's reach."""
    member = _member(user, str(typed.get("member") or ""))
    if member is None:
        return {"member": None, "people": []}
    return {
        "member": member.number,
        "people": [
            {
                "id": one.pk,
                "name": mask_name(one.name),
                "document": one.masked,
                "kind": one.get_kind_display(),
            }
            for one in passengers_of(member)
        ],
    }


def hold(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Hold the seats at the clerk's own counter; `insteadOf`: for the tickets of an order that are changed; `phone`:
    for a caller, who pays by a link and gets his tickets by text."""
    unit = desk_of(user, SELL)
    phone = by_phone(user, typed)
    place = Station.objects.filter(code=str(typed.get("goal") or "")[:20], active=True).first()
    if place is None:
        raise CoachError(Code.INVALID_INPUT, _("请选择到站"), "goal")
    told = typed.get("riders")
    wanted = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    if not 1 <= len(wanted) <= MOST:
        raise CoachError(Code.INVALID_INPUT, _("请扫描或输入乘客证件"), "rider")
    instead = str(typed.get("insteadOf") or "")
    before = order_to_change(user, instead) if instead else None
    member = _member(user, str(typed.get("member") or "")) if before is None else None
    saved = {str(one.pk): one for one in passengers_of(member)} if member is not None else {}
    most = str(typed.get("most") or "").strip()
    chosen = typed.get("seats")
    contact, mobile = str(typed.get("contact") or "")[:60], str(typed.get("mobile") or "")[:20]
    if before is not None:
        contact, mobile = contact or before.contact, mobile or before.mobile
    order = hold_seats(
        Ask(
            shift_day=typed_key(typed.get("shift")), goal=place.pk,
            seats=[str(one) for one in chosen[:MOST]] if isinstance(chosen, list) else (),
            riders=riders_to_change(before, wanted) if before is not None else [_rider(one, saved) for one in wanted],
            instead_of=before, contact=contact, mobile=mobile, key=str(typed.get("key") or "")[:64],
            channel=Channel.PHONE if phone else Channel.COUNTER, most_total=parse_yuan(most, "most") if most else None,
        ),
        user=member.user if member is not None else None, unit=unit, made_by=user,
    )  # fmt: skip
    return {"order": as_dict(order, user)}


def _member(user: Any, text: str) -> Member | None:
    """One member in the clerk's reach by a whole number, mobile or card."""
    if len(text.strip()) < 6:
        return None
    found = [one.pk for one in members_by_text(text.strip()[:60])]
    seen = list(rows_for(user, Member).select_related("user").filter(pk__in=found)[:2])
    return seen[0] if len(seen) == 1 else None


def _rider(told: Mapping[str, Any], saved: Mapping[str, Any]) -> Rider:
    fare = str(told.get("fare") or Fare.FULL)
    more: dict[str, Any] = {
        "fare": fare, "certificate": str(told.get("certificate") or "")[:40], "by_height": bool(told.get("byHeight")),
    }  # fmt: skip
    if told.get("saved"):
        one = saved.get(str(told["saved"]))
        if one is None:
            raise CoachError(Code.INVALID_INPUT, _("没有这位常用旅客"), "rider")
        return Rider(one.name, one.paper, one.number, birth=one.birth, **more)
    document = str(told.get("document") or DocumentKind.ID_CARD)
    birth: date | None = None
    if told.get("birth"):
        try:
            birth = date.fromisoformat(str(told["birth"]))
        except ValueError:
            raise CoachError(Code.INVALID_INPUT, _("出生日期不正确"), "rider") from None
    return Rider(
        str(told.get("name") or "")[:60], document, str(told.get("number") or "")[:60], birth=birth, **more
    )


def _bus(found: Found) -> Answer:
    day, shift = found.shift_day, found.shift_day.shift
    leaves = timezone.localtime(day.departs)
    return {
        "id": day.pk, "number": shift.number, "start": found.start.name, "goal": found.goal.name,
        "goalCode": found.goal.code, "departs": f"{leaves:%H:%M}", "flow": shift.flow,
        "last": f"{timezone.localtime(day.last):%H:%M}", "arrives": f"{timezone.localtime(found.arrives):%H:%M}",
        "vehicle": shift.vehicle, "extra": day.extra, "gate": day.gate, "left": found.left,
        "kilometres": found.kilometres,
        "networks": [one.supplier.name for one in found.options],
        "fares": [
            {"fare": fare, "name": str(Fare(fare).label), "price": str(face + service), "service": str(service),
             "parts": joined(with_service(found.made_of(fare), face, service))}
            for fare, face, service in found.fares(Channel.COUNTER)
        ],
        "byHeight": found.start.by_height,
    }  # fmt: skip


def as_dict(order: TicketOrder, user: Any) -> Answer:
    """A ticket order as the counter shows it; people masked. Only who sold them is told how to fetch the tickets."""
    told = order.state == OrderState.ISSUED and order.made_by_id == user.pk
    tickets = list(order.tickets.select_related("passenger").order_by("pk"))
    return {
        "number": order.number, "state": order.state, "stateLabel": order.get_state_display(), "title": order.title,
        "total": str(order.total), "why": order.why,
        "until": timezone.localtime(order.held_until).isoformat() if order.held_until else None,
        "tickets": [
            {
                "number": one.number, "fare": one.fare_name, "price": str(one.price), "seat": one.seat,
                "parts": joined(with_service(words_of(one), one.face, one.service)),
                "name": mask_name(one.passenger.name) if one.passenger else "",
            }
            for one in tickets
        ],
        "pick": [{"label": label, "words": words} for label, words in pick_up(order.pick_code if told else "")],
        "print": reverse("admin:o2o_coach_papersheet_print", args=[order.number]),
    }  # fmt: skip


ASKED: dict[str, asking.Asked] = {
    "goals": destinations, "shifts": shifts, "people": people, "seats": seats, "hold": hold,
    "give_up": counters.give_up(as_dict), "standing": counters.standing(as_dict),
    "change_offer": desk_changes.offer, "change": desk_changes.change, "change_standing": desk_changes.standing,
    "change_give_up": desk_changes.give_up,
}  # fmt: skip


def answer(request: HttpRequest, name: str) -> JsonResponse:
    """Answer one question of the counter (`asking.answer`)."""
    return asking.answer(request, ASKED.get(name), SELL)
