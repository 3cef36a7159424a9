"""``memberVehicleDone``: the inspection or insurance of one's own car was done."""

from __future__ import annotations

from datetime import date
from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...errors import MemberError
from ...errors import MemberErrorCode as Code
from ...kinds import Due
from ...services.reminding import done
from ..record_types import MemberVehicleType, VehicleDueEnum, record_key
from ..types import errors_field, errors_of, own_member


class MemberVehicleDone(graphene.Mutation):
    """The next date is reckoned where none is told."""

    vehicle = graphene.Field(MemberVehicleType)
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="车辆")
        what = VehicleDueEnum(required=True, description="年检或交强险")
        due = graphene.Date(
            description="新的到期日期；不填则交强险为一年后，年检为两年后（注册登记满十年或日期不详为一年后）"
        )

    class Meta:
        description = "登记本人车辆的年检或交强险已办理。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str, what: str, due: date | None = None) -> MemberVehicleDone:
        """Errors come back in ``errors``."""
        try:
            key = record_key(id)
            if key is None:
                raise MemberError(Code.NOT_FOUND, "没有这辆车，或已删除", "id")
            return cls(vehicle=done(own_member(info), key, Due(what), due), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
