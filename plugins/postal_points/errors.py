"""The refusals of postal points."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import PostalErrorCode

__all__ = ["KeyReused", "PostalError", "PostalErrorCode"]


class PostalError(DomainError):
    """A business was not taken in; nothing was changed."""

    def __init__(
        self, code: PostalErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)


class KeyReused(PostalError):
    """The number is known with other facts."""

    def __init__(self) -> None:
        super().__init__(
            PostalErrorCode.KEY_REUSED,
            _("这个业务编号已按另外的金额、机构或客户登记过"),
            "number",
            _("请核对编号；登记错了先冲正，再用新编号登记"),
        )
