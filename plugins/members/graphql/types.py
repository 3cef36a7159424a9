"""Types of members' API."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.account.types import User as UserType

from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import PacedRefusal
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_name

from ..devices import Device, device_of
from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import IdentityKind, MemberStatus, Purpose, QrState, Source, Way
from ..models import Member, MemberIdentity, MemberProfile, MemberSession
from ..selectors import live_identities, primary_mobile
from ..services.registering import ensure_member
from ..services.signing_in import Tokens, by_session
from ..values import masked
from .profile_types import MemberProfileType, profile_for

MemberStatusEnum = enum_of("MemberStatus", MemberStatus)
MemberSourceEnum = enum_of("MemberSource", Source)
MemberIdentityKindEnum = enum_of("MemberIdentityKind", IdentityKind)
MemberCodePurposeEnum = enum_of("MemberCodePurpose", Purpose)
MemberSignInWayEnum = enum_of("MemberSignInWay", Way)
#: What has become of a code's message, as far as the one who asked may know.
MemberCodeStateEnum = graphene.Enum(
    "MemberCodeState", [("SENDING", "sending"), ("SENT", "sent"), ("FAILED", "failed")]
)


MemberQrStateEnum = graphene.Enum(
    "MemberQrState", [*((item.name, item.value) for item in QrState), ("GONE", "gone")]
)


class MemberErrorType(PacedRefusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "MemberError"


class MemberDeviceInput(graphene.InputObjectType):
    """The device in hand."""

    key = graphene.String(description="设备自己生成并保存的随机标识，最多 200 个字符")
    name = graphene.String(description="给人看的名称，如：张三的手机；空则按浏览器")


class MemberIdentityType(graphene.ObjectType):
    """By what a member is known."""

    id = graphene.ID(required=True)
    kind = graphene.Field(MemberIdentityKindEnum, required=True, description="种类")
    masked = graphene.String(required=True, description="掩码后的值")
    is_primary = graphene.Boolean(required=True, description="是否首选手机号")
    verified_at = graphene.DateTime(description="验证时间")
    bound_at = graphene.DateTime(required=True, description="绑定时间")

    class Meta:
        name = "MemberIdentity"


class MemberType(graphene.ObjectType):
    """A member."""

    number = graphene.String(required=True, description="会员号，末位是校验位")
    name = graphene.String(required=True, description="称呼")
    status = graphene.Field(MemberStatusEnum, required=True, description="状态")
    mobile = graphene.String(description="首选手机号（掩码）")
    source = graphene.Field(MemberSourceEnum, required=True, description="注册来源")
    registered_at = graphene.DateTime(required=True, description="注册时间")
    home_unit = graphene.String(description="归属机构名称")
    home_unit_code = graphene.String(description="归属机构代码")
    agreement = graphene.String(required=True, description="同意的协议版本")
    agreed_at = graphene.DateTime(description="同意时间")
    has_password = graphene.Boolean(required=True, description="是否设置了密码")
    identities = graphene.List(graphene.NonNull(MemberIdentityType), required=True, description="有效的身份")
    profile = graphene.Field(MemberProfileType, required=True, description="资料")

    class Meta:
        name = "Member"

    @staticmethod
    def resolve_name(member: Member, _info: Any) -> str:
        return f"{member.user.last_name}{member.user.first_name}"

    @staticmethod
    def resolve_mobile(member: Member, _info: Any) -> str | None:
        found = primary_mobile(member)
        return masked(IdentityKind.MOBILE, found) if found else None

    @staticmethod
    def resolve_home_unit(member: Member, _info: Any) -> str | None:
        return member.home_unit.name if member.home_unit is not None else None

    @staticmethod
    def resolve_home_unit_code(member: Member, _info: Any) -> str | None:
        return member.home_unit.code if member.home_unit is not None else None

    @staticmethod
    def resolve_has_password(member: Member, _info: Any) -> bool:
        return bool(member.user.has_usable_password())

    @staticmethod
    def resolve_identities(member: Member, _info: Any) -> list[MemberIdentity]:
        return live_identities(member)

    @staticmethod
    def resolve_profile(member: Member, _info: Any) -> MemberProfile:
        return profile_for(member)


class MemberForStaffType(graphene.ObjectType):
    """A member as the staff see one: masked."""

    id = graphene.ID(required=True)
    number = graphene.String(required=True, description="会员号")
    name = graphene.String(required=True, description="姓名（掩码）")
    mobile = graphene.String(description="首选手机号（掩码）")
    status = graphene.Field(MemberStatusEnum, required=True, description="状态")
    source = graphene.Field(MemberSourceEnum, required=True, description="注册来源")
    home_unit = graphene.String(description="归属机构名称")
    home_unit_code = graphene.String(description="归属机构代码")
    registered_at = graphene.DateTime(required=True, description="注册时间")
    identities = graphene.List(
        graphene.NonNull(MemberIdentityType), required=True, description="有效的身份（掩码）"
    )

    resolve_mobile = MemberType.resolve_mobile
    resolve_home_unit = MemberType.resolve_home_unit
    resolve_home_unit_code = MemberType.resolve_home_unit_code
    resolve_identities = MemberType.resolve_identities

    class Meta:
        name = "MemberForStaff"

    @staticmethod
    def resolve_name(member: Member, _info: Any) -> str:
        return mask_name(MemberType.resolve_name(member, _info))


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(MemberErrorType), required=True, description="错误；成功时为空")


def errors_of(error: DomainError) -> list[MemberErrorType]:
    """A refusal in the API's form."""
    return [
        MemberErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value),
            retry_after=getattr(error, "seconds", None),
        )
    ]  # fmt: skip


