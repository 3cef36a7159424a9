"""``shopApply``: somebody wants to open a micro-shop."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.types import Upload

from saleor_o2o.kernel.errors import DomainError

from ...services.applying import Applicant, apply
from ..types import ShopApplicationType, error_of, errors_field


class ShopApplyInput(graphene.InputObjectType):
    """The form of an application."""

    name = graphene.String(required=True, description="姓名")
    id_number = graphene.String(required=True, description="身份证号（加密保存）")
    mobile = graphene.String(required=True, description="手机号（加密保存）")
    community = graphene.String(required=True, description="社区（小区）")
    branch_code = graphene.String(required=True, description="附近支局的机构代码")
    premises = graphene.String(description="经营场所地址")
    remark = graphene.String(description="申请说明")
    consent = graphene.Boolean(required=True, description="同意个人信息处理授权书")


class ShopApply(graphene.Mutation):
    """Apply for a micro-shop. The same form sent twice gives the same application."""

    application = graphene.Field(ShopApplicationType, description="申请")
    errors = errors_field()

    class Arguments:
        input = ShopApplyInput(required=True, description="申请表")
        photos = graphene.List(graphene.NonNull(Upload), required=True, description="经营场所照片，1 到 6 张")

    class Meta:
        description = "申请开设社区微店。重复提交同一份申请不会产生第二份。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, input: dict[str, Any], photos: list[str]) -> ShopApply:
        """Open to everybody; limited by address and telephone."""
        user = info.context.user
        applicant = Applicant(**input, user=user if user.is_authenticated and not user.is_staff else None)
        files = [info.context.FILES[name] for name in photos if name in info.context.FILES]
        try:
            return cls(application=apply(applicant, files), errors=[])
        except DomainError as error:
            return cls(errors=[error_of(error)])
