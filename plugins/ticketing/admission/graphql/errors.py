"""How admission's API answers: errors, keys, and where the asker buys."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils.translation import gettext_lazy as _

from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError

from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code


class AdmissionErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "AdmissionError"


def channel_of(info: Any) -> str:
    """Where the asker sells or buys: the staff at a counter, everybody else online."""
    return "counter" if getattr(info.context.user, "is_staff", False) else "online"


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(AdmissionErrorType), required=True, description="错误；成功时为空")


def errors_of(error: DomainError) -> list[AdmissionErrorType]:
    """A refusal in the API's form."""
    return [
        AdmissionErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
        )
    ]


def key_of(text: Any, field: str) -> int:
    """A row's key as the API has it. Raises NOT_FOUND for what cannot be one."""
    told = str(text or "")
    if not told.isascii() or not told.isdigit() or len(told) > 15:
        raise AdmissionError(Code.NOT_FOUND, _("没有这条记录"), field)
    return int(told)
