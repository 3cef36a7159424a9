"""Types of vouchers' API."""

from __future__ import annotations

from dataclasses import asdict
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
from ..paper import paper_told
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


class TicketVoucherPaperType(graphene.ObjectType):
    """A voucher whose paper ticket alone lets in: how one gets it, and whether one has."""

    way = graphene.String(required=True, description="on_site：现场换票；mail：纸票邮寄")
    words = graphene.String(required=True, description="现在的情况，给顾客看的话")
    exchange_qr = graphene.String(required=True, description="换票二维码的内容；不能换、已换或邮寄的为空文字")
    exchanged_at = graphene.DateTime(description="换票（打印）时间；还没换为空")
    where = graphene.String(required=True, description="换票地点；还没换为空文字")
    carrier = graphene.String(required=True, description="邮寄的承运；没有寄出为空文字")
    waybill = graphene.String(required=True, description="邮寄的运单号；没有寄出为空文字")
    sent_at = graphene.DateTime(description="寄出时间；没有寄出为空")
    receiver = graphene.String(required=True, description="收件人和地址（已遮盖）；不邮寄为空文字")
    address_open = graphene.Boolean(required=True, description="还没有寄出，可以更改收件地址")

    class Meta:
        name = "TicketVoucherPaper"


class TicketVoucherType(graphene.ObjectType):
    """What is shown at the gate."""

    number = graphene.String(required=True, description="凭证号")
    order_number = graphene.String(required=True, description="票务订单号")
    title = graphene.String(required=True, description="内容")
    code = graphene.String(
        required=True,
        description="入场码，四位一组；凭供应商的入园码入场时是入园码，都没有则是取票说明；现场换票的是换票码，已换或邮寄的为空文字",
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
    paper = graphene.Field(TicketVoucherPaperType, description="凭纸票入场的票的情况；其他票为空")
    print_url = graphene.String(required=True, description="打印页，一小时内有效；凭纸票入场的为空文字")
    pdf_url = graphene.String(required=True, description="PDF 文件，一小时内有效；凭纸票入场的为空文字")

    class Meta:
        name = "TicketVoucher"

    @staticmethod
    def resolve_order_number(row: Voucher, _info: Any) -> str:
        return row.ticket_order.number

    @staticmethod
    def resolve_code(row: Voucher, _info: Any) -> str:
        entry = entry_of(row, pictures=False)
        if row.on_paper:
            return entry.codes[0].shown if entry.codes else ""
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
    def resolve_paper(row: Voucher, _info: Any) -> TicketVoucherPaperType | None:
        told = paper_told(row)
        return TicketVoucherPaperType(**asdict(told)) if told is not None else None

    @staticmethod
    def resolve_print_url(row: Voucher, _info: Any) -> str:
        return "" if row.on_paper else print_url(row)

    @staticmethod
    def resolve_pdf_url(row: Voucher, _info: Any) -> str:
        return "" if row.on_paper else pdf_url(row)


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
