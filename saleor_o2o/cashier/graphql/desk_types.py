"""Types of the cashier's page: what is to pay, with what, in which parts; and refunds in their shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from ..models import OrderRefund, OrderRefundState, PartState, PaymentIntent, PaymentPart, ShareState
from ..services.offering import Offer, offers
from ..services.order_refunds import Share, plan_refund
from ..tenders import Audience, Payer, Wish
from .types import PaymentIntentType

PaymentPartState = graphene.Enum("PaymentPartState", [(item.name, item.value) for item in PartState])
OrderRefundStateType = graphene.Enum(
    "OrderRefundState", [(item.name, item.value) for item in OrderRefundState]
)


class CashierMethodType(graphene.ObjectType):
    """A way to pay, and why it cannot be used."""

    method = graphene.String(
        required=True, description="代码；remote 为真时用于 paymentStart，否则用于 paymentCompose"
    )
    title = graphene.String(required=True, description="名称")
    remote = graphene.Boolean(required=True, description="由支付机构收款")
    offered = graphene.Boolean(required=True, description="现在可用")
    why_not = graphene.String(description="不可用的原因（给顾客看）")
    prompt = graphene.String(description="需要顾客输入的内容；为空则不用输入")
    min_amount = graphene.Field(Decimal, description="单笔最低（元）")
    max_amount = graphene.Field(Decimal, description="单笔最高（元）")

    class Meta:
        name = "CashierMethod"

    @staticmethod
    def resolve_remote(root: Offer, _info: Any) -> bool:
        """Whether a provider collects it."""
        return root.is_remote

    @staticmethod
    def resolve_offered(root: Offer, _info: Any) -> bool:
        """True without a reason why not."""
        return not root.why_not

    @staticmethod
    def resolve_why_not(root: Offer, _info: Any) -> str | None:
        """Null where it can be used."""
        return root.why_not or None

    @staticmethod
    def resolve_prompt(root: Offer, _info: Any) -> str | None:
        """Null where nothing is typed."""
        return root.prompt or None


class PaymentPartType(graphene.ObjectType):
    """A part of the order that is paid with something of ours; numbers of cards are masked."""

    number = graphene.String(required=True, description="部分号")
    method = graphene.String(required=True, description="方式代码")
    label = graphene.String(required=True, description="说明（脱敏）")
    state = graphene.Field(PaymentPartState, required=True, description="状态")
    amount = graphene.Field(Decimal, required=True, description="金额（元）")
    refunded = graphene.Field(Decimal, required=True, description="已退金额（元）")
    ready = graphene.Boolean(required=True, description="资金已确认；转账在财务确认前为否")

    class Meta:
        name = "PaymentPart"

    @staticmethod
    def resolve_method(root: PaymentPart, _info: Any) -> str:
        """The tender's code."""
        return root.kind

    @staticmethod
    def resolve_ready(root: PaymentPart, _info: Any) -> bool:
        """False while it is only promised."""
        return root.is_ready


@dataclass(frozen=True, slots=True)
class Shown:
    """A share as it was written; amounts in yuan."""

    kind: str
    label: str
    amount: Any
    done: bool
    left: Any = None


class RefundShareType(graphene.ObjectType):
    """What goes back over one way of payment."""

    method = graphene.String(required=True, description="方式代码")
    label = graphene.String(required=True, description="说明（脱敏）")
    amount = graphene.Field(Decimal, required=True, description="退回金额（元）")
    left = graphene.Field(Decimal, description="退款前还可退（元）")
    done = graphene.Boolean(description="已退到；预览时为空")

    class Meta:
        name = "RefundShare"

    @staticmethod
    def resolve_method(root: Share | Shown, _info: Any) -> str:
        """The tender's code, or the provider's method."""
        return root.kind

    @staticmethod
    def resolve_done(root: Share | Shown, _info: Any) -> bool | None:
        """Null while it is only planned."""
        return root.done if isinstance(root, Shown) else None


