"""A bus that somebody chose becomes a held ticket order, by the station's rules, at a network that has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import clean_mobile
from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.ticketing.kernel.choices import FeeKind, OrderState, Trade
from plugins.ticketing.kernel.errors import TicketError, TicketErrorCode
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.selecting import rule_for
from plugins.ticketing.kernel.services.goods import ticket_variant
from plugins.ticketing.kernel.services.holding import hold, request_key
from plugins.ticketing.kernel.trades import Candidate, Terms, Want, Wish
from saleor_o2o.kernel.clock import midnight, today
from saleor_o2o.kernel.pace import retry_after

from ..choices import Channel, Fare, ShiftState
from ..errors import CoachError, TooOften
from ..errors import CoachErrorCode as Code
from ..fares import Rider, Seat, seats_of
from ..models import CoachTrip, FareProof, SupplierStation
from ..selectors.places import seasons
from ..selectors.shifts import Found, Option, allowed_fares, found_of, on_sale, rule_keys
from ..trips import leaves_at, title_of
from ..windows import check_hours, check_presale, check_stop, stops_at
from .limits import check_account, check_count, claim_children, limit_of
from .refreshing import freshen

#: Holds of one asker (an account, else a network address) in a minute.
PACE = 12
#: After these another network may still have it.
_ELSEWHERE = frozenset({
    TicketErrorCode.SOLD_OUT, TicketErrorCode.PRICE_CHANGED, TicketErrorCode.SUPPLIER_REFUSED,
    TicketErrorCode.SUPPLIER_UNAVAILABLE,
})  # fmt: skip

_RISEN, _GONE = _("票价已变"), _("这个价格的票已售完，另一客票网还有")
_AWAY = _("这个价格的客票网现在不能出票，另一客票网还有")


@dataclass(frozen=True, slots=True, repr=False)
class Ask:
    """What somebody wants to buy: a bus of a day (`ShiftDay`), where to, who goes.

    `most_total`: what the buyer agreed to pay at most, in yuan; None: what the first network asks now. `instead_of`:
    the issued order whose tickets are changed for this one.
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

    The other networks are noted with it before anybody is asked: whoever refuses later, or loses the hold after the
    payment, the next one is asked; dearer ones than agreed to only after the payment, when it is ours to bear.

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
    if not mobile and ask.channel != Channel.COUNTER:
        raise CoachError(Code.INVALID_INPUT, _("请填写联系手机"), "mobile", _("取票信息发到这个手机"))
    seats = seats_of(
        ask.riders, found.shift_day.day, allowed_fares(found.start, ask.channel), ask.channel,
        by_height=found.start.by_height,
    )  # fmt: skip
    if ask.most_total is not None and not ask.most_total.is_finite():
        raise CoachError(Code.INVALID_INPUT, _("最多接受的合计须是金额"), "mostTotal")
    limit = limit_of(ask.channel)
    check_count(limit, seats)
    wished = [one.strip() for one in ask.seats if one.strip()]
    if len(set(wished)) != len(wished):
        raise CoachError(Code.INVALID_INPUT, _("同一个座位选了两次"), "seats", _("请重新选座"))
    if ask.instead_of is not None:
        options = _same_network(options, ask.instead_of)
    options = _that_sell(found, options, seats)
    totals = {one.supplier.pk: total_of(one, seats) for one in options}
    most = ask.most_total if ask.most_total is not None else totals[options[0].supplier.pk]
    within_most = [one for one in options if totals[one.supplier.pk] <= most]
    if not within_most:
        gone = [
            one for one in found.options
            if one not in options and {seat.fare.value for seat in seats} <= set(one.faces)
            and total_of(one, seats) <= most
        ]  # fmt: skip
        words = _GONE if any(one.awake for one in gone) else _AWAY
        raise _dearer(most, min(totals.values()), words if gone and ask.instead_of is None else _RISEN)

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

    wish = _wish(ask, found, within_most, [one for one in options if one not in within_most], seats, mobile)
    try:
        return hold(
            wish, key=ask.key, user=user, unit=unit or _unit(found), made_by=made_by, within=within,
            instead_of=ask.instead_of,
        )  # fmt: skip
    except TicketError as refusal:
        if refusal.code not in _ELSEWHERE:
            raise
        freshen([found.start], found.shift_day.day, age=timedelta(0))
        raise _nobody(ask, seats, {one.supplier.pk for one in within_most}, most, refusal) from refusal


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
    if not (found.start.active and found.start.boards and found.goal.active):
        raise CoachError(Code.NOT_FOUND, _("这个车站已停止售票"), "shift", _("请换一个车站"))
    if found.shift_day.state == ShiftState.CANCELLED:
        raise CoachError(Code.SHIFT_CANCELLED, _("这个班次已停班"), "shift", _("请换一个班次"))
    check_presale(found.start, seasons(), found.shift_day.day)
    check_hours(found.start)
    least = min(one.stop_minutes for one in found.options)
    check_stop(found.start, found.shift_day.last, least)
    options = _selling(found)
    if not options:
        raise CoachError(
            Code.NETWORK_DOWN, _("客票网暂时不售这个班次"), "shift", _("请稍后再试，或换一个班次")
        )
    return found, options


