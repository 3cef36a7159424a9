"""Types of what a member keeps: passengers, payer numbers, vehicles, invoice titles, goods."""

from __future__ import annotations

from typing import Any

import graphene
from graphql_relay import from_global_id
from saleor.graphql.product.types import Product as ProductType

from saleor_o2o.graphql.enums import enum_of

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import Due, PaperKind, PassengerKind, PayerService, TitleKind, VerifyState
from ..services.records import PASSENGER, PAYER, TITLE, VEHICLE

PassengerKindEnum = enum_of("MemberPassengerKind", PassengerKind)
PaperKindEnum = enum_of("MemberPaperKind", PaperKind)
VerifyStateEnum = enum_of("MemberVerifyState", VerifyState)
PayerServiceEnum = enum_of("MemberPayerService", PayerService)
TitleKindEnum = enum_of("MemberInvoiceTitleKind", TitleKind)
VehicleDueEnum = enum_of("MemberVehicleDue", Due)
RecordKindEnum = graphene.Enum(
    "MemberRecordKind", [(name.upper(), name) for name in (PASSENGER, PAYER, VEHICLE, TITLE)]
)


class MemberPassengerType(graphene.ObjectType):
    """Somebody with whom a member travels."""

    id = graphene.ID(required=True)
    name = graphene.String(required=True, description="姓名")
    kind = graphene.Field(PassengerKindEnum, required=True, description="旅客类型")
    paper = graphene.Field(PaperKindEnum, required=True, description="证件类型")
    masked_number = graphene.String(required=True, description="证件号（掩码）")
    birth = graphene.Date(required=True, description="出生日期")
    masked_mobile = graphene.String(required=True, description="手机号（掩码）")
    verified = graphene.Field(VerifyStateEnum, required=True, description="实名核验")

    class Meta:
        name = "MemberPassenger"

    @staticmethod
    def resolve_masked_number(row: Any, _info: Any) -> str:
        return str(row.masked)


class MemberPassengerInput(graphene.InputObjectType):
    """Of one that is there, what is left out stays."""

    name = graphene.String(description="姓名，与证件一致")
    kind = PassengerKindEnum(description="旅客类型，默认成人")
    paper = PaperKindEnum(description="证件类型，默认居民身份证")
    number = graphene.String(description="证件号")
    birth = graphene.Date(description="出生日期；身份证和户口簿可不填")
    mobile = graphene.String(description="手机号")


class MemberPayerNumberType(graphene.ObjectType):
    """By what number a biller knows a household."""

    id = graphene.ID(required=True)
    service = graphene.Field(PayerServiceEnum, required=True, description="业务")
    biller = graphene.String(required=True, description="收费单位")
    masked_number = graphene.String(required=True, description="户号（掩码）")
    label = graphene.String(required=True, description="备注")

    class Meta:
        name = "MemberPayerNumber"

    @staticmethod
    def resolve_masked_number(row: Any, _info: Any) -> str:
        return str(row.masked)


class MemberPayerNumberInput(graphene.InputObjectType):
    """Of one that is there, what is left out stays."""

    service = PayerServiceEnum(description="业务")
    biller = graphene.String(description="收费单位")
    number = graphene.String(description="户号")
    label = graphene.String(description="备注，如：父母家")


class MemberVehicleType(graphene.ObjectType):
    """A car."""

    id = graphene.ID(required=True)
    plate = graphene.String(required=True, description="车牌号")
    masked_plate = graphene.String(required=True, description="车牌号（掩码）")
    new_energy = graphene.Boolean(required=True, description="新能源号牌")
    model = graphene.String(required=True, description="品牌型号")
    has_vin = graphene.Boolean(required=True, description="是否登记了车架号后六位")
    has_engine = graphene.Boolean(required=True, description="是否登记了发动机号后六位")
    registered_on = graphene.Date(description="注册登记日期")
    inspection_due = graphene.Date(description="年检到期")
    insurance_due = graphene.Date(description="交强险到期")
    remind = graphene.Boolean(required=True, description="年检、交强险到期前提醒")

    class Meta:
        name = "MemberVehicle"

    @staticmethod
    def resolve_masked_plate(row: Any, _info: Any) -> str:
        return str(row.masked)

    @staticmethod
    def resolve_has_vin(row: Any, _info: Any) -> bool:
        return bool(row.vin)

    @staticmethod
    def resolve_has_engine(row: Any, _info: Any) -> bool:
        return bool(row.engine)


class MemberVehicleInput(graphene.InputObjectType):
    """Of one that is there, what is left out stays."""

    plate = graphene.String(description="车牌号，含新能源")
    model = graphene.String(description="品牌型号")
    vin = graphene.String(description="车架号后六位；填全的只留后六位")
    engine = graphene.String(description="发动机号后六位")
    registered_on = graphene.Date(description="注册登记日期")
    inspection_due = graphene.Date(description="年检到期")
    insurance_due = graphene.Date(description="交强险到期")
    remind = graphene.Boolean(description="年检、交强险到期前提醒；新增时默认提醒")


class MemberInvoiceTitleType(graphene.ObjectType):
    """To whom invoices are made out."""

    id = graphene.ID(required=True)
    kind = graphene.Field(TitleKindEnum, required=True, description="个人或单位")
    title = graphene.String(required=True, description="抬头")
    tax_number = graphene.String(required=True, description="税号")
    address = graphene.String(required=True, description="地址")
    phone = graphene.String(required=True, description="电话")
    bank = graphene.String(required=True, description="开户行")
    account = graphene.String(required=True, description="银行账号")
    email = graphene.String(required=True, description="接收邮箱")
    is_default = graphene.Boolean(required=True, description="是否默认")

    class Meta:
        name = "MemberInvoiceTitle"


class MemberInvoiceTitleInput(graphene.InputObjectType):
    """Of one that is there, what is left out stays."""

    kind = TitleKindEnum(description="个人或单位")
    title = graphene.String(description="抬头")
    tax_number = graphene.String(description="税号，单位必填")
    address = graphene.String(description="单位地址")
    phone = graphene.String(description="单位电话")
    bank = graphene.String(description="开户行")
    account = graphene.String(description="银行账号")
    email = graphene.String(description="接收邮箱")
    is_default = graphene.Boolean(description="设为默认")


class MemberGoodsType(graphene.ObjectType):
    """Goods that a member keeps or looked at."""

    product = graphene.Field(ProductType, description="商品")
    at = graphene.DateTime(required=True, description="时间")

    class Meta:
        name = "MemberGoods"


def record_key(identity: str | None) -> int | None:
    """The key of a row of one's own; None for none. Raises MemberError NOT_FOUND for anything that is no key."""
    if not identity:
        return None
    if not (identity.isascii() and identity.isdecimal() and len(identity) < 18):
        raise MemberError(Code.NOT_FOUND, "没有这条记录，或已删除", "id")
    return int(identity)


def product_key(identity: str) -> int:
    """The key of goods by their id. Raises MemberError NOT_FOUND for anything else."""
    try:
        kind, key = from_global_id(identity)
    except (ValueError, UnicodeDecodeError):
        kind, key = "", ""
    if kind != "Product" or not (key.isascii() and key.isdecimal() and len(key) < 10):
        raise MemberError(Code.NOT_FOUND, "没有这件商品，或已下架", "productId")
    return int(key)