def device_in(info: Any, told: Any) -> Device:
    """The device of a request, as far as it is told."""
    return device_of(info.context, (told or {}).get("key") or "", (told or {}).get("name") or "")


def shopper(info: Any) -> Any:
    """The shopper who asks. Raises SIGN_IN_REQUIRED for nobody and for the staff."""
    user = info.context.user
    if not user.is_authenticated or user.is_staff:
        raise MemberError(Code.SIGN_IN_REQUIRED, "请先登录会员账号", hint="员工账号不能办理会员业务")
    return user


def own_member(info: Any) -> Member:
    """The member who asks; a shopper of stock's becomes one. Raises SIGN_IN_REQUIRED."""
    user = shopper(info)
    member = ensure_member(user)
    member.user = user
    return member


class MemberSessionType(graphene.ObjectType):
    """A device that is logged in."""

    id = graphene.ID(required=True)
    device = graphene.String(required=True, description="设备")
    way = graphene.Field(MemberSignInWayEnum, required=True, description="登录方式")
    ip = graphene.String(description="登录时的网络地址")
    started_at = graphene.DateTime(required=True, description="登录时间")
    seen_at = graphene.DateTime(required=True, description="最近使用，精确到小时")
    current = graphene.Boolean(required=True, description="是否当前设备")

    class Meta:
        name = "MemberSession"

    @staticmethod
    def resolve_current(session: MemberSession, info: Any) -> bool:
        return session.key == by_session(info.context.user)


def own_sessions(member: Member) -> list[MemberSession]:
    """Where a member is logged in, the last used first; at most a hundred."""
    return list(member.sessions.filter(ended_at__isnull=True).order_by("-seen_at", "-pk")[:100])


class SignedIn(graphene.ObjectType):
    """What every way of logging in answers: as stock's `tokenCreate`, and the member."""

    token = graphene.String(description="令牌，用法与 tokenCreate 的相同")
    user = graphene.Field(UserType, description="Saleor 用户")
    member = graphene.Field(MemberType, description="会员")
    created = graphene.Boolean(required=True, description="是否刚刚注册")
    errors = errors_field()

    class Meta:
        name = "MemberSignedIn"


def signed_in(tokens: Tokens) -> dict[str, Any]:
    """The fields of a login's answer."""
    return {
        "token": tokens.token, "user": tokens.user, "member": tokens.member, "created": tokens.created, "errors": [],
    }  # fmt: skip
