"""Types of admission's API."""

from __future__ import annotations

from datetime import date
from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.documents import DocumentKind
from saleor_o2o.kernel.errors import DomainError

from ..choices import (
    Audience,
    ExchangeMode,
    ProductKind,
    RealName,
    SessionState,
    ValidMode,
    WaitingState,
)
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..inventory.geometry import Spot
from ..models import AdmissionProduct, SaleQueue, ScenicSpot, TicketClass, Venue, Waiting
from ..selectors import (
    MANY,
    MOST_DAYS,
    ClassLeft,
    DayShown,
    SessionShown,
    SlotShown,
    calendar,
    classes_of,
    free_seats,
    lowest,
    seat_states,
    sessions_shown,
    slots_shown,
)

AdmissionKindEnum = enum_of("AdmissionKind", ProductKind)
AdmissionAudienceEnum = enum_of("AdmissionAudience", Audience)
AdmissionValidModeEnum = enum_of("AdmissionValidMode", ValidMode)
AdmissionRealNameEnum = enum_of("AdmissionRealName", RealName)
AdmissionExchangeModeEnum = enum_of("AdmissionExchangeMode", ExchangeMode)
AdmissionSessionStateEnum = enum_of("AdmissionSessionState", SessionState)
AdmissionWaitingStateEnum = enum_of("AdmissionWaitingState", WaitingState)


class AdmissionErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "AdmissionError"


class AdmissionPlaceType(graphene.ObjectType):
    """A venue or a scenic spot."""

    name = graphene.String(required=True, description="名称")
    district = graphene.String(required=True, description="区县")
    address = graphene.String(required=True, description="地址")
    longitude = graphene.Float(description="经度（WGS84）")
    latitude = graphene.Float(description="纬度（WGS84）")
    phone = graphene.String(required=True, description="咨询电话")
    level = graphene.String(required=True, description="景区等级，如 AAAAA；没有则为空文字")
    opening_hours = graphene.String(required=True, description="开放时间")
    traffic = graphene.String(required=True, description="交通")
    notices = graphene.String(required=True, description="须知")

    class Meta:
        name = "AdmissionPlace"

    @staticmethod
    def resolve_district(row: Any, _info: Any) -> str:
        return str(row.city)

    @staticmethod
    def resolve_level(row: Any, _info: Any) -> str:
        return "A" * row.level if isinstance(row, ScenicSpot) else ""

    @staticmethod
    def resolve_opening_hours(row: Any, _info: Any) -> str:
        return str(row.opening_hours) if isinstance(row, ScenicSpot) else ""


class AdmissionClassType(graphene.ObjectType):
    """A ticket class."""

    code = graphene.String(required=True, description="票类代码")
    name = graphene.String(required=True, description="票名")
    audience = graphene.Field(AdmissionAudienceEnum, required=True, description="适用人群")
    include = graphene.String(required=True, description="包含")
    people = graphene.Int(required=True, description="一张票的人数")
    age_from = graphene.Int(description="年龄不小于")
    age_below = graphene.Int(description="年龄小于")
    documents = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="可用证件；空为不限"
    )
    price = graphene.Field(Decimal, required=True, description="平常的售价（元）")
    market_price = graphene.Field(Decimal, description="门市价（元）")
    min_per_order = graphene.Int(required=True, description="每单最少")
    max_per_order = graphene.Int(required=True, description="每单最多")
    valid_mode = graphene.Field(AdmissionValidModeEnum, required=True, description="有效方式")
    valid_days = graphene.Int(required=True, description="有效天数")
    real_name = graphene.Field(AdmissionRealNameEnum, required=True, description="实名")
    exchange_mode = graphene.Field(AdmissionExchangeModeEnum, required=True, description="入园凭证")
    advance = graphene.String(required=True, description="预订截止的说明")
    category = graphene.String(required=True, description="座位等级；不对号入座的为空文字")

    class Meta:
        name = "AdmissionClass"

    @staticmethod
    def resolve_documents(row: TicketClass, _info: Any) -> list[str]:
        return [str(DocumentKind(one).label) for one in row.id_types if one in DocumentKind.values]

    @staticmethod
    def resolve_advance(row: TicketClass, _info: Any) -> str:
        if row.valid_mode not in {ValidMode.DAY, ValidMode.SLOT}:
            return ""
        when = f"{row.cut_off:%H:%M}" if row.cut_off is not None else "24:00"
        if row.advance_days == 0:
            return str(_("游玩当天 %(when)s 前可订") % {"when": when})
        return str(_("提前 %(days)d 天，当天 %(when)s 前可订") % {"days": row.advance_days, "when": when})


