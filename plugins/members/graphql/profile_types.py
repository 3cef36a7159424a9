"""Types of a member's profile and addresses."""

from __future__ import annotations

from typing import Any

import graphene
from graphql_relay import from_global_id, to_global_id
from saleor.account.models import Address

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.kernel.masking import mask_phone

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import Gender, HomeBasis
from ..models import AddressPlace, Member, MemberProfile
from ..services.addresses import MUNICIPAL, in_words
from ..services.realname import latest, state_of
from .record_types import VerifyStateEnum

MemberGenderEnum = enum_of("MemberGender", Gender)
MemberHomeBasisEnum = enum_of("MemberHomeBasis", HomeBasis)


class MemberProfileType(graphene.ObjectType):
    """What a member says of himself."""

    gender = graphene.Field(MemberGenderEnum, required=True, description="性别")
    birthday = graphene.Date(description="生日")
    community_id = graphene.ID(description="小区编号（communities），小区库里没有的为空")
    community_name = graphene.String(required=True, description="小区名称")
    building = graphene.String(required=True, description="楼栋、单元、门牌")
    home_basis = graphene.Field(MemberHomeBasisEnum, required=True, description="归属依据")
    channel = graphene.String(required=True, description="来源渠道")
    referrer = graphene.String(description="推荐人的会员号")
    marketing = graphene.Boolean(required=True, description="是否同意接收营销信息")
    marketing_at = graphene.DateTime(description="同意或撤回的时间")
    real_name = graphene.Field(VerifyStateEnum, required=True, description="实名认证")
    real_name_hint = graphene.String(required=True, description="没有核验成功时，原因和怎么办")

    class Meta:
        name = "MemberProfile"

    @staticmethod
    def resolve_referrer(profile: MemberProfile, _info: Any) -> str | None:
        return profile.referrer.number if profile.referrer is not None else None

    @staticmethod
    def resolve_real_name(profile: MemberProfile, _info: Any) -> str:
        return str(_real_name(profile)[0])

    @staticmethod
    def resolve_real_name_hint(profile: MemberProfile, _info: Any) -> str:
        return str(_real_name(profile)[1])


def _real_name(profile: Any) -> Any:
    """How the real name stands; asked once per profile."""
    if not hasattr(profile, "o2o_real_name"):
        profile.o2o_real_name = state_of(latest(profile.member))
    return profile.o2o_real_name


class MemberProfileInput(graphene.InputObjectType):
    """What is left out stays as it is."""

    name = graphene.String(description="姓名，最多 40 个字")
    gender = MemberGenderEnum(description="性别")
    birthday = graphene.Date(description="生日")
    community_id = graphene.ID(description="小区编号（communities）；空文本表示改填名称或清除")
    community_name = graphene.String(description="小区名称；小区库里没有时直接填写，空文本清除")
    building = graphene.String(description="楼栋、单元、门牌，最多 40 个字")
    marketing = graphene.Boolean(description="是否同意接收营销信息")
    referrer = graphene.String(description="推荐人的会员号；注册后 30 天内登记，登记后不能更改")


def profile_for(member: Member) -> MemberProfile:
    """The profile of a member; an empty one, unsaved, where nothing was said."""
    found = MemberProfile.objects.select_related("referrer").filter(pk=member.pk).first()
    if found is not None:
        found.member = member
    return found or MemberProfile(member=member)


