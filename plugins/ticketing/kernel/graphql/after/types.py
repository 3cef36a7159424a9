"""Types of refunds' and changes' API; amounts in yuan."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError

from ...choices import ChangeState, GivenCause, MoneyState, RefundState
from ...models import ChangeRequest, MoneyBack, RefundItem, RefundRequest
from ...parts import words_of
from ...services.changing import ChangeOffer, pay_by
from ...services.refunding import Offer
from ...services.replies import reply_words
from ...services.withdrawing import may_withdraw
from ..orders.types import parts_field, parts_shown

TicketRefundStateEnum = enum_of("TicketRefundState", RefundState)
TicketRefundCauseEnum = enum_of("TicketRefundCause", GivenCause)
TicketChangeStateEnum = enum_of("TicketChangeState", ChangeState)
TicketMoneyStateEnum = enum_of("TicketMoneyState", MoneyState)


class TicketAfterErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "TicketAfterError"


class TicketRefundQuoteType(graphene.ObjectType):
    """What giving back a ticket costs; it holds for five minutes."""

    ticket = graphene.String(required=True, description="票号")
    token = graphene.String(required=True, description="报价凭据，提交退票时原样带回")
    quantity = graphene.Int(required=True, description="退几人")
    allowed = graphene.Boolean(required=True, description="能否办理")
    parts = parts_field()
    fee = graphene.Field(Decimal, required=True, description="手续费（元）")
    back = graphene.Field(Decimal, required=True, description="应退（元）")
    words = graphene.List(graphene.NonNull(graphene.String), required=True, description="计费说明")
    valid_until = graphene.DateTime(required=True, description="报价有效至")

    class Meta:
        name = "TicketRefundQuote"

    @staticmethod
    def of(offer: Offer) -> TicketRefundQuoteType:
        """The quote of an offer."""
        quote = offer.quote
        return TicketRefundQuoteType(
            ticket=offer.ticket.number, token=quote.token, quantity=offer.quantity, allowed=quote.allowed,
            parts=parts_shown(words_of(offer.ticket)), fee=quote.fee, back=quote.back, words=list(offer.fee.words),
            valid_until=quote.valid_until,
        )  # fmt: skip


class TicketRefundItemType(graphene.ObjectType):
    """One ticket of a refund."""

    ticket = graphene.String(required=True, description="票号")
    quantity = graphene.Int(required=True, description="人次")
    face = graphene.Field(Decimal, required=True, description="票面（元）")
    airport = graphene.Field(Decimal, required=True, description="其中机建（元）")
    fuel = graphene.Field(Decimal, required=True, description="其中燃油（元）")
    station = graphene.Field(Decimal, required=True, description="其中站务费（元）")
    discount = graphene.Field(Decimal, required=True, description="优惠（元）")
    service = graphene.Field(Decimal, required=True, description="服务费（元）")
    fee = graphene.Field(Decimal, required=True, description="手续费（元）")
    due = graphene.Field(Decimal, required=True, description="应退（元）")
    words = graphene.String(required=True, description="计费说明")
    kept = graphene.Boolean(required=True, description="没有退成，票恢复有效")
    said = graphene.String(required=True, description="没有退成的理由")

    class Meta:
        name = "TicketRefundItem"

    @staticmethod
    def resolve_ticket(item: RefundItem, _info: Any) -> str:
        return item.ticket.number

    @staticmethod
    def resolve_said(item: RefundItem, _info: Any) -> str:
        # while people still look, what the supplier said is ours
        return item.said if item.kept else ""


class TicketMoneyBackType(graphene.ObjectType):
    """Money on its way back."""

    amount = graphene.Field(Decimal, required=True, description="金额（元）")
    state = graphene.Field(TicketMoneyStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态名称")
    arrived_at = graphene.DateTime(description="到账时间")

    class Meta:
        name = "TicketMoneyBack"

    @staticmethod
    def resolve_title(row: MoneyBack, _info: Any) -> str:
        return str(row.get_state_display())


class TicketRefundType(graphene.ObjectType):
    """Tickets that go back."""

    number = graphene.String(required=True, description="退票单号")
    state = graphene.Field(TicketRefundStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态名称")
    due = graphene.Field(Decimal, required=True, description="应退（元）")
    why = graphene.String(required=True, description="结果说明")
    asked_at = graphene.DateTime(required=True, description="申请时间")
    done_at = graphene.DateTime(description="完成时间")
    reply_until = graphene.DateTime(description="待商家答复的，最迟答复时间；其他为空")
    reply_words = graphene.String(required=True, description="商家怎样答复；没有请商家答复则为空文字")
    withdrawable = graphene.Boolean(required=True, description="还可以撤回：商家没有同意，平台也没有审定")
    items = graphene.List(graphene.NonNull(TicketRefundItemType), required=True, description="明细")
    money = graphene.List(graphene.NonNull(TicketMoneyBackType), required=True, description="退款")

    class Meta:
        name = "TicketRefundRequest"

    @staticmethod
    def resolve_title(row: RefundRequest, _info: Any) -> str:
        return str(row.get_state_display())

    @staticmethod
    def resolve_why(row: RefundRequest, _info: Any) -> str:
        # what the supplier gave and why people look is ours
        return row.why if row.state == RefundState.REFUSED else ""

    @staticmethod
    def resolve_reply_until(row: RefundRequest, _info: Any) -> Any:
        return row.reply.due_at if row.state == RefundState.MERCHANT else None

    @staticmethod
    def resolve_reply_words(row: RefundRequest, _info: Any) -> str:
        return reply_words(row)

    @staticmethod
    def resolve_withdrawable(row: RefundRequest, _info: Any) -> bool:
        return may_withdraw(row)

    @staticmethod
    def resolve_items(row: RefundRequest, _info: Any) -> Any:
        return row.items.select_related("ticket").order_by("pk")

    @staticmethod
    def resolve_money(row: RefundRequest, _info: Any) -> Any:
        return row.money.exclude(state=MoneyState.REPLACED).order_by("pk")


def errors_field() -> graphene.List:
    """The list in which refusals come back."""
    return graphene.List(graphene.NonNull(TicketAfterErrorType), required=True, description="错误")


def errors_of(error: DomainError) -> list[TicketAfterErrorType]:
    """A refusal as the API tells it."""
    return [TicketAfterErrorType(**error.as_dict())]


class TicketChangeQuoteType(graphene.ObjectType):
    """What changing a ticket costs; it holds for five minutes."""

    ticket = graphene.String(required=True, description="原票号")
    target = graphene.String(required=True, description="新票号")
    token = graphene.String(required=True, description="报价凭据，提交改签时原样带回")
    allowed = graphene.Boolean(required=True, description="能否办理")
    fee = graphene.Field(Decimal, required=True, description="手续费（元）")
    to_pay = graphene.Field(Decimal, required=True, description="应补（元）")
    back = graphene.Field(Decimal, required=True, description="应退（元）")
    words = graphene.List(graphene.NonNull(graphene.String), required=True, description="计费说明")
    insurance = graphene.String(required=True, description="改签后原票的保险怎么办；没有保险则为空文字")
    valid_until = graphene.DateTime(required=True, description="报价有效至")

    class Meta:
        name = "TicketChangeQuote"

    @staticmethod
    def of(offer: ChangeOffer) -> TicketChangeQuoteType:
        """The quote of an offer."""
        quote = offer.quote
        return TicketChangeQuoteType(
            ticket=offer.old.number, target=offer.new.number, token=quote.token, allowed=quote.allowed,
            fee=quote.fee, to_pay=quote.to_pay, back=quote.back, words=list(offer.fee.words),
            insurance=offer.insurance, valid_until=quote.valid_until,
        )  # fmt: skip


class TicketChangeType(graphene.ObjectType):
    """Tickets against another trip."""

    number = graphene.String(
        required=True, description="改签单号；应补大于 0 时，用占座号 ticket_changes:单号 下单付款"
    )
    state = graphene.Field(TicketChangeStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态名称")
    origin = graphene.String(required=True, description="原票务订单号")
    target = graphene.String(required=True, description="新票务订单号")
    order_number = graphene.String(required=True, description="补差价的订单号；还没下单或不用补则为空文字")
    fee = graphene.Field(Decimal, required=True, description="手续费（元）")
    to_pay = graphene.Field(Decimal, required=True, description="应补（元）")
    back = graphene.Field(Decimal, required=True, description="应退（元）")
    pay_by = graphene.DateTime(description="补差价截止；不用补或已办完的为空")
    words = graphene.String(required=True, description="计费说明")
    why = graphene.String(required=True, description="结果说明")

    class Meta:
        name = "TicketChangeRequest"

    @staticmethod
    def resolve_title(row: ChangeRequest, _info: Any) -> str:
        return str(row.get_state_display())

    @staticmethod
    def resolve_origin(row: ChangeRequest, _info: Any) -> str:
        return row.ticket_order.number

    @staticmethod
    def resolve_order_number(row: ChangeRequest, _info: Any) -> str:
        profile = getattr(row.difference_order, "o2o_profile", None)
        return str(profile.number) if profile is not None else ""

    @staticmethod
    def resolve_target(row: ChangeRequest, _info: Any) -> str:
        return row.target.number if row.target is not None else ""

    @staticmethod
    def resolve_pay_by(row: ChangeRequest, _info: Any) -> Any:
        return pay_by(row.target) if row.state == ChangeState.TO_PAY and row.target is not None else None
