"""``dispatchTransfer``: pass a task on, to a colleague or to another unit."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from ...errors import DispatchError
from ...errors import DispatchErrorCode as Code
from ...services.giving import pass_on, send
from ..answers import TaskAnswer
from ..types import DispatchReason


class DispatchTransfer(TaskAnswer):
    """转派."""

    class Arguments:
        number = graphene.String(required=True, description="派单号")
        person = graphene.String(description="本机构同事的工号；与 unit 二选一")
        unit = graphene.String(description="机构代码；与 person 二选一")
        reason = graphene.Argument(DispatchReason, required=True, description="原因")
        text = graphene.String(description="说明，最多 200 字；原因为其他时必填")

    class Meta:
        description = "转派给同事，或转派到其他机构（须对方接受；两边都归自己调度的直接改派）。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, number: str, reason: str, person: str = "", unit: str = "", text: str = ""
    ) -> Any:
        """Errors come back in ``errors``."""

        def deed(user: Any, pk: int) -> Any:
            if bool(person) == bool(unit):
                raise DispatchError(Code.REQUIRED, _("请选择转给谁，或转派到哪个机构（只能一个）"), "person")
            if person:
                return pass_on(user, pk, person, reason=reason, text=text)
            return send(user, pk, unit, reason=reason, text=text)

        return cls.answer(info, number, deed)
