"""Refusals of the mall, in shoppers' words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import MallErrorCode

_CHOOSE_OTHER = _("请看看积分商城里的其他商品")


class MallError(DomainError):
    """Goods are not exchanged; nothing was changed. `field` is the one that carries the choice."""

    def __init__(
        self, code: MallErrorCode, message: Text, hint: Text | None = _CHOOSE_OTHER, field: str = "deductions"
    ) -> None:
        super().__init__(code, message, field, hint)
