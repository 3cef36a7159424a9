"""How often the same asker may look for orders that are nobody's account's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from saleor_o2o.kernel.pace import asker_of, retry_after

from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code

#: Questions of one asker in a minute.
TRIES = 10


def slow_down(request: Any) -> None:
    """Count a question. Raises VoucherError TOO_OFTEN."""
    wait = retry_after("ticketing.guest", asker_of(request), TRIES)
    if wait:
        raise VoucherError(
            Code.TOO_OFTEN, _("试的次数太多，请 %(seconds)d 秒后再试") % {"seconds": wait}, None,
            _("请核对订单短信里的订单号"),
        )  # fmt: skip
