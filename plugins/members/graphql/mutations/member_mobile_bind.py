"""``memberMobileBind``: a mobile, in place of the one before."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.mobiles import change_mobile
from ..types import MemberDeviceInput, MemberType, device_in, errors_field, errors_of, own_member


class MemberMobileBind(graphene.Mutation):
    """Bind or change the mobile."""

    member = graphene.Field(MemberType, description="会员")
    errors = errors_field()

    class Arguments:
        mobile = graphene.String(required=True, description="新手机号")
        code = graphene.String(required=True, description="发到新手机号的、用途为 BIND_MOBILE 的验证码")
        confirmation = graphene.String(
            description="发到原手机号的、用途为 CONFIRM 的验证码；已有手机号时须有它或密码"
        )
        password = graphene.String(description="登录密码；原手机号收不到短信时用")
        merge = graphene.Boolean(
            default_value=False,
            description="新手机号是另一个会员的（IDENTITY_TAKEN）时，把那个会员并入本会员，不能撤销",
        )
        device = MemberDeviceInput(description="本机")

    class Meta:
        description = "绑定或更换手机号。已有手机号的，须另凭原手机号的验证码或密码。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, mobile: str, code: str, confirmation: str = "", password: str = "",
        merge: bool = False, device: Any = None,
    ) -> MemberMobileBind:  # fmt: skip
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            at = device_in(info, device)
            change_mobile(
                member,
                mobile,
                code,
                confirmation=confirmation or "",
                password=password or "",
                merging=bool(merge),
                device=at,
            )
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=member, errors=[])
