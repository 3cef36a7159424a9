"""Types of coach tickets' API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from plugins.ticketing.kernel.choices import FeeKind, Trade
from plugins.ticketing.kernel.engine.wording import rule_text
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.graphql.orders.types import parts_field, parts_shown
from plugins.ticketing.kernel.selecting import in_force, nearest, rule_of
from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import PacedRefusal
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError

from ..choices import Channel, Fare, InvoiceKind, InvoiceState, PickMode, SeatState
from ..error_codes import CoachErrorCode
from ..errors import CoachError
from ..models import CoachInvoice, Station
from ..selectors.places import seasons
from ..selectors.shifts import Found, allowed_fares, rule_keys
from ..windows import last_day, opening_day

CoachFareEnum = enum_of("CoachFare", Fare)
CoachPickModeEnum = enum_of("CoachPickMode", PickMode)
CoachSeatStateEnum = enum_of("CoachSeatState", SeatState)
CoachInvoiceKindEnum = enum_of("CoachInvoiceKind", InvoiceKind)
CoachInvoiceStateEnum = enum_of("CoachInvoiceState", InvoiceState)
#: Whole minutes after which a count of free seats is not told any more, only that there are some.
MANY = 20


class CoachErrorType(PacedRefusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    total = graphene.Field(Decimal, description="价格变化时：现在的合计（元）")

    class Meta:
        name = "CoachError"


def errors_field() -> Any:
    """The field in which refusals come back."""
    return graphene.List(graphene.NonNull(CoachErrorType), required=True, description="没有办成的原因")


def errors_of(error: DomainError) -> list[CoachErrorType]:
    """A refusal as the API says it."""
    details = error.details if isinstance(error, CoachError) else {}
    return [
        CoachErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value),
            retry_after=getattr(error, "seconds", None), total=details.get("total"),
        )
    ]  # fmt: skip


def invalid(message: Any, field: str) -> CoachError:
    """Something that cannot be read."""
    return CoachError(CoachErrorCode.INVALID_INPUT, message, field)


def channel_of(info: Any) -> str:
    """The staff sells at the counter, everybody else buys online."""
    user = info.context.user
    return Channel.COUNTER if user.is_authenticated and user.is_staff else Channel.ONLINE


class CoachStationType(graphene.ObjectType):
    """A place where coaches stop."""

    code = graphene.String(required=True, description="代码")
    name = graphene.String(required=True, description="名称")
    initials = graphene.String(required=True, description="简拼")
    pinyin = graphene.String(required=True, description="全拼")
    city = graphene.String(required=True, description="城市")
    county = graphene.String(required=True, description="区县")
    address = graphene.String(required=True, description="地址")
    lng = graphene.Float(description="经度（度，GCJ-02）")
    lat = graphene.Float(description="纬度（度，GCJ-02）")
    boards = graphene.Boolean(required=True, description="可在此上车")
    first_day = graphene.Date(
        required=True,
        description="还可能有票的第一天：今天已停售的是明天；“可到的地方”里按起点到这里的末班算，别处按车站的停售时间算",
    )
    last_day = graphene.Date(required=True, description="现在售到哪一天（含）")
    opens = graphene.String(required=True, description="每日开售")
    closes = graphene.String(required=True, description="每日停售")
    stop_minutes = graphene.Int(required=True, description="发车前多少分钟停售")
    needs_id = graphene.Boolean(required=True, description="进站查验证件；不论查不查，售票一律实名")
    e_ticket = graphene.Boolean(required=True, description="电子客票；不是的须取纸票，不能刷身份证、扫码进站")
    pick_modes = graphene.List(
        graphene.NonNull(CoachPickModeEnum), required=True, description="取票、进站方式"
    )
    fares = graphene.List(graphene.NonNull(CoachFareEnum), required=True, description="可购的票类")

    class Meta:
        name = "CoachStation"

    @staticmethod
    def resolve_pick_modes(station: Station, _info: Any) -> list[str]:
        return station.picks

    @staticmethod
    def resolve_first_day(station: Station, _info: Any) -> Any:
        days = getattr(station, "first_days", None)
        return days()[station.pk] if days is not None else opening_day(station)

    @staticmethod
    def resolve_last_day(station: Station, info: Any) -> Any:
        known = getattr(info.context, "o2o_coach_seasons", None)
        if known is None:
            known = info.context.o2o_coach_seasons = seasons()
        return last_day(station, known, today())

    @staticmethod
    def resolve_opens(station: Station, _info: Any) -> str:
        return f"{station.opens:%H:%M}"

    @staticmethod
    def resolve_closes(station: Station, _info: Any) -> str:
        return f"{station.closes:%H:%M}"

    @staticmethod
    def resolve_fares(station: Station, info: Any) -> list[str]:
        allowed = allowed_fares(station, channel_of(info))
        return [one for one in Fare.values if one in allowed]


class CoachFarePriceType(graphene.ObjectType):
    """What a kind of ticket costs."""

    fare = graphene.Field(CoachFareEnum, required=True, description="票类")
    name = graphene.String(required=True, description="票类名称")
    face = graphene.Field(Decimal, required=True, description="票面价（元）")
    parts = parts_field()
    service = graphene.Field(Decimal, required=True, description="服务费（元）")
    price = graphene.Field(Decimal, required=True, description="合计（元）")

    class Meta:
        name = "CoachFarePrice"


class CoachShiftType(graphene.ObjectType):
    """A bus of a day between two places."""

    id = graphene.ID(required=True, description="班次标识；占座时用它和到站")
    number = graphene.String(required=True, description="班次号")
    day = graphene.Date(required=True, description="乘车日期")
    start = graphene.Field(CoachStationType, required=True, description="上车站")
    goal = graphene.Field(CoachStationType, required=True, description="到站")
    terminal = graphene.String(required=True, description="终到站")
    departs = graphene.DateTime(required=True, description="发车时间；流水班为首班")
    last = graphene.DateTime(required=True, description="流水班的末班；固定班同发车时间")
    arrives = graphene.DateTime(required=True, description="约几点到")
    minutes = graphene.Int(required=True, description="历时（分钟）")
    kilometres = graphene.Int(required=True, description="里程（公里）")
    flow = graphene.Boolean(required=True, description="流水班：当天任意一班，不对号")
    extra = graphene.Boolean(required=True, description="加班车；退改规定可能不同，见 refundWords")
    vehicle = graphene.String(required=True, description="车型")
    gate = graphene.String(required=True, description="检票口")
    left = graphene.Int(description="余票；未知为空")
    left_words = graphene.String(required=True, description="余票说明")
    stops_at = graphene.DateTime(required=True, description="停售时间")
    fares = graphene.List(graphene.NonNull(CoachFarePriceType), required=True, description="票价")
    refund_words = graphene.List(graphene.NonNull(graphene.String), required=True, description="退票规定")
    change_words = graphene.List(graphene.NonNull(graphene.String), required=True, description="改签规定")

    class Meta:
        name = "CoachShift"

    @staticmethod
    def resolve_id(found: Found, _info: Any) -> int:
        return found.shift_day.pk

    @staticmethod
    def resolve_number(found: Found, _info: Any) -> str:
        return found.shift_day.shift.number

    @staticmethod
    def resolve_day(found: Found, _info: Any) -> Any:
        return found.shift_day.day

    @staticmethod
    def resolve_terminal(found: Found, _info: Any) -> str:
        return found.shift_day.shift.line.terminal.name

    @staticmethod
    def resolve_departs(found: Found, _info: Any) -> Any:
        return found.shift_day.departs

    @staticmethod
    def resolve_last(found: Found, _info: Any) -> Any:
        return found.shift_day.last

    @staticmethod
    def resolve_flow(found: Found, _info: Any) -> bool:
        return found.shift_day.shift.flow

    @staticmethod
    def resolve_extra(found: Found, _info: Any) -> bool:
        return found.shift_day.extra

    @staticmethod
    def resolve_vehicle(found: Found, _info: Any) -> str:
        return found.shift_day.shift.vehicle

    @staticmethod
    def resolve_gate(found: Found, _info: Any) -> str:
        return found.shift_day.gate

    @staticmethod
    def resolve_left_words(found: Found, _info: Any) -> str:
        left = found.left
        if left is None:
            return "有票"
        return "无票" if left == 0 else "有票" if left > MANY else f"余 {left} 张"

    @staticmethod
    def resolve_stops_at(found: Found, _info: Any) -> Any:
        return found.stops

    @staticmethod
    def resolve_fares(found: Found, info: Any) -> list[CoachFarePriceType]:
        return [
            CoachFarePriceType(
                fare=fare,
                name=str(Fare(fare).label),
                face=face,
                service=service,
                price=face + service,
                parts=parts_shown(found.made_of(fare)),
            )
            for fare, face, service in found.fares(channel_of(info))
        ]

    @staticmethod
    def resolve_refund_words(found: Found, info: Any) -> list[str]:
        return _words(found, info, FeeKind.REFUND)

    @staticmethod
    def resolve_change_words(found: Found, info: Any) -> list[str]:
        return _words(found, info, FeeKind.CHANGE)


def _words(found: Found, info: Any, kind: str) -> list[str]:
    """The rule that a whole ticket of a bus would keep, by the rules as they are read once in a request."""
    kept = getattr(info.context, "o2o_coach_rules", None)
    if kept is None:
        kept = info.context.o2o_coach_rules = {}
    if kind not in kept:
        kept[kind] = list(in_force(today()).filter(trade=Trade.COACH, kind=kind))
    row = nearest(kept[kind], {**rule_keys(found, found.first), "ticket_class": Fare.FULL.value})
    try:
        return rule_text(rule_of(row)) if row is not None else []
    except TicketError:
        return []


class CoachSearchType(graphene.ObjectType):
    """Buses of a day."""

    day = graphene.Date(required=True, description="乘车日期")
    shifts = graphene.List(graphene.NonNull(CoachShiftType), required=True, description="班次，按发车时间")
    errors = errors_field()

    class Meta:
        name = "CoachSearch"


class CoachSeatType(graphene.ObjectType):
    """One seat of a bus."""

    number = graphene.String(required=True, description="座位号")
    state = graphene.Field(CoachSeatStateEnum, required=True, description="可选、预留、不售、已售")

    class Meta:
        name = "CoachSeat"


class CoachSeatPlanType(graphene.ObjectType):
    """The seats of a bus, where they can be chosen."""

    seats = graphene.List(
        graphene.NonNull(CoachSeatType), required=True, description="按座位号；空：不能选座，由客票网排座"
    )
    errors = errors_field()

    class Meta:
        name = "CoachSeatPlan"


class CoachInvoiceType(graphene.ObjectType):
    """An invoice that was asked for."""

    number = graphene.String(required=True, description="申请号")
    state = graphene.Field(CoachInvoiceStateEnum, required=True, description="状态")
    kind = graphene.Field(CoachInvoiceKindEnum, required=True, description="蓝字、红字")
    kind_label = graphene.String(required=True, description="种类名称")
    state_label = graphene.String(required=True, description="状态名称")
    title = graphene.String(required=True, description="抬头")
    amount = graphene.Field(Decimal, required=True, description="金额（元）；红字为负")
    invoice_number = graphene.String(required=True, description="发票号码；开具后才有")
    issued_on = graphene.Date(description="开票日期")
    why = graphene.String(required=True, description="撤销、失败、冲红的原因")

    class Meta:
        name = "CoachInvoice"

    @staticmethod
    def resolve_kind_label(one: CoachInvoice, _info: Any) -> str:
        return str(one.get_kind_display())

    @staticmethod
    def resolve_state_label(one: CoachInvoice, _info: Any) -> str:
        return str(one.get_state_display())

    @staticmethod
    def is_type_of(root: Any, _info: Any) -> bool:
        return isinstance(root, CoachInvoice)
