"""What the ticket counter asks while the clerk types: JSON in, JSON out, refusals in words with the field at fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.access import SELL
from plugins.ticketing.kernel.admin import counters
from plugins.ticketing.kernel.admin.phones import by_phone
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.passengers import SHOW, Passenger, PassengerType, one_of, passenger
from plugins.ticketing.kernel.services.reach import typed as clean
from saleor_o2o.backoffice.admin import asking
from saleor_o2o.kernel.clock import SHANGHAI, today
from saleor_o2o.kernel.documents import DocumentKind
from saleor_o2o.kernel.masking import mask_name
from saleor_o2o.kernel.money import parse_yuan

from ..choices import RealName, SaleChannel, ValidMode
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import AdmissionProduct, TicketClass, Voucher
from ..selectors import ClassLeft, calendar, classes_of, products_shown, sessions_shown, slots_shown
from ..services.selling import hold_admission
from ..services.wishing import Ask, TicketAsk
from ..vouchers.entry import entry_of
from ..vouchers.printing import print_url

Answer = dict[str, Any]
COUNTER = SaleChannel.COUNTER
#: Products that the page is given to filter, and tickets of one sale.
MOST_PRODUCTS, MOST = 300, 50
_ANY = frozenset({ValidMode.ANY_DAY, ValidMode.MULTI})


def on_sale() -> list[Answer]:
    """Products that a counter sells now, for the page to filter while the clerk types. Three statements."""
    rows = products_shown().filter(state="on_sale").order_by("name", "pk")[:MOST_PRODUCTS]
    return [
        {"code": row.code, "name": row.name, "kind": str(row.get_kind_display())}
        for row in rows
        if classes_of(row, COUNTER)
    ]


def times(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """When a product can be visited on a day, with what each class costs and how many are left."""
    row = _product(typed)
    day = _day(typed)
    channel = SaleChannel.PHONE if by_phone(user, typed) else COUNTER
    modes = {one.valid_mode for one in classes_of(row, channel)}
    found: list[Answer] = []
    if ValidMode.SESSION in modes:
        found += [
            _time(
                f"{one.session.starts_at.astimezone(SHANGHAI):%H:%M} {one.session.name}",
                [left for left in one.classes if left.kind.valid_mode == ValidMode.SESSION],
                session=one.session.pk, seated=one.session.seat_map_id is not None,
            )
            for one in sessions_shown(row, channel, first=day)
            if one.session.starts_at.astimezone(SHANGHAI).date() == day
        ]  # fmt: skip
    if ValidMode.SLOT in modes:
        found += [
            _time(f"{one.slot.starts:%H:%M}–{one.slot.ends:%H:%M}", one.classes, slot=one.slot.pk)
            for one in slots_shown(row, day, channel)
        ]
    if ValidMode.DAY in modes:
        found += [
            _time(_("当天"), [left for left in one.classes if left.kind.valid_mode == ValidMode.DAY], day=str(day))
            for one in calendar(row, day, 1, channel)
            if one.day == day
        ]  # fmt: skip
    for kind in classes_of(row, channel):
        if kind.valid_mode in _ANY:
            found.append(_time(_("有效期内任一天"), [ClassLeft(kind, kind.price, MOST, open=True)]))
    return {"times": found}


def hold(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> Answer:
    """Hold tickets at the clerk's own counter, for no more than `most`, the total that he was shown, in yuan; `phone`:
    for a caller, who pays by a link and gets them by text."""
    unit = desk_of(user, SELL)
    channel = SaleChannel.PHONE if by_phone(user, typed) else COUNTER
    mobile = clean(str(typed.get("mobile") or ""), 20)
    if channel == SaleChannel.PHONE and not mobile:
        raise AdmissionError(
            Code.INVALID, _("请填写来电人的手机号"), "mobile", _("付款链接和门票发到这个手机")
        )
    most = str(typed.get("most") or "").strip()
    row = _product(typed)
    kinds = {one.pk: one for one in classes_of(row, channel)}
    day = _day(typed) if typed.get("day") else None
    people = iter(_people(typed, day))
    tickets = _tickets(typed, kinds, people)
    if next(people, None) is not None:
        raise AdmissionError(Code.INVALID, _("证件比票多"), "people", _("请删去多余的证件，或增加张数"))
    order = hold_admission(
        Ask(
            product=row.pk, tickets=tickets, channel=channel, session=_key(typed.get("session")),
            slot=_key(typed.get("slot")), day=day, contact="", mobile=mobile,
            most_total=parse_yuan(most, "most") if most else None,
        ),
        key=clean(str(typed.get("key") or ""), 64), user=None, unit=unit, made_by=user,
    )  # fmt: skip
    return {"order": as_dict(order, user)}


def _product(typed: Mapping[str, Any]) -> AdmissionProduct:
    row = products_shown().filter(code=clean(str(typed.get("product") or ""), 40)).first()
    if row is None:
        raise AdmissionError(Code.NOT_FOUND, _("没有这个产品"), "product", _("请重新选择"))
    return row


def _day(typed: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(str(typed.get("day") or ""))
    except ValueError:
        raise AdmissionError(Code.INVALID, _("日期不正确"), "day", _("例如 2026-12-31")) from None


def _key(value: Any) -> int | None:
    told = str(value or "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None


def _people(typed: Mapping[str, Any], day: date | None) -> list[Passenger]:
    told = typed.get("people")
    wanted = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    found: list[Passenger] = []
    for place, one in enumerate(wanted[:MOST]):
        with one_of("people", place, len(wanted) > 1):
            found.append(
                passenger(
                    clean(str(one.get("name") or ""), 120), str(one.get("document") or DocumentKind.ID_CARD),
                    clean(str(one.get("number") or ""), 60), PassengerType.ADULT, None, day or today(), SHOW,
                )
            )  # fmt: skip
    return found


def _tickets(
    typed: Mapping[str, Any], kinds: Mapping[int, TicketClass], people: Iterator[Passenger]
) -> list[TicketAsk]:
    """A ticket for each that is counted; who comes goes to those that want a name, in the order of the papers."""
    told = typed.get("counts")
    counts = told if isinstance(told, Mapping) else {}
    found: list[TicketAsk] = []
    named: set[int] = set()
    for code, count in counts.items():
        kind = kinds.get(_key(code) or 0)
        if kind is None or not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MOST:
            raise AdmissionError(Code.COUNT, _("张数不正确"), "counts", _("请按票类次序输入张数"))
        for _place in range(count):
            wants = kind.real_name == RealName.EACH or (
                kind.real_name == RealName.ONE and kind.pk not in named
            )
            named.add(kind.pk)
            found.append(TicketAsk(kind.pk, None, next(people, None) if wants else None))
    if not 1 <= len(found) <= MOST:
        raise AdmissionError(
            Code.COUNT, _("请输入张数"), "counts", _("每单最多 %(most)d 张") % {"most": MOST}
        )
    return found


def _time(label: str, classes: Sequence[ClassLeft], **where: Any) -> Answer:
    return {
        "label": label.strip(), **where,
        "classes": [
            {
                "id": one.kind.pk, "name": one.kind.name, "price": str(one.price), "left": one.left,
                "open": one.open and one.left > 0, "names": one.kind.real_name,
            }
            for one in classes
        ],
    }  # fmt: skip


def as_dict(order: TicketOrder, user: Any) -> Answer:
    """A ticket order as the counter shows it; people masked. Only who sold them is told the codes."""
    told = order.state == OrderState.ISSUED and order.made_by_id == user.pk
    vouchers = (
        Voucher.objects.filter(ticket_order=order).select_related("ticket_order__supplier")
        .prefetch_related("tickets").order_by("pk")[:MOST]
    )  # fmt: skip
    return {
        "number": order.number, "state": order.state, "stateLabel": order.get_state_display(), "title": order.title,
        "total": str(order.total), "why": order.why,
        "until": f"{order.held_until.astimezone(SHANGHAI):%H:%M}" if order.held_until else "",
        "tickets": [
            {"fare": one.fare_name, "seat": one.seat, "name": mask_name(one.passenger.name) if one.passenger else ""}
            for one in order.tickets.select_related("passenger").order_by("pk")
        ],
        "vouchers": [
            {"title": one.title, "print": print_url(one), **_entry(one)}
            for one in (vouchers if told else ())
        ],
    }  # fmt: skip


def _entry(voucher: Voucher) -> Answer:
    """What the clerk reads out: the code of the gate, and whose it is."""
    entry = entry_of(voucher, pictures=False)
    return {"label": entry.label, "code": entry.told if entry.codes or entry.theirs else ""}


ASKED: dict[str, asking.Asked] = {
    "times": times,
    "hold": hold,
    "standing": counters.standing(as_dict),
    "give_up": counters.give_up(as_dict),
}


def answer(request: HttpRequest, name: str) -> JsonResponse:
    """Answer one question of the counter (`asking.answer`)."""
    return asking.answer(request, ASKED.get(name), SELL)
