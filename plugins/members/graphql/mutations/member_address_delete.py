"""``memberAddressDelete``: an address that is no more."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.addresses import addresses_of, drop_address
from ..profile_types import MemberAddressType, address_key
from ..types import errors_field, errors_of, own_member


class MemberAddressDelete(graphene.Mutation):
    """One's own only."""

    addresses = graphene.List(graphene.NonNull(MemberAddressType), description="剩下的地址")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="地址编号")

    class Meta:
        description = "删除收货地址；删的是默认地址，则最新的一个成为默认。已有的订单不受影响。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str) -> MemberAddressDelete:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            drop_address(member, address_key(id))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(addresses=addresses_of(member), errors=[])
