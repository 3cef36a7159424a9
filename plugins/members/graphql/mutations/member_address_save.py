"""``memberAddressSave``: an address of one's own, new or changed."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.pace import asker_of

from ...services.addresses import Told, save_address
from ..profile_types import MemberAddressInput, MemberAddressType, address_key
from ..types import errors_field, errors_of, own_member


class MemberAddressSave(graphene.Mutation):
    """The same one again is not written twice."""

    address = graphene.Field(MemberAddressType, description="地址")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(description="要修改的地址；不填为新增")
        input = MemberAddressInput(required=True, description="地址")

    class Meta:
        description = "新增或修改收货地址，自动匹配服务机构；最多 20 个。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, input: Any, id: str | None = None) -> MemberAddressSave:
        """Errors come back in ``errors``."""
        given = {key: value for key, value in input.items() if value is not None}
        given["default"] = given.pop("is_default", None)
        try:
            member = own_member(info)
            key = address_key(id) if id else None
            saved = save_address(member, Told(**given), key=key, asker=asker_of(info.context))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(address=saved, errors=[])
