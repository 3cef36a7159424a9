"""Types of ticket orders; amounts in yuan, names and numbers of passengers masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.documents import DocumentKind
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_id_number, mask_name, mask_phone

from ...choices import OrderState, TicketState, Trade
from ...engine import Rule
from ...engine.wording import rule_text
from ...legs import Leg, leg_of, segments
from ...models import Ticket, TicketOrder, TicketPassenger
from ...outcomes import Outcome, outcome_of
from ...parts import words_of
from ...picks import pick_of
from ...selectors import Tab
from ...trades import trade_of

TicketTradeEnum = enum_of("TicketTrade", Trade)
TicketOrderStateEnum = enum_of("TicketOrderState", OrderState)
TicketStateEnum = enum_of("TicketState", TicketState)
TicketOrderOutcomeEnum = enum_of("TicketOrderOutcome", [one for one in Outcome if one])
TicketOrderTabEnum = enum_of("TicketOrderTab", Tab)


class TicketErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "TicketError"


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(TicketErrorType), required=True, description="错误；成功时为空")


def errors_of(error: DomainError) -> list[TicketErrorType]:
    """A refusal in the API's form."""
    return [
        TicketErrorType(field=error.field, message=error.message, hint=error.hint, code=str(error.code.value))
    ]


class TicketWordsType(graphene.ObjectType):
    """A label and what stands beside it."""

    label = graphene.String(required=True, description="名称")
    text = graphene.String(required=True, description="内容")

    class Meta:
        name = "TicketWords"


class TicketPassengerType(graphene.ObjectType):
    """Who goes; masked for everybody."""

    name = graphene.String(required=True, description="姓名（已遮盖）")
    document = graphene.String(required=True, description="证件类型")
    number = graphene.String(required=True, description="证件号（已遮盖）")
    type = graphene.String(required=True, description="旅客类型")

    class Meta:
        name = "TicketPassenger"

    @staticmethod
    def resolve_name(one: TicketPassenger, _info: Any) -> str:
        return mask_name(one.name)

    @staticmethod
    def resolve_document(one: TicketPassenger, _info: Any) -> str:
        return str(DocumentKind(one.document).label)

    @staticmethod
    def resolve_number(one: TicketPassenger, _info: Any) -> str:
        return mask_id_number(one.document_number)

    @staticmethod
    def resolve_type(one: TicketPassenger, _info: Any) -> str:
        return str(one.get_type_display())


class TicketSegmentType(graphene.ObjectType):
    """One leg of an order: there and back are two; a single trip is one."""

    position = graphene.Int(required=True, description="第几程，从 1 起；单程为 0")
    title = graphene.String(required=True, description="内容")
    number = graphene.String(required=True, description="车次、航班号；没有为空文字")
    origin = graphene.String(required=True, description="出发地；没有为空文字")
    goal = graphene.String(required=True, description="到达地；没有为空文字")
    starts_at = graphene.DateTime(required=True, description="出发（开场）")
    ends_at = graphene.DateTime(required=True, description="到达（结束）")
    cancelled = graphene.Boolean(required=True, description="这一程已取消")

    class Meta:
        name = "TicketSegment"

    @staticmethod
    def resolve_cancelled(leg: Leg, _info: Any) -> bool:
        return leg.no_trip


class TicketPartType(graphene.ObjectType):
    """A part of a face value."""

    label = graphene.String(required=True, description="名称：票价、机建费、燃油附加费、站务费")
    amount = graphene.Field(Decimal, required=True, description="金额（元）")

    class Meta:
        name = "TicketPart"


def parts_field() -> Any:
    """Of what a face value is made."""
    return graphene.List(
        graphene.NonNull(TicketPartType), required=True, description="票面组成，合计等于票面；只有票价的为空"
    )


def parts_shown(words: Sequence[tuple[str, Any]]) -> list[TicketPartType]:
    """Parts of a face value (`kernel.parts.labelled`) in the API's form."""
    return [TicketPartType(label=label, amount=amount) for label, amount in words]


class TicketType(graphene.ObjectType):
    """One ticket."""

    number = graphene.String(required=True, description="票号")
    state = graphene.Field(TicketStateEnum, required=True, description="状态")
    state_label = graphene.String(required=True, description="状态名称")
    segment = graphene.Field(
        graphene.NonNull(TicketSegmentType), description="属于哪一程；与 TicketOrder.segments 中的一项相同"
    )
    fare = graphene.String(required=True, description="票类代码")
    fare_name = graphene.String(required=True, description="票类")
    seat = graphene.String(required=True, description="座位；不对号为空")
    price = graphene.Field(Decimal, required=True, description="售价（元），含服务费")
    service = graphene.Field(Decimal, required=True, description="其中服务费（元）")
    parts = parts_field()
    passenger = graphene.Field(TicketPassengerType, description="乘客（观众）；不实名的为空")
    carried_by = graphene.String(description="随行于哪张票（票号）")
    their_number = graphene.String(required=True, description="承运方（主办方）票号；出票后才有")
    valid_from = graphene.DateTime(required=True, description="有效开始")
    valid_until = graphene.DateTime(required=True, description="有效截止")
    uses = graphene.Int(required=True, description="可用人次")
    used = graphene.Int(required=True, description="已用人次")
    back = graphene.Int(required=True, description="已退人次")
    collected_at = graphene.DateTime(description="在车站（场馆）取纸质票的时间；没有取为空")
    refund_rule = graphene.List(graphene.NonNull(graphene.String), required=True, description="退票规则")
    change_rule = graphene.List(graphene.NonNull(graphene.String), required=True, description="改签规则")

    class Meta:
        name = "Ticket"

    @staticmethod
    def resolve_state_label(ticket: Ticket, _info: Any) -> str:
        return str(ticket.get_state_display())

    @staticmethod
    def resolve_parts(ticket: Ticket, _info: Any) -> list[TicketPartType]:
        return parts_shown(words_of(ticket))

    @staticmethod
    def resolve_segment(ticket: Ticket, _info: Any) -> Leg:
        return leg_of(ticket)

    @staticmethod
    def resolve_carried_by(ticket: Ticket, _info: Any) -> str | None:
        return ticket.carried_by.number if ticket.carried_by is not None else None

    @staticmethod
    def resolve_refund_rule(ticket: Ticket, _info: Any) -> list[str]:
        return _rule(ticket.refund_rule)

    @staticmethod
    def resolve_change_rule(ticket: Ticket, _info: Any) -> list[str]:
        return _rule(ticket.change_rule)


