"""``staffHandOver``: matters come into other hands."""

from __future__ import annotations

from typing import Any

import graphene

from ....services.holdings import hand_over
from ..gates import staff_for
from ..types import StaffAnswer


class StaffHandOver(StaffAnswer):
    """Give matters of one kind into a successor's hands: all of them or none."""

    count = graphene.Int(description="移交的事项数")

    class Arguments:
        staff = graphene.String(required=True, description="移交人工号")
        kind = graphene.String(required=True, description="类别，见 staffHoldings")
        keys = graphene.List(graphene.NonNull(graphene.String), required=True, description="事项编号")
        successor = graphene.String(required=True, description="接手人工号")

    class Meta:
        description = "移交事项；不能移交的须先办结（HANDOVER_OPEN）。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, staff: str, kind: str, keys: list[str], successor: str) -> Any:
        """Errors come back in ``errors``."""
        user = info.context.user

        def deed() -> dict[str, Any]:
            person, heir = staff_for(user, staff), staff_for(user, successor, "successor")
            return {"count": hand_over(user, person, kind, keys, heir)}

        return cls.answer(deed)