class OrderRefundType(graphene.ObjectType):
    """A refund of an order over all its parts."""

    number = graphene.String(required=True, description="退款申请号")
    amount = graphene.Field(Decimal, required=True, description="退款金额（元）")
    reason = graphene.String(required=True, description="原因")
    state = graphene.Field(OrderRefundStateType, required=True, description="状态")
    shares = graphene.List(
        graphene.NonNull(RefundShareType), required=True, description="各支付方式退回的金额"
    )
    created_at = graphene.DateTime(required=True, description="申请时间")
    finished_at = graphene.DateTime(description="完成时间")

    class Meta:
        name = "CashierOrderRefund"

    @staticmethod
    def resolve_shares(root: OrderRefund, _info: Any) -> list[Shown]:
        """The provider's share first, then ours. Two statements."""
        from ..registry import provider_of

        shown = [
            Shown(
                kind=one.attempt.method,
                label=provider_of(one.attempt.intent.gateway).title,
                amount=one.amount,
                done=one.state == "succeeded",
            )
            for one in root.remote.select_related("attempt__intent").order_by("pk")
        ]
        for share in root.shares.select_related("part").order_by("pk"):
            shown.append(
                Shown(
                    kind=share.part.kind,
                    label=share.part.label,
                    amount=share.amount,
                    done=share.state == ShareState.DONE,
                )
            )
        return shown


class CashierType(graphene.ObjectType):
    """What an order has to be paid, and with what it can be."""

    payment_intent = graphene.Field(PaymentIntentType, required=True, description="支付单")
    covered = graphene.Field(Decimal, required=True, description="已由内部方式支付或冻结（元）")
    due = graphene.Field(Decimal, required=True, description="还需付（元）")
    parts = graphene.List(graphene.NonNull(PaymentPartType), required=True, description="已选的内部支付方式")
    methods = graphene.List(
        graphene.NonNull(CashierMethodType), required=True, description="这笔订单的支付方式，以及不可用的原因"
    )
    order_refunds = graphene.List(graphene.NonNull(OrderRefundType), required=True, description="退款")

    class Meta:
        name = "Cashier"

    @staticmethod
    def resolve_payment_intent(root: Till, _info: Any) -> PaymentIntent:
        """The intent itself."""
        return root.intent

    @staticmethod
    def resolve_covered(root: Till, _info: Any) -> Any:
        """Held or taken."""
        return root.intent.covered

    @staticmethod
    def resolve_due(root: Till, _info: Any) -> Any:
        """Nothing once it is paid, reviewed or closed."""
        return root.intent.remote_due if root.intent.state in ("pending", "closing") else 0

    @staticmethod
    def resolve_parts(root: Till, _info: Any) -> list[PaymentPart]:
        """Those that cover it, oldest first."""
        return list(root.intent.parts.exclude(state=PartState.RELEASED).order_by("pk"))

    @staticmethod
    def resolve_methods(root: Till, _info: Any) -> list[Offer]:
        """With reasons."""
        return offers(root.intent, root.intent.order, root.payer)

    @staticmethod
    def resolve_order_refunds(root: Till, _info: Any) -> list[OrderRefund]:
        """Oldest first."""
        return list(root.intent.order_refunds.order_by("pk"))


class StaffCashierType(CashierType):
    """The same for the staff, with what a refund would be divided into."""

    refund_plan = graphene.List(
        graphene.NonNull(RefundShareType),
        required=True,
        amount=graphene.Argument(Decimal, required=True, description="退款金额（元）"),
        description="这笔退款将如何退回；不可退时报错",
    )

    class Meta:
        name = "StaffCashier"

    @staticmethod
    def resolve_refund_plan(root: Till, _info: Any, amount: Any) -> list[Share]:
        """Nothing is written. A refusal is an error of the field, in words."""
        return [share for share in plan_refund(root.intent, amount) if share.amount > 0]


class Till:
    """The root of the two types above: an intent and who looks at it."""

    def __init__(self, intent: PaymentIntent, payer: Payer) -> None:
        self.intent = intent
        self.payer = payer


class PaymentPartInput(graphene.InputObjectType):
    """A part as the payer chose it."""

    method = graphene.String(required=True, description="方式代码（cashier.methods 中 remote 为否的）")
    code = graphene.String(description="卡号、凭证号等")
    amount = Decimal(description="金额（元）；不填：尽可能多")


def wishes_of(parts: list[dict[str, Any]]) -> list[Wish]:
    """Inputs as the services take them. An unknown method is refused by the service in words."""
    return [
        Wish(str(one["method"])[:24], str(one.get("code") or "")[:64], one.get("amount")) for one in parts
    ]


def shopper(info: Any) -> Payer:
    """Whoever holds the order's token."""
    from saleor.core.utils import get_client_ip

    user = info.context.user
    return Payer(user if user.is_authenticated else None, Audience.SHOPPER, get_client_ip(info.context))


def clerk(info: Any) -> Payer:
    """A member of the staff for a customer."""
    return Payer(info.context.user, Audience.STAFF)
