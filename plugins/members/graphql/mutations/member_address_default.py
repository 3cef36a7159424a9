"""``memberAddressDefault``: the address that comes first."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.addresses import addresses_of, make_default
from ..profile_types import MemberAddressType, address_key
from ..types import errors_field, errors_of, own_member


class MemberAddressDefault(graphene.Mutation):
    """Again changes nothing."""

    addresses = graphene.List(graphene.NonNull(MemberAddressType), description="全部地址，默认的在前")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="地址编号")

    class Meta:
        description = "设为默认地址。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str) -> MemberAddressDefault:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            make_default(member, address_key(id))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(addresses=addresses_of(member), errors=[])