class AdmissionClassLeftType(graphene.ObjectType):
    """A ticket class at a time."""

    code = graphene.String(required=True, description="票类代码")
    name = graphene.String(required=True, description="票名")
    category = graphene.String(required=True, description="座位等级")
    price = graphene.Field(Decimal, required=True, description="售价（元）")
    left = graphene.Int(required=True, description=f"余票；{MANY} 张以上只说 {MANY}")
    open = graphene.Boolean(required=True, description="现在是否可买")

    class Meta:
        name = "AdmissionClassLeft"

    @staticmethod
    def resolve_code(one: ClassLeft, _info: Any) -> str:
        return one.kind.code

    @staticmethod
    def resolve_name(one: ClassLeft, _info: Any) -> str:
        return one.kind.name

    @staticmethod
    def resolve_category(one: ClassLeft, _info: Any) -> str:
        return one.kind.category

    @staticmethod
    def resolve_left(one: ClassLeft, _info: Any) -> int:
        return min(one.left, MANY)


def _classes() -> Any:
    return graphene.List(graphene.NonNull(AdmissionClassLeftType), required=True, description="各票类")


class AdmissionDayType(graphene.ObjectType):
    """A day of the price calendar."""

    day = graphene.Date(required=True, description="日期")
    price_from = graphene.Field(Decimal, description="最低价（元）；不可买为空")
    left = graphene.Int(required=True, description=f"余票；{MANY} 张以上只说 {MANY}")
    classes = _classes()

    class Meta:
        name = "AdmissionDay"

    @staticmethod
    def resolve_left(one: DayShown, _info: Any) -> int:
        return min(one.left, MANY)


class AdmissionSlotType(graphene.ObjectType):
    """A time of a day."""

    id = graphene.ID(required=True)
    starts = graphene.String(required=True, description="自，如 09:00")
    ends = graphene.String(required=True, description="至")
    classes = _classes()

    class Meta:
        name = "AdmissionSlot"

    @staticmethod
    def resolve_id(one: SlotShown, _info: Any) -> int:
        return one.slot.pk

    @staticmethod
    def resolve_starts(one: SlotShown, _info: Any) -> str:
        return f"{one.slot.starts:%H:%M}"

    @staticmethod
    def resolve_ends(one: SlotShown, _info: Any) -> str:
        return f"{one.slot.ends:%H:%M}"


class AdmissionSeatType(graphene.ObjectType):
    """A seat of a session."""

    id = graphene.ID(required=True, description="占座时用")
    zone = graphene.String(required=True, description="区域")
    line = graphene.Int(required=True, description="行序，从舞台数")
    place = graphene.Int(required=True, description="列序，从左数；空缺为过道")
    label = graphene.String(required=True, description="名称，如 池座3排12座")
    category = graphene.String(required=True, description="座位等级")
    free = graphene.Boolean(required=True, description="是否可选")

    class Meta:
        name = "AdmissionSeat"

    @staticmethod
    def resolve_id(one: tuple[Spot, bool], _info: Any) -> int:
        return one[0].seat

    @staticmethod
    def resolve_zone(one: tuple[Spot, bool], _info: Any) -> str:
        return one[0].zone

    @staticmethod
    def resolve_line(one: tuple[Spot, bool], _info: Any) -> int:
        return one[0].line

    @staticmethod
    def resolve_place(one: tuple[Spot, bool], _info: Any) -> int:
        return one[0].place

    @staticmethod
    def resolve_label(one: tuple[Spot, bool], _info: Any) -> str:
        return one[0].label

    @staticmethod
    def resolve_category(one: tuple[Spot, bool], _info: Any) -> str:
        return one[0].category

    @staticmethod
    def resolve_free(one: tuple[Spot, bool], _info: Any) -> bool:
        return one[1]


