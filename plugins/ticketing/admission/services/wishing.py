"""What somebody wants to buy, checked, as the kernel's wish: sale times, counts, people, prices, rules of now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import FeeKind, Trade
from plugins.ticketing.kernel.errors import PriceRose, TicketError
from plugins.ticketing.kernel.passengers import Passenger
from plugins.ticketing.kernel.selecting import rule_for
from plugins.ticketing.kernel.trades import Want, Wish
from saleor_o2o.kernel.clock import SHANGHAI, midnight, now, today
from saleor_o2o.kernel.documents import DocumentKind, years_old

from ..candidates import Visit, candidate_for
from ..choices import ProductState, RealName, SessionState, ValidMode
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..inventory.geometry import geometry_of
from ..models import AdmissionProduct, Session, Slot, TicketClass
from ..pricing import LAST_DAY, DayPrice, booked_until, prices_of
from .mailing import MailTo, by_mail, last_to_order, with_postage

if TYPE_CHECKING:
    from .terms import Terms


@dataclass(frozen=True, slots=True)
class TicketAsk:
    """One ticket that is wanted: its class, the seat that was chosen (key of the map's), who comes."""

    ticket_class: int
    seat: int | None = None
    passenger: Passenger | None = None
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Tickets of one product, for one session, slot or day, or for its time of validity.

    `agreed`: what a reseller pays for a ticket by class, in yuan, instead of what everybody does. `most_total`: what
    the buyer was shown and agreed to pay at most, in yuan; None: whatever it costs now. `mail_to`: where paper tickets
    are posted to.
    """

    product: int
    tickets: Sequence[TicketAsk]
    channel: str
    session: int | None = None
    slot: int | None = None
    day: date | None = None
    contact: str = ""
    mobile: str = ""
    agreed: Mapping[int, Decimal] | None = None
    most_total: Decimal | None = None
    mail_to: MailTo | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """When a visit is: its day (none: any), from when to when tickets are good, and until when they are sold."""

    day: date | None
    starts_at: datetime
    ends_at: datetime
    latest: datetime | None


def visit_of(ask: Ask) -> Visit:
    """The rows of what is wanted. Raises NOT_FOUND, NOT_ON_SALE, COUNT."""
    product = (
        AdmissionProduct.objects.select_related("supplier", "venue", "spot").filter(pk=ask.product).first()
    )
    if product is None or product.state == ProductState.DRAFT:
        raise AdmissionError(Code.NOT_FOUND, _("没有这个产品"), "product", _("请返回列表重新选择"))
    if product.state != ProductState.ON_SALE:
        raise AdmissionError(Code.NOT_ON_SALE, _("这个产品暂停销售"), "product", _("请选择其他产品"))
    if not ask.tickets:
        raise AdmissionError(Code.COUNT, _("请选择张数"), "tickets")
    keys = {one.ticket_class for one in ask.tickets}
    classes = list(TicketClass.objects.filter(product=product, pk__in=keys).order_by("rank", "pk"))
    if len(classes) != len(keys) or not all(one.active and ask.channel in one.channels for one in classes):
        raise AdmissionError(Code.NOT_ON_SALE, _("所选票类不在售"), "tickets", _("请刷新后重新选择"))
    session = Session.objects.filter(product=product, pk=ask.session).first() if ask.session else None
    slot = Slot.objects.filter(product=product, pk=ask.slot).first() if ask.slot else None
    if (ask.session and session is None) or (ask.slot and slot is None):
        raise AdmissionError(Code.NOT_FOUND, _("没有这个场次或时段"), "session", _("请刷新后重新选择"))
    day = ask.day
    if slot is not None:
        day = slot.day
    if session is not None:
        day = session.starts_at.astimezone(SHANGHAI).date()
    return Visit(product, classes, ask.channel, session, slot, day)


def span_of(visit: Visit, moment: datetime) -> Span:
    """When the visit is. Raises what says that it cannot be bought now: NOT_YET_OPEN, SALE_CLOSED, SESSION_OVER,
    SESSION_STATE, TOO_LATE, also for a letter that would not arrive, NOT_ON_SALE, INVALID."""
    span = _span(visit, moment)
    if not by_mail(visit.classes) or span.day is None:
        return span
    last = last_to_order(visit.classes, span.starts_at)
    if moment >= last:
        raise AdmissionError(
            Code.TOO_LATE, _("纸票邮寄须在 %(when)s 前下单，现在寄来不及") % {"when": f"{last:%m-%d %H:%M}"},
            "session" if visit.session is not None else "day", _("请选择以后的场次、日期，或其他票类"),
        )  # fmt: skip
    return replace(span, latest=min(span.latest, last) if span.latest is not None else last)


def _span(visit: Visit, moment: datetime) -> Span:
    modes = {kind.valid_mode for kind in visit.classes}
    if len(modes) > 1:
        raise AdmissionError(
            Code.INVALID, _("所选票类的有效方式不同，不能一起买"), "tickets", _("请分开下单")
        )
    [mode] = modes
    if mode == ValidMode.SESSION:
        return _session_span(visit.session, moment)
    if mode in {ValidMode.ANY_DAY, ValidMode.MULTI}:
        longest = min(kind.valid_days for kind in visit.classes)
        start = midnight(moment.astimezone(SHANGHAI).date())
        return Span(None, start, start + timedelta(days=longest), None)
    if visit.day is None or (mode == ValidMode.SLOT and visit.slot is None):
        words = _("请选择时段") if mode == ValidMode.SLOT else _("请选择日期")
        raise AdmissionError(Code.INVALID, words, "day")
    if visit.day < moment.astimezone(SHANGHAI).date():
        raise AdmissionError(Code.SESSION_OVER, _("所选日期已经过去"), "day", _("请选择以后的日期"))
    if visit.day > LAST_DAY:
        raise AdmissionError(
            Code.INVALID, _("所选日期太远，还没有开放"), "day", _("请选择近期的日期")
        )  # fmt: skip
    latest = min(booked_until(kind, visit.day) for kind in visit.classes)
    if moment >= latest:
        raise AdmissionError(
            Code.TOO_LATE, _("已过这一天的预订截止时间（%(when)s）") % {"when": f"{latest:%m-%d %H:%M}"}, "day",
            _("请选择以后的日期"),
        )  # fmt: skip
    start, end = midnight(visit.day), midnight(visit.day + timedelta(days=1))
    if visit.slot is not None:
        start = datetime.combine(visit.day, visit.slot.starts, tzinfo=SHANGHAI)
        end = datetime.combine(visit.day, visit.slot.ends, tzinfo=SHANGHAI)
        if not visit.slot.open or moment >= end:
            raise AdmissionError(Code.NOT_ON_SALE, _("这个时段不能预约"), "slot", _("请选择其他时段"))
        return Span(visit.day, start, end, min(latest, end))
    valid = max(kind.valid_days for kind in visit.classes)
    return Span(visit.day, start, end + timedelta(days=valid - 1), latest)


def _session_span(session: Session | None, moment: datetime) -> Span:
    if session is None:
        raise AdmissionError(Code.INVALID, _("请选择场次"), "session")
    if session.ends_at <= moment:
        raise AdmissionError(Code.SESSION_OVER, _("这个场次已经结束"), "session", _("请选择其他场次"))
    if session.state != SessionState.ON_SALE:
        raise AdmissionError(
            Code.SESSION_STATE, _("这个场次%(state)s") % {"state": session.get_state_display()}, "session",
            _("请选择其他场次"),
        )  # fmt: skip
    if moment < session.opens_at:
        when = session.opens_at.astimezone(SHANGHAI)
        raise AdmissionError(
            Code.NOT_YET_OPEN, _("还没有开售，%(when)s 开售") % {"when": f"{when:%m-%d %H:%M}"}, "session"
        )
    if moment >= session.closes_at:
        raise AdmissionError(Code.SALE_CLOSED, _("这个场次已停止售票"), "session", _("请选择其他场次"))
    day = session.starts_at.astimezone(SHANGHAI).date()
    return Span(day, session.starts_at, session.ends_at, session.closes_at)


def wish_for(ask: Ask, terms: Terms) -> Wish:
    """The kernel's wish for what somebody wants, at the prices and by the rules of now (`terms.terms_of`).

    No statement. Raises AdmissionError: what `visit_of` and `span_of` raise, COUNT,
    LIMIT_REACHED, INVALID for people whose papers or ages do not fit, SEAT_UNKNOWN, NOT_ON_SALE for a closed day;
    PriceRose.
    """
    visit = terms.visit
    span = span_of(visit, now())
    kinds = {one.pk: one for one in visit.classes}
    _check_counts(ask, kinds)
    _check_people(ask, kinds, span.day or today())
    prices = terms.prices
    if ask.agreed is not None:
        prices = {pk: replace(one, price=ask.agreed[pk]) for pk, one in prices.items()}
    labels = _labels(ask, visit)
    wants = [
        _want(
            kinds[one.ticket_class], prices[one.ticket_class], one, labels.get(one.seat or 0, ""), span, terms
        )
        for one in ask.tickets
    ]
    if by_mail(visit.classes):
        wants = with_postage(wants, visit.classes)
    _check_price(ask, wants)
    candidate = terms.candidate or candidate_for(
        visit, {kind.code: prices[kind.pk].settlement for kind in visit.classes}
    )
    return Wish(
        trade=Trade(visit.product.trade), key=key_of(visit), title=title_of(visit), place=place_of(visit),
        starts_at=span.starts_at, ends_at=span.ends_at, wants=wants,
        candidates=[candidate], contact=ask.contact, mobile=ask.mobile,
        # who visits a park may see a show on the same day; nobody sees two shows at a time
        overlap=visit.session is not None and all(one.real_name == RealName.EACH for one in visit.classes),
        latest=span.latest,
    )  # fmt: skip


def _check_price(ask: Ask, wants: Sequence[Want]) -> None:
    """Nobody holds for more than he was shown; both prices are in the words."""
    if ask.most_total is None:
        return
    total = sum((one.price for one in wants), Decimal(0))
    if total > ask.most_total:
        raise PriceRose(ask.most_total, total)


def key_of(visit: Visit) -> str:
    """What names it in reports: `session:<pk>`, or `product:<pk>`."""
    return f"session:{visit.session.pk}" if visit.session is not None else f"product:{visit.product.pk}"


def title_of(visit: Visit) -> str:
    """What people call it: `新年音乐会 12-31 19:30`."""
    product, session, slot = visit.product, visit.session, visit.slot
    if session is not None:
        when = f"{session.starts_at.astimezone(SHANGHAI):%m-%d %H:%M}"
        return " ".join(filter(None, (product.name, session.name, when)))
    if slot is not None:
        return f"{product.name} {slot.day:%m-%d} {slot.starts:%H:%M}–{slot.ends:%H:%M}"
    return f"{product.name} {visit.day:%m-%d}" if visit.day is not None else product.name


def place_of(visit: Visit) -> dict[str, Any]:
    """What an order keeps of it: keys, and words that stay when rows change."""
    product, session = visit.product, visit.session
    place = product.venue or product.spot
    return {
        "product": product.pk, "code": product.code, "name": product.name, "kind": product.kind,
        "session": session.pk if session is not None else None,
        "session_name": session.name if session is not None else "",
        "slot": visit.slot.pk if visit.slot is not None else None,
        "day": visit.day.isoformat() if visit.day is not None else None,
        "place": place.name if place is not None else "", "address": place.address if place is not None else "",
        "hall": session.hall.name if session is not None and session.hall is not None else "",
        "mail": by_mail(visit.classes),
    }  # fmt: skip


def _check_counts(ask: Ask, kinds: Mapping[int, TicketClass]) -> None:
    for key, count in Counter(one.ticket_class for one in ask.tickets).items():
        kind = kinds[key]
        if not kind.min_per_order <= count <= kind.max_per_order:
            raise AdmissionError(
                Code.COUNT, _("“%(name)s”每单 %(least)d 至 %(most)d 张")
                % {"name": kind.name, "least": kind.min_per_order, "most": kind.max_per_order},
                "tickets", _("请调整张数"),
            )  # fmt: skip


def _check_people(ask: Ask, kinds: Mapping[int, TicketClass], on: date) -> None:
    """Names where they are asked for, papers that are taken, ages that fit, nobody more often than he may."""
    per_person: Counter[tuple[int, str]] = Counter()
    for one in ask.tickets:
        kind, person = kinds[one.ticket_class], one.passenger
        if person is None:
            if kind.real_name == RealName.EACH:
                raise _person(_("“%(name)s”一票一证，请填写每位观众的证件") % {"name": kind.name})
            continue
        check_person(kind, person, on)
        per_person[kind.pk, person.index] += 1
        check_most(kind, per_person[kind.pk, person.index])
    needs_one = any(kind.real_name == RealName.ONE for kind in kinds.values())
    if needs_one and not any(one.passenger is not None for one in ask.tickets):
        raise _person(_("请填写一位观众的证件"))


def check_most(kind: TicketClass, count: int) -> None:
    """Refuse one more ticket of a class for a document that has so many with it. Raises LIMIT_REACHED."""
    most = 1 if kind.real_name == RealName.EACH else kind.max_per_person
    if most is not None and count > most:
        raise AdmissionError(
            Code.LIMIT_REACHED, _("同一证件最多买 %(most)d 张“%(name)s”") % {"most": most, "name": kind.name},
            "passengers", _("请换一位观众的证件"),
        )  # fmt: skip


def check_person(kind: TicketClass, person: Passenger, on: date) -> None:
    """Papers that a class takes, and an age on the day that fits it. Raises INVALID."""
    if kind.id_types and person.document not in kind.id_types:
        papers = "、".join(str(DocumentKind(code).label) for code in kind.id_types)
        raise _person(_("“%(name)s”只接受：%(papers)s") % {"name": kind.name, "papers": papers})
    age = years_old(person.birth, on)
    if (kind.age_from is not None and age < kind.age_from) or (
        kind.age_below is not None and age >= kind.age_below
    ):
        raise _person(
            _("%(person)s 当天 %(age)d 岁，不符合“%(name)s”的年龄要求")
            % {"person": person.masked_name, "age": age, "name": kind.name}
        )


def _person(message: Any) -> AdmissionError:
    return AdmissionError(Code.INVALID, message, "passengers", _("请核对观众信息"))


def prices_for(visit: Visit, span: Span) -> dict[int, DayPrice]:
    """What each class costs on the day, by its key. One statement where it is a day's. Raises NOT_ON_SALE."""
    if span.day is None:
        return {kind.pk: DayPrice(kind.price, kind.settlement_price) for kind in visit.classes}
    told = prices_of(visit.classes, [span.day])
    found = {kind.pk: told[kind.pk, span.day] for kind in visit.classes}
    if any(one.closed for one in found.values()):
        raise AdmissionError(Code.NOT_ON_SALE, _("这一天不售票"), "day", _("请选择其他日期"))
    return found


def rule_keys(visit: Visit, kind: TicketClass) -> dict[str, str]:
    """By what fee rules find a ticket."""
    return {
        "product": visit.product.code, "ticket_class": kind.fee_key,
        "session": str(visit.session.pk) if visit.session is not None else "",
        "supplier": visit.product.supplier.code if visit.product.supplier is not None else "",
    }  # fmt: skip


def rule_of(visit: Visit, kind: TicketClass, what: FeeKind = FeeKind.REFUND) -> Mapping[str, Any] | None:
    """The rule of now; None where there is none: such a ticket goes back, or is changed, through people only."""
    try:
        found = rule_for(visit.product.trade, what, rule_keys(visit, kind), today())
    except TicketError:
        return None
    return found.to_json()


def _labels(ask: Ask, visit: Visit) -> dict[int, str]:
    """What chosen seats are called; the inventory looks for them by that. Raises SEAT_UNKNOWN, COUNT."""
    chosen = [one.seat for one in ask.tickets if one.seat is not None]
    if not chosen:
        return {}
    if visit.session is None or visit.session.seat_map_id is None:
        raise AdmissionError(Code.SEAT_UNKNOWN, _("这个产品不能选座"), "seats")
    if len(chosen) != len(ask.tickets):
        raise AdmissionError(Code.COUNT, _("请给每张票都选座，或都由系统选座"), "seats")
    spots = geometry_of(visit.session.seat_map_id).spots
    if any(seat not in spots for seat in chosen):
        raise AdmissionError(
            Code.SEAT_UNKNOWN, _("所选座位不属于这个场次"), "seats", _("请刷新座位图重新选择")
        )
    return {seat: spots[seat].label for seat in chosen}


def _want(kind: TicketClass, price: DayPrice, one: TicketAsk, label: str, span: Span, terms: Terms) -> Want:
    return Want(
        fare=kind.code, fare_name=kind.name[:40], variant=kind.variant_id, face=price.price, price=price.price,
        full_fare=max(price.price, kind.market_price or Decimal(0)), passenger=one.passenger, mobile=one.mobile,
        seat=label, uses=_uses(kind), valid_from=span.starts_at,
        valid_until=_valid_until(kind, span), refund_rule=terms.rules[kind.fee_key],
        change_rule=terms.changes[kind.fee_key],
    )  # fmt: skip


def _uses(kind: TicketClass) -> int:
    """How many a ticket lets in; one without a number of uses: so many each day (the vouchers' `room_at`)."""
    return kind.uses if kind.valid_mode == ValidMode.MULTI and kind.uses > 1 else kind.people


def _valid_until(kind: TicketClass, span: Span) -> datetime:
    if kind.valid_mode in {ValidMode.DAY, ValidMode.ANY_DAY, ValidMode.MULTI}:
        return span.starts_at + timedelta(days=kind.valid_days)
    return span.ends_at
