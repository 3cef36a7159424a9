"""A shift in the API: what should be in the drawer is said once it is counted."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from ..models import Shift, ShiftState

CounterShiftState = graphene.Enum("CounterShiftState", [(item.name, item.value) for item in ShiftState])


class CounterCountInput(graphene.InputObjectType):
    """So many notes or coins of a kind."""

    worth = graphene.String(required=True, description="面额（元）：100、50、20、10、5、1、0.5、0.1 …")
    pieces = graphene.Int(required=True, description="张（枚）数")


class CounterShiftType(graphene.ObjectType):
    """A clerk's shift at a drawer. Amounts in yuan; sums are null until the drawer is counted."""

    id = graphene.ID(required=True, description="班次编号")
    number = graphene.String(required=True, description="班次号")
    state = graphene.Field(CounterShiftState, required=True, description="状态")
    drawer = graphene.String(required=True, description="台席")
    opened_at = graphene.DateTime(required=True, description="开班时间")
    opening = graphene.Field(Decimal, required=True, description="备用金")
    counted = graphene.Field(Decimal, description="清点金额")
    expected = graphene.Field(Decimal, description="应有现金；清点后才有")
    difference = graphene.Field(Decimal, description="长短款：正为长款，负为短款；清点后才有")
    pos_difference = graphene.Field(Decimal, description="POS 差异；清点后才有")
    to_remit = graphene.Field(Decimal, description="应缴现金；清点后才有")

    class Meta:
        name = "CounterShift"

    @staticmethod
    def resolve_id(root: Shift, _info: Any) -> str:
        """The plain key."""
        return str(root.pk)

    @staticmethod
    def resolve_drawer(root: Shift, _info: Any) -> str:
        """Its name."""
        return str(root.drawer.name)

    @staticmethod
    def resolve_difference(root: Shift, _info: Any) -> Any:
        """Null before the count."""
        return root.difference if root.counted is not None else None

    @staticmethod
    def resolve_pos_difference(root: Shift, _info: Any) -> Any:
        """Null before the count."""
        return root.pos_difference if root.counted is not None else None

    @staticmethod
    def resolve_to_remit(root: Shift, _info: Any) -> Any:
        """Null before the count."""
        return root.to_remit if root.counted is not None else None


def counts_of(typed: list[Any]) -> dict[str, str]:
    """Pieces by denomination, as the services read them."""
    return {str(one["worth"])[:8]: str(one["pieces"]) for one in typed}