def _rule(kept: dict[str, Any] | None) -> list[str]:
    return rule_text(Rule.from_json(kept)) if kept else []


class TicketOrderType(graphene.ObjectType):
    """What is held, bought and issued as one."""

    number = graphene.String(required=True, description="票务订单号")
    trade = graphene.Field(TicketTradeEnum, required=True, description="票种")
    state = graphene.Field(TicketOrderStateEnum, required=True, description="状态")
    state_label = graphene.String(required=True, description="状态名称")
    outcome = graphene.Field(
        TicketOrderOutcomeEnum, description="出票后全单的结果；还在使用中或没有出票的为空"
    )
    outcome_label = graphene.String(required=True, description="结果名称；没有则为空文字")
    title = graphene.String(required=True, description="内容")
    product_code = graphene.String(required=True, description="产品代码；没有的（汽车票）为空文字")
    instead_of = graphene.String(
        required=True, description="为哪张票务订单改签而占的座；不是的为空文字，是的不能单独购买"
    )
    details = graphene.List(graphene.NonNull(TicketWordsType), required=True, description="行程（场次）")
    starts_at = graphene.DateTime(required=True, description="出发（开场）")
    ends_at = graphene.DateTime(required=True, description="到达（结束）")
    segments = graphene.List(
        graphene.NonNull(TicketSegmentType), required=True, description="各程，按先后；单程只有一项"
    )
    held_until = graphene.DateTime(description="支付截止；只在待支付时有意义")
    total = graphene.Field(Decimal, required=True, description="应付合计（元）")
    face = graphene.Field(Decimal, required=True, description="票面合计（元）")
    service = graphene.Field(Decimal, required=True, description="服务费合计（元）")
    contact = graphene.String(required=True, description="联系人（已遮盖）")
    mobile = graphene.String(required=True, description="联系手机（已遮盖）")
    tickets = graphene.List(graphene.NonNull(TicketType), required=True, description="票")
    pick = graphene.List(graphene.NonNull(TicketWordsType), required=True, description="取票凭证；出票后才有")
    order_number = graphene.String(description="订单号（myOrder）；还没下单为空")
    why = graphene.String(required=True, description="未成、关闭的原因")
    made_at = graphene.DateTime(required=True, description="占座时间")
    paid_at = graphene.DateTime(description="支付时间")
    issued_at = graphene.DateTime(description="出票时间")

    class Meta:
        name = "TicketOrder"

    @staticmethod
    def resolve_state_label(order: TicketOrder, _info: Any) -> str:
        return str(order.get_state_display())

    @staticmethod
    def resolve_product_code(order: TicketOrder, _info: Any) -> str:
        return str(order.place.get("code") or "")

    @staticmethod
    def resolve_instead_of(order: TicketOrder, _info: Any) -> str:
        return order.instead_of.number if order.instead_of is not None else ""

    @staticmethod
    def resolve_outcome(order: TicketOrder, _info: Any) -> str | None:
        return outcome_of(order).value or None

    @staticmethod
    def resolve_outcome_label(order: TicketOrder, _info: Any) -> str:
        found = outcome_of(order)
        return str(found.label) if found else ""

    @staticmethod
    def resolve_details(order: TicketOrder, _info: Any) -> list[TicketWordsType]:
        return [
            TicketWordsType(label=label, text=text) for label, text in trade_of(order.trade).describe(order)
        ]

    @staticmethod
    def resolve_segments(order: TicketOrder, _info: Any) -> list[Leg]:
        return segments(order)

    @staticmethod
    def resolve_contact(order: TicketOrder, _info: Any) -> str:
        return mask_name(order.contact)

    @staticmethod
    def resolve_mobile(order: TicketOrder, _info: Any) -> str:
        return mask_phone(order.mobile)

    @staticmethod
    def resolve_tickets(order: TicketOrder, _info: Any) -> list[Ticket]:
        return sorted(order.tickets.all(), key=lambda one: one.pk)

    @staticmethod
    def resolve_pick(order: TicketOrder, info: Any) -> list[TicketWordsType]:
        """Whoever sees the order as the staff does not see with what it is fetched."""
        if not order.pick_code or order.state != OrderState.ISSUED or _looks_as_staff(order, info):
            return []
        return [TicketWordsType(label=label, text=text) for label, text in pick_of(order).items()]

    @staticmethod
    def resolve_order_number(order: TicketOrder, _info: Any) -> str | None:
        profile = getattr(order.order, "o2o_profile", None) if order.order is not None else None
        return profile.number if profile is not None else None


def _looks_as_staff(order: TicketOrder, info: Any) -> bool:
    user = info.context.user
    return bool(user.is_authenticated and user.is_staff and user.pk not in (order.user_id, order.made_by_id))


class TicketOrderPage(graphene.ObjectType):
    """A page of one's own ticket orders."""

    items = graphene.List(graphene.NonNull(TicketOrderType), required=True, description="票务订单，新的在前")
    cursor = graphene.String(required=True, description="下一页的 cursor；没有了为空字符串")
