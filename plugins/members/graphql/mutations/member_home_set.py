"""``memberHomeSet``: the branch or outlet that looks after one."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.homes import choose_home
from ..types import MemberType, errors_field, errors_of, own_member


class MemberHomeSet(graphene.Mutation):
    """An empty code: by where one lives."""

    member = graphene.Field(MemberType, description="会员")
    errors = errors_field()

    class Arguments:
        unit_code = graphene.String(
            required=True,
            description="支局或网点的代码（nearestOutlets、servingBranch）；空文本表示按住址自动确定",
        )

    class Meta:
        description = "选择归属网点。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, unit_code: str) -> MemberHomeSet:
        """Errors come back in ``errors``."""
        try:
            member = choose_home(own_member(info), unit_code)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(member=member, errors=[])