def _selling(found: Found) -> list[Option]:
    """Who sells a bus at this moment."""
    return [one for one in found.options if on_sale(found, one)]


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


def _known(ask: Ask, user: Any, made_by: Any) -> TicketOrder | None:
    """What the same key has held already."""
    owner = user if getattr(user, "is_authenticated", False) else None
    rows = TicketOrder.objects.select_related("supplier", "coach_trip")
    found = (
        rows.filter(request_key=request_key(ask.key, owner, made_by))
        .exclude(state=OrderState.HOLD_FAILED)
        .first()
    )
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
        keys = {**rule_keys(found, option), "ticket_class": fare}
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
    ask: Ask, found: Found, options: Sequence[Option], dearer: Sequence[Option], seats: Sequence[Seat], mobile: str
) -> Wish:  # fmt: skip
    """What is wanted of the first network; the others that have it at their terms, the dearer ones for later."""
    day, shift, option = found.shift_day, found.shift_day.shift, options[0]
    starts = leaves_at(day)
    ends = starts + timedelta(minutes=max(1, found.minutes))
    wished = iter([one.strip()[:6] for one in ask.seats] if not shift.flow else ())
    variants, terms = _variants(found, seats), _terms(found, option, seats)
    wants = [
        Want(
            fare=one.fare.value, fare_name=str(one.fare.label), variant=variants[one.fare.value],
            seat="" if one.fare == Fare.FREE else next(wished, ""), face=terms[one.fare].face,
            service=terms[one.fare].service, price=option.price(one.fare) or Decimal(0),
            full_fare=terms[one.fare].full_fare, passenger=one.passenger, mobile=one.mobile, carried_by=one.carried_by,
            valid_from=midnight(day.day), valid_until=midnight(day.day + timedelta(days=1)),
            refund_rule=terms[one.fare].refund_rule, change_rule=terms[one.fare].change_rule,
            parts=terms[one.fare].parts,
        )
        for one in seats
    ]  # fmt: skip
    others = [] if ask.instead_of is not None else options[1:]
    return Wish(
        trade=Trade.COACH,
        key=f"coach:{shift.line.code}"[:60],
        title=title_of(found.start.name, found.goal.name, day),
        place=place_of(found),
        starts_at=starts,
        ends_at=ends,
        wants=wants,
        candidates=[
            candidate(option),
            *_others(found, others, seats),
            *(replace(candidate(one), paid_only=True) for one in dearer if ask.instead_of is None),
        ],
        contact=ask.contact.strip()[:60],
        mobile=mobile,
        latest=stops_at(found.start, day.last, option.stop_minutes),
    )


def _others(found: Found, options: Sequence[Option], seats: Sequence[Seat]) -> list[Candidate]:
    """Further networks at their own terms; without a rule for giving back none sells."""
    candidates = []
    for one in options:
        try:
            candidates.append(replace(candidate(one), terms=_terms(found, one, seats)))
        except TicketError as error:
            if error.code != TicketErrorCode.NO_RULE:
                raise
    return candidates


def _terms(found: Found, option: Option, seats: Sequence[Seat]) -> dict[str, Terms]:
    """For what a network sells the kinds that are wanted. Raises TicketError NO_RULE."""
    rules = _rules(found, option, seats)
    return {
        fare: Terms(
            option.faces[fare], option.services.get(fare, Decimal(0)), option.faces.get(Fare.FULL, Decimal(0)),
            refund, change, option.parts.get(fare, {}),
        )
        for fare, (refund, change) in rules.items()
    }  # fmt: skip


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
        "address": found.start.address, "pick": found.start.picks, "kilometres": found.kilometres,
        "extra_bus": day.extra,
    }  # fmt: skip


def _unit(found: Found) -> OrgUnit:
    """Whose an online sale is: the branch nearest to the station, else the city's centre."""
    if found.start.unit is not None:
        return found.start.unit
    return OrgUnit.objects.filter(parent__isnull=True)[0]


def _nobody(
    ask: Ask, seats: Sequence[Seat], asked: Collection[int], most: Decimal, last: TicketError
) -> Exception:
    """Why nobody held it, by what the networks say now: it has become dearer, another one has it for more than was
    agreed, or nobody has it."""
    fresh = found_of(ask.shift_day, ask.goal)
    try:
        options = _that_sell(fresh, _selling(fresh), seats) if fresh is not None else []
    except CoachError:
        options = []
    changed = last.code == TicketErrorCode.PRICE_CHANGED
    totals = [
        total_of(one, seats)
        for one in options if changed or one.supplier.pk not in asked
    ]  # fmt: skip
    dearer = [one for one in totals if one > most]
    if not dearer:
        return last
    gone = _GONE if last.code == TicketErrorCode.SOLD_OUT else _AWAY
    return _dearer(most, min(dearer), _RISEN if changed else gone)


def _dearer(most: Decimal, total: Decimal, words: Any) -> CoachError:
    return CoachError(
        Code.PRICE_CHANGED,
        _("%(words)s，合计由 %(most)s 元变为 %(total)s 元")
        % {"words": words, "most": f"{most:.2f}", "total": total},
        "mostTotal",
        _("接受新价格请再次确认"),
        {"total": str(total), "why": str(words)},
    )
