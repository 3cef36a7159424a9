"""``afterSaleHandle``: the staff answers, opens, repairs, sends or pays back, as on the page."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row

from ...choices import SWAPS
from ...models import AfterSale
from ...services import deciding, exchanging, returning, serving
from ..types import AfterSaleState, AfterSaleType, errors_field, errors_of, shopper

AfterSaleAct = graphene.Enum(
    "AfterSaleAct",
    [
        ("AGREE", "agree"),
        ("REFUSE", "refuse"),
        ("ACCEPT_GOODS", "accept_goods"),
        ("OFFER_REFUND", "offer_refund"),
        ("REPAIRED", "repaired"),
        ("UNREPAIRED", "unrepaired"),
        ("SEND_OUT", "send_out"),
        ("RETRY_REFUND", "retry_refund"),
        ("HAND_IN", "hand_in"),
        ("HAND_OVER", "hand_over"),
        ("PAY_OUT", "pay_out"),
    ],
)


class AfterSaleFoundInput(graphene.InputObjectType):
    """What was in the parcel of a line."""

    line_id = graphene.ID(required=True, description="售后明细编号（AfterSaleLine.id）")
    accepted = graphene.Int(description="接受件数（退货）；空为全部")
    damaged = graphene.Int(description="其中损坏、不回库的件数", default_value=0)
    amount = graphene.Argument(Decimal, description="退款（元，退货）；空为申请金额")


class AfterSaleHandle(graphene.Mutation):
    """Do one thing to an after-sale in scope, as it was seen."""

    after_sale = graphene.Field(AfterSaleType, description="售后单")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="售后单号")
        act = graphene.Argument(AfterSaleAct, required=True, description="操作")
        seen = graphene.Argument(AfterSaleState, description="看到的状态；已变化时不执行")
        why = graphene.String(description="说明，买家会看到；拒绝、少退、建议退款、不能维修时必填")
        return_to = graphene.String(description="寄回地址；同意退货、换货、维修时")
        lines = graphene.List(graphene.NonNull(AfterSaleFoundInput), description="验货结果；空为全部完好")
        freight = graphene.Argument(Decimal, description="另退运费（元）")
        carrier = graphene.String(description="寄出的快递公司")
        waybill = graphene.String(description="寄出的运单号")
        slip = graphene.String(description="柜台刷卡退回（PAY_OUT）：退货签购单 终端号/凭证号")

    class Meta:
        description = (
            "员工办理售后，同后台页面：权限、退款上限和审批一样。HAND_IN 商品交到柜台，HAND_OVER 在柜台交给顾客，"
            "PAY_OUT 柜台收的款从当班台席退给顾客。"
        )

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, act: str, **told: Any) -> AfterSaleHandle:
        """In the staff's scope; of anything else nothing is known."""
        try:
            user = shopper(info)
            row = get_row(user, AfterSale, number=number[:32])
            return cls(after_sale=_do(user, row, act, told), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))


def _do(user: Any, row: AfterSale, act: str, told: dict[str, Any]) -> AfterSale:
    seen, why, to = str(told.get("seen") or ""), told.get("why") or "", told.get("return_to") or ""
    match act:
        case "agree":
            return deciding.agree(user, row.pk, return_to=to, why=why, seen=seen)
        case "refuse":
            return deciding.refuse(user, row.pk, why, seen=seen)
        case "offer_refund":
            return exchanging.offer_refund(user, row.pk, why, return_to=to, seen=seen)
        case "repaired" | "unrepaired":
            return exchanging.finish_repair(user, row.pk, repaired=act == "repaired", why=why, seen=seen)
        case "send_out":
            carrier, waybill = told.get("carrier") or "", told.get("waybill") or ""
            return exchanging.send_out(user, row.pk, carrier, waybill, seen=seen)
        case "retry_refund":
            return deciding.retry(user, row.pk, seen=seen)
        case "hand_in":
            return serving.hand_in(user, row.pk, _damaged(row, told), seen=seen)
        case "hand_over":
            return serving.hand_over(user, row.pk, seen=seen)
        case "pay_out":
            return serving.pay_out(user, row.pk, slip=(told.get("slip") or "")[:64], seen=seen)
    return _accept(user, row, told, why, seen)


def _damaged(row: AfterSale, told: dict[str, Any]) -> dict[int, int]:
    by_key = {str(line.pk): line for line in row.lines.all()}
    given = told.get("lines") or ()
    if any(one["line_id"] not in by_key for one in given):
        raise OutOfScope
    return {by_key[one["line_id"]].pk: one.get("damaged") or 0 for one in given}


def _accept(user: Any, row: AfterSale, told: dict[str, Any], why: str, seen: str) -> AfterSale:
    by_key = {str(line.pk): line for line in row.lines.all()}
    given = told.get("lines") or ()
    if any(one["line_id"] not in by_key for one in given):
        raise OutOfScope
    if row.kind in SWAPS:
        return exchanging.take_in(user, row.pk, _damaged(row, told), seen=seen)
    found = {}
    for one in given:
        line = by_key[one["line_id"]]
        accepted, amount = one.get("accepted"), one.get("amount")
        found[line.pk] = returning.Found(
            line.quantity if accepted is None else accepted,
            one.get("damaged") or 0,
            line.amount if amount is None else amount,
        )
    freight = told.get("freight") or returning.NOTHING
    return returning.inspect(user, row.pk, found, freight=freight, why=why, seen=seen)
