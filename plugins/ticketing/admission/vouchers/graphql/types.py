"""Types of vouchers' API."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError

from ...models import Voucher
from ..choices import Answer
from ..codes import in_fours
from ..entry import entry_of, is_theirs
from ..printing import pdf_url, print_url
from ..scanning import Said
from ..showing import Kept, kept

TicketAnswerEnum = enum_of("TicketAnswer", Answer)


class TicketVoucherErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "TicketVoucherError"


class TicketVoucherKeptType(graphene.ObjectType):
    """What a phone keeps so that the voucher can be shown without a network."""

    qr = graphene.String(required=True, description="二维码内容；动态码须再加“.”和当前时间码")
    rotating = graphene.Boolean(required=True, description="是否动态码")
    secret = graphene.String(
        required=True, description="动态码的密钥（十六进制）：时间码为 HMAC-SHA256 的 TOTP；不是动态码则为空"
    )
    step = graphene.Int(required=True, description="时间码的秒数")
    digits = graphene.Int(required=True, description="时间码的位数")

    class Meta:
        name = "TicketVoucherKept"

    @staticmethod
    def resolve_qr(row: Kept, _info: Any) -> str:
        return row.code


class TicketVoucherTheirCodeType(graphene.ObjectType):
    """A code of the supplier whose gate it is."""

    code = graphene.String(required=True, description="入园码，可读给检票员")
    qr = graphene.String(required=True, description="二维码内容")

    class Meta:
        name = "TicketVoucherTheirCode"


class TicketVoucherType(graphene.ObjectType):
    """What is shown at the gate."""

    number = graphene.String(required=True, description="凭证号")
    order_number = graphene.String(required=True, description="票务订单号")
    title = graphene.String(required=True, description="内容")
    code = graphene.String(
        required=True, description="入场码，四位一组；凭供应商的入园码入场时是入园码，都没有则是取票说明"
    )
    their_codes = graphene.List(
        graphene.NonNull(TicketVoucherTheirCodeType), required=True,
        description="供应商的入园码（可存在手机里，没有网络也能出示）；凭本平台的码入场时为空",
    )  # fmt: skip
    standing = graphene.String(required=True, description="usable、used、void、expired、early")
    valid_from = graphene.DateTime(required=True, description="有效开始")
    valid_until = graphene.DateTime(required=True, description="有效截止")
    uses = graphene.Int(required=True, description="可入场人次")
    used = graphene.Int(required=True, description="已入场人次")
    left = graphene.Int(required=True, description="还剩人次")
    unlimited = graphene.Boolean(required=True, description="有效期内不限次数，每日一次")
    needs_document = graphene.Boolean(required=True, description="入场须出示购票时登记的证件")
    void_why = graphene.String(required=True, description="作废原因；没有作废则为空")
    kept = graphene.Field(
        TicketVoucherKeptType, description="手机保存的内容；作废、须重出、或凭供应商的入园码入场时为空"
    )
    print_url = graphene.String(required=True, description="打印页，一小时内有效")
    pdf_url = graphene.String(required=True, description="PDF 文件，一小时内有效")

    class Meta:
        name = "TicketVoucher"

    @staticmethod
    def resolve_order_number(row: Voucher, _info: Any) -> str:
        return row.ticket_order.number

    @staticmethod
    def resolve_code(row: Voucher, _info: Any) -> str:
        entry = entry_of(row, pictures=False)
        return entry.told if entry.theirs and row.void_at is None else in_fours(row.code)

    @staticmethod
    def resolve_their_codes(row: Voucher, _info: Any) -> list[TicketVoucherTheirCodeType]:
        entry = entry_of(row) if is_theirs(row.ticket_order) else None
        codes = entry.codes if entry is not None else ()
        return [TicketVoucherTheirCodeType(code=one.code, qr=one.qr) for one in codes]

    @staticmethod
    def resolve_standing(row: Voucher, _info: Any) -> str:
        return row.standing_at(now())

    @staticmethod
    def resolve_kept(row: Voucher, _info: Any) -> Kept | None:
        # a supplier that gave codes of its own lets in by those
        return kept(row) if row.void_at is None and not is_theirs(row.ticket_order) else None

    @staticmethod
    def resolve_print_url(row: Voucher, _info: Any) -> str:
        return print_url(row)

    @staticmethod
    def resolve_pdf_url(row: Voucher, _info: Any) -> str:
        return pdf_url(row)


class TicketRedeemSaidType(graphene.ObjectType):
    """The one answer at the gate."""

    answer = graphene.Field(TicketAnswerEnum, required=True, description="结果")
    words = graphene.String(required=True, description="给检票员看的话")
    hint = graphene.String(required=True, description="下一步")
    voucher = graphene.String(required=True, description="凭证号；认不出则为空")
    title = graphene.String(required=True, description="内容")
    admitted = graphene.Int(required=True, description="放行人数")
    left = graphene.Int(required=True, description="还剩人数")

    class Meta:
        name = "TicketRedeemSaid"

    @staticmethod
    def resolve_answer(row: Said, _info: Any) -> str:
        return str(row.answer)


def errors_field() -> Any:
    """The errors of a mutation."""
    return graphene.List(graphene.NonNull(TicketVoucherErrorType), required=True, description="错误")


def errors_of(error: DomainError) -> list[Any]:
    """One error as the API says it."""
    return [TicketVoucherErrorType(**error.as_dict())]
