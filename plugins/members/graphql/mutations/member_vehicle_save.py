"""``memberVehicleSave``: a car of one's own."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.records import VEHICLE, save_record
from ..record_types import MemberVehicleInput, MemberVehicleType, record_key
from ..types import errors_field, errors_of, own_member


class MemberVehicleSave(graphene.Mutation):
    """The same one again is not written twice."""

    vehicle = graphene.Field(MemberVehicleType)
    errors = errors_field()

    class Arguments:
        id = graphene.ID(description="要修改的；不填为新增")
        input = MemberVehicleInput(required=True)

    class Meta:
        description = "新增或修改车辆；最多 10 辆。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, input: Any, id: str | None = None) -> MemberVehicleSave:
        """Errors come back in ``errors``."""
        try:
            saved = save_record(own_member(info), VEHICLE, input, record_key(id))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(vehicle=saved, errors=[])