class AdmissionCategoryType(graphene.ObjectType):
    """A category of seats."""

    code = graphene.String(required=True, description="代码")
    name = graphene.String(required=True, description="名称")
    colour = graphene.String(required=True, description="颜色，如 #b91c1c")

    class Meta:
        name = "AdmissionCategory"


class AdmissionSessionType(graphene.ObjectType):
    """A session."""

    id = graphene.ID(required=True)
    name = graphene.String(required=True, description="场次名；可为空文字")
    starts_at = graphene.DateTime(required=True, description="开始")
    ends_at = graphene.DateTime(required=True, description="结束")
    opens_at = graphene.DateTime(required=True, description="开售")
    closes_at = graphene.DateTime(required=True, description="停售")
    postponed_from = graphene.DateTime(description="延期前的时间")
    state = graphene.Field(AdmissionSessionStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态说明")
    hall = graphene.String(required=True, description="厅")
    seated = graphene.Boolean(required=True, description="是否对号入座")
    on_sale = graphene.Boolean(required=True, description="现在是否可买")
    price_from = graphene.Field(Decimal, description="最低价（元）")
    left = graphene.Int(required=True, description=f"余票；{MANY} 张以上只说 {MANY}")
    classes = _classes()
    categories = graphene.List(graphene.NonNull(AdmissionCategoryType), required=True, description="座位等级")
    seats = graphene.List(
        graphene.NonNull(AdmissionSeatType), required=True, description="座位图，实时；不对号入座的为空列表"
    )
    free_seats = graphene.List(
        graphene.NonNull(graphene.ID), required=True, description="现在可选的座位；读过一次座位图后用它刷新"
    )

    class Meta:
        name = "AdmissionSession"

    @staticmethod
    def resolve_id(one: SessionShown, _info: Any) -> int:
        return one.session.pk

    @staticmethod
    def resolve_name(one: SessionShown, _info: Any) -> str:
        return one.session.name

    @staticmethod
    def resolve_starts_at(one: SessionShown, _info: Any) -> Any:
        return one.session.starts_at

    @staticmethod
    def resolve_ends_at(one: SessionShown, _info: Any) -> Any:
        return one.session.ends_at

    @staticmethod
    def resolve_opens_at(one: SessionShown, _info: Any) -> Any:
        return one.session.opens_at

    @staticmethod
    def resolve_closes_at(one: SessionShown, _info: Any) -> Any:
        return one.session.closes_at

    @staticmethod
    def resolve_postponed_from(one: SessionShown, _info: Any) -> Any:
        return one.session.postponed_from

    @staticmethod
    def resolve_state(one: SessionShown, _info: Any) -> str:
        return str(one.session.state)

    @staticmethod
    def resolve_title(one: SessionShown, _info: Any) -> str:
        if one.session.state == SessionState.ON_SALE and now() < one.session.opens_at:
            return str(_("即将开售"))
        return str(one.session.get_state_display())

    @staticmethod
    def resolve_hall(one: SessionShown, _info: Any) -> str:
        return one.session.hall.name if one.session.hall is not None else ""

    @staticmethod
    def resolve_seated(one: SessionShown, _info: Any) -> bool:
        return one.session.seat_map_id is not None

    @staticmethod
    def resolve_on_sale(one: SessionShown, _info: Any) -> bool:
        return one.session.on_sale

    @staticmethod
    def resolve_left(one: SessionShown, _info: Any) -> int:
        return min(one.left, MANY)

    @staticmethod
    def resolve_categories(one: SessionShown, _info: Any) -> list[dict[str, str]]:
        if one.session.seat_map is None:
            return []
        return [
            {"code": code, "name": told.get("name", code), "colour": told.get("colour", "#6b7280")}
            for code, told in one.session.seat_map.categories.items()
        ]

    @staticmethod
    def resolve_seats(one: SessionShown, _info: Any) -> list[tuple[Spot, bool]]:
        found = seat_states(one.session)
        if found is None:
            return []
        map_, states = found
        return [(spot, states.get(spot.seat) == "free") for spot in map_.spots.values()]

    @staticmethod
    def resolve_free_seats(one: SessionShown, _info: Any) -> list[int]:
        return free_seats(one.session)


class AdmissionQueueType(graphene.ObjectType):
    """Where somebody stands in a queue."""

    number = graphene.Int(required=True, description="号码")
    ahead = graphene.Int(required=True, description="前面还有几人")
    enters_at = graphene.DateTime(required=True, description="预计轮到")
    until = graphene.DateTime(required=True, description="轮到后有效至")
    is_in = graphene.Boolean(required=True, description="现在可以购买")

    class Meta:
        name = "AdmissionQueue"


class AdmissionWaitingType(graphene.ObjectType):
    """Somebody's waiting for tickets."""

    id = graphene.ID(required=True)
    product = graphene.String(required=True, description="产品")
    product_code = graphene.String(required=True, description="产品代码")
    class_name = graphene.String(required=True, description="票名")
    class_code = graphene.String(required=True, description="票类代码")
    session_id = graphene.ID(description="场次")
    slot_id = graphene.ID(description="时段")
    starts_at = graphene.DateTime(description="场次开始；不按场次的为空")
    slot_time = graphene.String(required=True, description="时段，如 09:00–11:00；不分时段的为空文字")
    day = graphene.Date(description="日期")
    quantity = graphene.Int(required=True, description="张数")
    state = graphene.Field(AdmissionWaitingStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态名称")
    offered_until = graphene.DateTime(description="有票时：为您保留至")
    order_number = graphene.String(required=True, description="下单后的票务订单号")

    class Meta:
        name = "AdmissionWaiting"

    @staticmethod
    def resolve_product(row: Waiting, _info: Any) -> str:
        return row.ticket_class.product.name

    @staticmethod
    def resolve_product_code(row: Waiting, _info: Any) -> str:
        return row.ticket_class.product.code

    @staticmethod
    def resolve_class_name(row: Waiting, _info: Any) -> str:
        return row.ticket_class.name

    @staticmethod
    def resolve_class_code(row: Waiting, _info: Any) -> str:
        return row.ticket_class.code

    @staticmethod
    def resolve_starts_at(row: Waiting, _info: Any) -> Any:
        return row.session.starts_at if row.session is not None else None

    @staticmethod
    def resolve_slot_time(row: Waiting, _info: Any) -> str:
        return f"{row.slot.starts:%H:%M}–{row.slot.ends:%H:%M}" if row.slot is not None else ""

    @staticmethod
    def resolve_day(row: Waiting, _info: Any) -> date | None:
        return row.slot.day if row.slot is not None else row.day

    @staticmethod
    def resolve_title(row: Waiting, _info: Any) -> str:
        return str(row.get_state_display())


class AdmissionProductType(graphene.ObjectType):
    """A product."""

    code = graphene.String(required=True, description="代码")
    kind = graphene.Field(AdmissionKindEnum, required=True, description="种类")
    title = graphene.String(required=True, description="种类名称")
    name = graphene.String(required=True, description="名称")
    summary = graphene.String(required=True, description="一句话介绍")
    description = graphene.String(required=True, description="介绍")
    notices = graphene.String(required=True, description="购票须知")
    on_sale = graphene.Boolean(required=True, description="是否在售")
    price_from = graphene.Field(Decimal, description="平常的最低价（元）")
    place = graphene.Field(AdmissionPlaceType, description="景区或场馆")
    places = graphene.List(graphene.NonNull(AdmissionPlaceType), required=True, description="联票包含的景区")
    waiting_hours = graphene.Int(description="缺货登记：有票时保留几小时；空为不开放")
    queued = graphene.Boolean(required=True, description="购买前是否要排队")
    classes = graphene.List(graphene.NonNull(AdmissionClassType), required=True, description="票类")
    calendar = graphene.List(
        graphene.NonNull(AdmissionDayType), required=True,
        first=graphene.Date(description="自哪一天；不填为今天"),
        days=graphene.Int(description=f"几天，最多 {MOST_DAYS}", default_value=31),
        description="价格日历；按场次卖的为空列表",
    )  # fmt: skip
    slots = graphene.List(
        graphene.NonNull(AdmissionSlotType), required=True, day=graphene.Date(required=True),
        description="某天的分时时段",
    )  # fmt: skip
    sessions = graphene.List(
        graphene.NonNull(AdmissionSessionType), required=True,
        first=graphene.Date(description="自哪一天；不填为今天"), description="还没结束的场次",
    )  # fmt: skip

    class Meta:
        name = "AdmissionProduct"

    @staticmethod
    def resolve_title(row: AdmissionProduct, _info: Any) -> str:
        return str(row.get_kind_display())

    @staticmethod
    def resolve_on_sale(row: AdmissionProduct, _info: Any) -> bool:
        return row.state == "on_sale"

    @staticmethod
    def resolve_price_from(row: AdmissionProduct, _info: Any) -> Any:
        return lowest(row)

    @staticmethod
    def resolve_place(row: AdmissionProduct, _info: Any) -> Venue | ScenicSpot | None:
        return row.venue or row.spot

    @staticmethod
    def resolve_places(row: AdmissionProduct, _info: Any) -> list[ScenicSpot]:
        return list(row.spots.all())

    @staticmethod
    def resolve_queued(row: AdmissionProduct, _info: Any) -> bool:
        return SaleQueue.objects.filter(product=row, active=True).exists()

    @staticmethod
    def resolve_classes(row: AdmissionProduct, info: Any) -> list[TicketClass]:
        return classes_of(row, channel_of(info))

    @staticmethod
    def resolve_calendar(
        row: AdmissionProduct, info: Any, days: int, first: date | None = None
    ) -> list[DayShown]:
        return calendar(row, first or today(), days, channel_of(info))

    @staticmethod
    def resolve_slots(row: AdmissionProduct, info: Any, day: date) -> list[SlotShown]:
        return slots_shown(row, day, channel_of(info))

    @staticmethod
    def resolve_sessions(row: AdmissionProduct, info: Any, first: date | None = None) -> list[SessionShown]:
        return sessions_shown(row, channel_of(info), first=first)


def channel_of(info: Any) -> str:
    """Where the asker sells or buys: the staff at a counter, everybody else online."""
    return "counter" if getattr(info.context.user, "is_staff", False) else "online"


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(AdmissionErrorType), required=True, description="错误；成功时为空")


def errors_of(error: DomainError) -> list[AdmissionErrorType]:
    """A refusal in the API's form."""
    return [
        AdmissionErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
        )
    ]


def key_of(text: Any, field: str) -> int:
    """A row's key as the API has it. Raises NOT_FOUND for what cannot be one."""
    told = str(text or "")
    if not told.isascii() or not told.isdigit() or len(told) > 15:
        raise AdmissionError(Code.NOT_FOUND, _("没有这条记录"), field)
    return int(told)
