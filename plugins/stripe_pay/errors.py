"""What is said when Stripe's answer did not come."""

from __future__ import annotations

from django.utils.translation import gettext as _
from saleor.payment import PaymentError


class MoveUnknown(PaymentError):
    """A capture, refund or void is on its way and unanswered; it is asked for until it is known."""

    def __init__(self, number: str) -> None:
        super().__init__(
            _("已提交但支付机构还没有答复（编号 %(number)s）。系统会继续查询，请勿重复操作，稍后刷新查看")
            % {"number": number}
        )
