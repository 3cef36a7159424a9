"""``shopVisitClaim``: whoever opened a shop without a login has logged in."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext as _

from saleor_o2o.kernel.errors import DomainError

from ...errors import ChannelError, ChannelErrorCode
from ...services.binding import bind_earlier_visit
from ..types import CustomerBindingType, ShopType, error_of, errors_field


class ShopVisitClaim(graphene.Mutation):
    """Bind the caller by a visit that he made before logging in. No visit is counted: that was done then."""

    shop = graphene.Field(ShopType, description="当时进入的店铺")
    binding = graphene.Field(CustomerBindingType, description="此后生效的客户绑定")
    errors = errors_field()

    class Arguments:
        visit = graphene.String(required=True, description="shopEnter 在未登录时给出的到店凭证")

    class Meta:
        description = "登录后补登记此前的到店：按城市现行绑定规则和当时的时间绑定；重复提交结果不变。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, visit: str) -> ShopVisitClaim:
        """For whoever is logged in."""
        user = info.context.user
        try:
            if not user.is_authenticated:
                raise ChannelError(ChannelErrorCode.PERMISSION_DENIED, _("请先登录"))
            channel, binding = bind_earlier_visit(user, visit)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(shop=getattr(channel, "shop", None), binding=binding, errors=[])
