"""A bus that somebody chose becomes a held ticket order, by the station's rules, at a network that has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import clean_mobile
from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.ticketing.kernel.choices import FeeKind, OrderState, Trade
from plugins.ticketing.kernel.errors import TicketError, TicketErrorCode
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.selecting import rule_for
from plugins.ticketing.kernel.services.goods import ticket_variant
from plugins.ticketing.kernel.services.holding import hold, request_key
from plugins.ticketing.kernel.trades import Candidate, Want, Wish
from saleor_o2o.kernel.clock import midnight, now, today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.pace import retry_after

from ..choices import Channel, Fare, OfferState, ShiftState
from ..errors import CoachError, TooOften
from ..errors import CoachErrorCode as Code
from ..fares import Rider, Seat, seats_of
from ..models import CoachTrip, FareProof, SupplierStation
from ..selectors.places import seasons
from ..selectors.shifts import Found, Option, allowed_fares, found_of, rule_keys
from ..windows import check_hours, check_presale, check_stop, stops_at
from .limits import check_account, check_count, claim_children, limit_of
from .refreshing import freshen
from .syncing import networks

#: Holds of one asker (an account, else a network address) in a minute.
PACE = 12
#: After these another network may still have it.
_ELSEWHERE = frozenset({
    TicketErrorCode.SOLD_OUT, TicketErrorCode.PRICE_CHANGED, TicketErrorCode.SUPPLIER_REFUSED,
    TicketErrorCode.SUPPLIER_UNAVAILABLE,
})  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class Ask:
    """What somebody wants to buy: a bus of a day (`ShiftDay`), where to, who goes.

    `most_total`: what the buyer agreed to pay at most, in yuan; None: what the first network asks. `instead_of`: the
    order that this one is to replace (a change).
    """

    shift_day: int
    goal: int
    riders: Sequence[Rider]
    contact: str
    mobile: str
    key: str
    channel: str = Channel.ONLINE
    most_total: Decimal | None = None
    #: Seats that are wished for, in the order of the riders that have one; the network may give others.
    seats: Sequence[str] = ()
    instead_of: TicketOrder | None = None

    def __repr__(self) -> str:
        return f"Ask({self.shift_day} → {self.goal}, {len(self.riders)})"


def hold_seats(
    ask: Ask, *, user: Any = None, unit: OrgUnit | None = None, made_by: Any = None, asker: str = ""
) -> TicketOrder:
    """Hold the seats, at the first network that has them for no more than the buyer agreed to. Same key, same order.

    `user` None: a guest; `made_by`: the clerk; `unit`: whose sale it is (None: the branch nearest to the station, else
    the city's); `asker`: whom the pace counts. Call outside transactions. The answer is HELD, or HOLDING where a
    network was silent. Raises CoachError (nothing was held), TicketError of passengers, overlapping trips and
    suppliers, TooOften, LockTimeout. Locks: what `kernel.holding.hold` does, then the account, then the bus's day.
    """
    if asker and (seconds := retry_after("coach.hold", asker, PACE)):
        raise TooOften(seconds)
    known = _known(ask, user, made_by)
    if known is not None:
        return known
    found, options = _sellable(ask)
    mobile = clean_mobile(ask.mobile) if ask.mobile.strip() else ""
    if not mobile and ask.channel == Channel.ONLINE:
        raise CoachError(Code.INVALID_INPUT, _("请填写联系手机"), "mobile", _("取票信息发到这个手机"))
    seats = seats_of(
        ask.riders, found.shift_day.day, allowed_fares(found.start, ask.channel), ask.channel,
        by_height=found.start.by_height,
    )  # fmt: skip
    limit = limit_of(ask.channel)
    check_count(limit, seats)
    if ask.instead_of is not None:
        options = _same_network(options, ask.instead_of)
    options = _that_sell(found, options, seats)
    totals = {one.supplier.pk: total_of(one, seats) for one in options}
    most = ask.most_total if ask.most_total is not None else totals[options[0].supplier.pk]
    variants = _variants(found, seats)

    def within(order: TicketOrder, tickets: Sequence[Ticket]) -> None:
        CoachTrip.objects.create(
            ticket_order=order,
            shift_day=found.shift_day,
            start=found.start,
            goal=found.goal,
            channel=ask.channel,
        )
        FareProof.objects.bulk_create(
            [
                FareProof(ticket=ticket, proof=seat.proof, certificate=seat.certificate)
                for ticket, seat in zip(tickets, seats, strict=True)
                if seat.proof is not None
            ]
        )
        if ask.instead_of is None:
            check_account(order, limit)
        claim_children(order, found.shift_day.pk, sum(one.fare == Fare.FREE for one in seats))

    last: TicketError | None = None
    for option in options:
        if totals[option.supplier.pk] > most:
            continue
        wish = _wish(ask, found, option, seats, _rules(found, option, seats), variants, mobile)
        try:
            order = hold(
                wish, key=_key(ask, options[0], option), user=user, unit=unit or _unit(found), made_by=made_by,
                within=within, instead_of=ask.instead_of,
            )  # fmt: skip
        except TicketError as refusal:
            if refusal.code not in _ELSEWHERE:
                raise
            last = refusal
            continue
        if ask.instead_of is None:
            widen(order, [one for one in options if one.supplier.pk != option.supplier.pk])
        return order
    freshen([found.start], found.shift_day.day, age=timedelta(0))
    raise _nobody(options, totals, most, last)


def _sellable(ask: Ask) -> tuple[Found, list[Option]]:
    """The bus with whoever sells it now. Raises CoachError NOT_FOUND, SHIFT_CANCELLED, NOT_IN_PRESALE, OUT_OF_HOURS,
    STOPPED_SALE, NETWORK_DOWN."""
    found = found_of(ask.shift_day, ask.goal)
    if found is None:
        raise CoachError(Code.NOT_FOUND, _("没有这个班次"), "shift", _("请重新查询班次"))
    if not all(one.awake for one in found.options):
        # shown a while ago: the networks are asked again before anybody is refused
        freshen([found.start], found.shift_day.day)
        found = found_of(ask.shift_day, ask.goal) or found
    if found.shift_day.state == ShiftState.CANCELLED:
        raise CoachError(Code.SHIFT_CANCELLED, _("这个班次已停班"), "shift", _("请换一个班次"))
    check_presale(found.start, seasons(), found.shift_day.day)
    check_hours(found.start)
    least = min(one.stop_minutes for one in found.options)
    check_stop(found.start, found.shift_day.last, least)
    options = [
        one
        for one in found.options
        if one.awake
        and one.state == OfferState.ON_SALE
        and now() < stops_at(found.start, found.shift_day.last, one.stop_minutes)
    ]
    if not options:
        raise CoachError(
            Code.NETWORK_DOWN, _("客票网暂时不售这个班次"), "shift", _("请稍后再试，或换一个班次")
        )
    return found, options


def _same_network(options: Sequence[Option], old: TicketOrder) -> list[Option]:
    """A change stays with the network that issued the tickets. Raises CoachError OTHER_NETWORK."""
    found = [one for one in options if one.supplier.pk == old.supplier_id]
    if not found:
        raise CoachError(
            Code.OTHER_NETWORK,
            _("原票的客票网不售这个班次，不能改签到这里"),
            "shift",
            _("请换一个班次，或退票后重新购买"),
        )
    return found


def _that_sell(found: Found, options: Sequence[Option], seats: Sequence[Seat]) -> list[Option]:
    """Those that sell all the kinds wanted, to so many, with a seat for each. Raises CoachError."""
    kinds = {one.fare.value for one in seats}
    count = sum(one.fare != Fare.FREE for one in seats)
    selling = [one for one in options if kinds <= set(one.faces)]
    if not selling:
        half = Fare.HALF.value in kinds and not any(Fare.HALF.value in one.faces for one in options)
        raise CoachError(
            Code.HALF_NOT_SOLD if half else Code.FREE_NOT_SOLD,
            _("这个班次在网上不售所选票类"),
            "passengers",
            _("请购全票，或到车站窗口购买"),
        )
    most = dict(
        SupplierStation.objects.filter(
            supplier__in=[one.supplier.pk for one in selling], station=found.start, boards=True, most__gt=0
        ).values_list("supplier", "most")
    )
    roomy = [one for one in selling if not most.get(one.supplier.pk) or count <= most[one.supplier.pk]]
    if not roomy:
        raise CoachError(
            Code.TOO_MANY_TICKETS,
            _("每单最多 %(most)d 张（携童票不计）") % {"most": max(most.values())},
            "passengers",
            _("请分开下单"),
        )
    free = [one for one in roomy if one.left is None or one.left >= count]
    if not free:
        raise CoachError(Code.SOLD_OUT, _("余票不足"), "shift", _("请减少张数，或换一个班次"))
    return free


def total_of(option: Option, seats: Sequence[Seat]) -> Decimal:
    """What a party pays at a network, in yuan."""
    return sum((option.price(one.fare) or Decimal(0) for one in seats), Decimal(0))


def _key(ask: Ask, first: Option, option: Option) -> str:
    """The client's key; at another network than the first one told from it by the network's account."""
    return ask.key if option is first else f"{ask.key[:52]}-{option.supplier.pk}"


def _known(ask: Ask, user: Any, made_by: Any) -> TicketOrder | None:
    """What the same key has held already, at whatever network."""
    owner = user if getattr(user, "is_authenticated", False) else None
    keys = [ask.key, *(f"{ask.key[:52]}-{one.pk}" for one in networks())]
    own = [request_key(one, owner, made_by) for one in keys]
    rows = TicketOrder.objects.select_related("supplier", "coach_trip").filter(request_key__in=own)
    found = rows.exclude(state=OrderState.HOLD_FAILED).first()
    if found is None:
        return None
    trip: CoachTrip = found.coach_trip
    if (trip.shift_day_id, trip.goal_id) != (ask.shift_day, ask.goal):
        raise TicketError(
            TicketErrorCode.KEY_REUSED, _("这个请求号已用于另一张票"), "key", _("请刷新页面后重试")
        )
    return found


def _rules(
    found: Found, option: Option, seats: Sequence[Seat]
) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
    """Of each kind of ticket the rules for giving back and changing, as they are kept. Raises TicketError NO_RULE.

    A rule for the network's account speaks before the station's: what it keeps is what we get back.
    """
    rules: dict[str, tuple[Mapping[str, Any], Mapping[str, Any] | None]] = {}
    for fare in {one.fare.value for one in seats}:
        keys = {**rule_keys(found, option), "session": found.shift_day.shift.number, "ticket_class": fare}
        refund = rule_for(Trade.COACH, FeeKind.REFUND, keys, today()).to_json()
        try:
            change: Mapping[str, Any] | None = rule_for(Trade.COACH, FeeKind.CHANGE, keys, today()).to_json()
        except TicketError as error:
            if error.code != TicketErrorCode.NO_RULE:
                raise
            change = None
        rules[fare] = (refund, change)
    return rules


def _variants(found: Found, seats: Sequence[Seat]) -> dict[str, int]:
    """The goods by which the line's tickets are sold."""
    line = found.shift_day.shift.line
    name = f"{found.shift_day.shift.line.start.name} → {line.terminal.name} 汽车票"
    return {
        fare.value: ticket_variant(Trade.COACH, line.code, name, fare.value, str(fare.label)).pk
        for fare in {one.fare for one in seats}
    }


def _wish(
    ask: Ask, found: Found, option: Option, seats: Sequence[Seat], rules: Mapping[str, Any],
    variants: Mapping[str, int], mobile: str,
) -> Wish:  # fmt: skip
    day, shift = found.shift_day, found.shift_day.shift
    starts = day.last if shift.flow else day.departs
    ends = starts + timedelta(minutes=max(1, found.minutes))
    full = option.faces.get(Fare.FULL, Decimal(0))
    wished = iter([one.strip()[:6] for one in ask.seats] if not shift.flow else ())
    wants = [
        Want(
            fare=one.fare.value, fare_name=str(one.fare.label), variant=variants[one.fare.value],
            seat="" if one.fare == Fare.FREE else next(wished, ""), face=option.faces[one.fare],
            service=option.services.get(one.fare, Decimal(0)), price=option.price(one.fare) or Decimal(0),
            full_fare=full, passenger=one.passenger, mobile=one.mobile, carried_by=one.carried_by,
            valid_from=midnight(day.day), valid_until=midnight(day.day + timedelta(days=1)),
            refund_rule=rules[one.fare.value][0], change_rule=rules[one.fare.value][1],
        )
        for one in seats
    ]  # fmt: skip
    clock = _("流水班") if shift.flow else f"{day.departs.astimezone(now().tzinfo):%H:%M}"
    return Wish(
        trade=Trade.COACH,
        key=f"coach:{shift.line.code}"[:60],
        title=f"{found.start.name} → {found.goal.name} {day.day:%m-%d} {clock}",
        place=place_of(found),
        starts_at=starts,
        ends_at=ends,
        wants=wants,
        candidates=[candidate(option)],
        contact=ask.contact.strip()[:60],
        mobile=mobile,
        latest=stops_at(found.start, day.last, option.stop_minutes),
    )


def candidate(option: Option) -> Candidate:
    """A network as the kernel knows it."""
    return Candidate(option.supplier.code, option.product, option.costs)


def place_of(found: Found) -> dict[str, Any]:
    """The trip as orders keep and show it; nothing personal."""
    day, shift = found.shift_day, found.shift_day.shift
    return {
        "shift_day": day.pk, "day": day.day.isoformat(), "number": shift.number, "flow": shift.flow,
        "start": found.start.name, "start_code": found.start.code, "goal": found.goal.name,
        "goal_code": found.goal.code, "departs": day.departs.isoformat(), "last": day.last.isoformat(),
        "arrives": found.arrives.isoformat(), "vehicle": shift.vehicle, "gate": day.gate, "bay": day.bay,
        "address": found.start.address, "pick": list(found.start.pick_modes), "kilometres": found.kilometres,
    }  # fmt: skip


def _unit(found: Found) -> OrgUnit:
    """Whose an online sale is: the branch nearest to the station, else the city's centre."""
    if found.start.unit is not None:
        return found.start.unit
    return OrgUnit.objects.filter(parent__isnull=True)[0]


@transaction.atomic
def widen(order: TicketOrder, others: Sequence[Option]) -> None:
    """Note on a held order who else has the bus: should its hold be lost after the payment, they are asked.

    They are no candidates of the first hold, where a dearer network would be held and let go again. Locks: the order.
    """
    if not others:
        return
    rows = lock_rows(TicketOrder.objects.filter(pk=order.pk, state=OrderState.HELD))
    for row in rows:
        there = {one["supplier"] for one in row.candidates}
        row.candidates = [
            *row.candidates,
            *(
                {
                    "supplier": one.supplier.code, "product": dict(one.product),
                    "costs": {fare: str(cost) for fare, cost in one.costs.items()},
                }
                for one in others if one.supplier.code not in there
            ),
        ]  # fmt: skip
        row.save(update_fields=["candidates"])
        order.candidates = row.candidates


def _nobody(
    options: Sequence[Option], totals: Mapping[int, Decimal], most: Decimal, last: TicketError | None
) -> Exception:
    """Why nobody held it: another network has it for more than was agreed, or nobody has it."""
    dearer = sorted(totals[one.supplier.pk] for one in options if totals[one.supplier.pk] > most)
    if dearer:
        return CoachError(
            Code.PRICE_CHANGED,
            _("这个价格的票已售完，另一客票网还有，合计 %(total)s 元") % {"total": dearer[0]},
            "mostTotal",
            _("接受新价格请再次确认"),
            {"total": str(dearer[0])},
        )
    if last is not None:
        return last
    return CoachError(Code.SOLD_OUT, _("余票不足"), "shift", _("请换一个班次"))
