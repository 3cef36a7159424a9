"""``memberPassengerSave``: somebody with whom one travels."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.records import PASSENGER, save_record
from ..record_types import MemberPassengerInput, MemberPassengerType, record_key
from ..types import errors_field, errors_of, own_member


class MemberPassengerSave(graphene.Mutation):
    """The same one again is not written twice."""

    passenger = graphene.Field(MemberPassengerType)
    errors = errors_field()

    class Arguments:
        id = graphene.ID(description="要修改的；不填为新增")
        input = MemberPassengerInput(required=True)

    class Meta:
        description = "新增或修改常用旅客；最多 20 位。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, input: Any, id: str | None = None) -> MemberPassengerSave:
        """Errors come back in ``errors``."""
        try:
            saved = save_record(own_member(info), PASSENGER, input, record_key(id))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(passenger=saved, errors=[])