class MemberAddressType(graphene.ObjectType):
    """An address of one's own, in the parts that people here use, with the unit that serves it."""

    id = graphene.ID(required=True, description="Saleor 地址的编号，结算时可直接使用")
    name = graphene.String(required=True, description="收件人")
    mobile = graphene.String(required=True, description="手机号")
    mobile_masked = graphene.String(required=True, description="手机号（掩码）")
    province = graphene.String(required=True, description="省份")
    city = graphene.String(required=True, description="城市")
    district = graphene.String(required=True, description="区县")
    town = graphene.String(required=True, description="街道、乡镇")
    detail = graphene.String(required=True, description="街道、小区")
    door = graphene.String(required=True, description="楼栋、门牌号")
    postcode = graphene.String(required=True, description="邮编；000000 表示未填")
    text = graphene.String(required=True, description="完整地址")
    lng = graphene.Float(description="经度（度，GCJ-02）")
    lat = graphene.Float(description="纬度（度，GCJ-02）")
    is_default = graphene.Boolean(required=True, description="是否默认地址")
    unit_code = graphene.String(description="服务机构代码；不在服务范围为空")
    unit_name = graphene.String(description="服务机构")
    serving_text = graphene.String(required=True, description="为什么由它服务")

    class Meta:
        name = "MemberAddress"

    @staticmethod
    def resolve_id(row: Address, _info: Any) -> str:
        return to_global_id("Address", row.pk)

    @staticmethod
    def resolve_name(row: Address, _info: Any) -> str:
        return f"{row.last_name}{row.first_name}"

    @staticmethod
    def resolve_mobile(row: Address, _info: Any) -> str:
        return _mobile(row)

    @staticmethod
    def resolve_mobile_masked(row: Address, _info: Any) -> str:
        return mask_phone(_mobile(row))

    @staticmethod
    def resolve_province(row: Address, _info: Any) -> str:
        return str(row.country_area)

    @staticmethod
    def resolve_city(row: Address, _info: Any) -> str:
        return str(row.country_area if row.country_area in MUNICIPAL else row.city)

    @staticmethod
    def resolve_district(row: Address, _info: Any) -> str:
        return str(row.city if row.country_area in MUNICIPAL else row.city_area)

    @staticmethod
    def resolve_town(row: Address, _info: Any) -> str:
        return _of_place(row, "town", "")

    @staticmethod
    def resolve_detail(row: Address, _info: Any) -> str:
        town = _of_place(row, "town", "")
        return str(row.street_address_1).removeprefix(town)

    @staticmethod
    def resolve_door(row: Address, _info: Any) -> str:
        return str(row.street_address_2)

    @staticmethod
    def resolve_postcode(row: Address, _info: Any) -> str:
        return str(row.postal_code)

    @staticmethod
    def resolve_text(row: Address, _info: Any) -> str:
        return in_words([row])[0]

    @staticmethod
    def resolve_lng(row: Address, _info: Any) -> float | None:
        return _of_place(row, "lng", None)

    @staticmethod
    def resolve_lat(row: Address, _info: Any) -> float | None:
        return _of_place(row, "lat", None)

    @staticmethod
    def resolve_is_default(row: Any, _info: Any) -> bool:
        return bool(row.o2o_default)

    @staticmethod
    def resolve_unit_code(row: Address, _info: Any) -> str | None:
        unit = _of_place(row, "unit", None)
        return unit.code if unit is not None else None

    @staticmethod
    def resolve_unit_name(row: Address, _info: Any) -> str | None:
        unit = _of_place(row, "unit", None)
        return unit.name if unit is not None else None

    @staticmethod
    def resolve_serving_text(row: Address, _info: Any) -> str:
        return _of_place(row, "told", "")


class MemberAddressInput(graphene.InputObjectType):
    """An address; with its position where the phone or the map told it."""

    name = graphene.String(required=True, description="收件人")
    mobile = graphene.String(required=True, description="收件人手机号")
    province = graphene.String(description="省份全称，默认本市")
    city = graphene.String(description="城市全称；直辖市可不填")
    district = graphene.String(required=True, description="区县全称，如：渝中区")
    town = graphene.String(description="街道、乡镇")
    detail = graphene.String(required=True, description="街道、小区")
    door = graphene.String(description="楼栋、门牌号")
    postcode = graphene.String(description="邮编，默认按服务机构")
    lng = graphene.Float(description="经度（度，GCJ-02）")
    lat = graphene.Float(description="纬度（度，GCJ-02）")
    is_default = graphene.Boolean(description="设为默认地址")


def address_key(identity: str) -> int:
    """The key of an address by its id. Raises MemberError NOT_FOUND for anything else."""
    try:
        kind, key = from_global_id(identity)
    except (ValueError, UnicodeDecodeError):
        kind, key = "", ""
    if kind != "Address" or not (key.isascii() and key.isdecimal() and len(key) < 10):
        raise MemberError(Code.NOT_FOUND, "没有这个地址，或已删除", "id")
    return int(key)


def _of_place(row: Address, name: str, default: Any) -> Any:
    place: AddressPlace | None = getattr(row, "o2o_place", None)
    return getattr(place, name) if place is not None else default


def _mobile(row: Address) -> str:
    return str(getattr(row.phone, "national_number", "") or row.phone or "")
