"""接待旅客 without a paper at hand: a code to the telephone with which he bought, read out to the clerk before him."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import (
    CodeWrong,
    Device,
    Purpose,
    SentCode,
    check_code,
    clean_mobile,
    register_text,
    send_code_saying,
    use_code,
)
from plugins.org_hierarchy.interfaces import desk_of
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.drafting import mobile_index
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.kernel.request import actor_label

from .. import lending
from ..access import RECEIVE
from ..choices import ReceiveWay
from ..errors import CoachError
from ..errors import CoachErrorCode as Code
from ..locks import CoachLock
from .receiving import MOST, issued, refuse_guessing, write

CODE_SENT = audit.action("coach.receive_code_sent", _("接待旅客：发送验证码"))
TEXT = "coach_receive_code"
register_text(
    TEXT,
    _("验证码 %(code)s，用于%(place)s为您办理汽车票，%(minutes)s 分钟内有效。只告诉当面为您办理的营业员。"),
    _("接待旅客验证码"),
)


def send_code(by: Any, mobile: str, device: Device) -> SentCode:
    """Send a code to the telephone of coming trips; keep its ticket for `receive_by_code`.

    A telephone with which nothing was bought counts as a wrong try of the clerk. Locks: the clerk (a name). Raises
    NotAllowed, LockTimeout, CoachError NOT_FOUND, TooOften; MemberError MOBILE_INVALID, TooOften.
    """
    unit = desk_of(by, RECEIVE)
    number = clean_mobile(mobile)
    with transaction.atomic():
        advisory_lock(CoachLock.RECEIVE, f"clerk:{by.pk}")
        refuse_guessing(by)
        looked = _bought_with(number)
        if not looked:
            write(by, unit, ReceiveWay.CODE, (), ())
    if not looked:
        raise CoachError(
            Code.NOT_FOUND, _("没有找到用这个手机号买的车票"), "mobile",
            _("请核对购票时填写的手机号；手机不在身边的，凭取票号或证件查找"),
        )  # fmt: skip
    sent = send_code_saying(number, Purpose.COUNTER, device, TEXT, {"place": unit.name})
    for one in looked:
        for path in {one.unit.path, unit.path}:
            audit.record(CODE_SENT, one, after={"unit": unit.code}, actor=actor_label(by), org_path=path)
    return sent


def receive_by_code(by: Any, mobile: str, code: str, ticket: str, device: Device) -> list[TicketOrder]:
    """Open the coming trips that were bought with a telephone, for this clerk and half an hour, by the code it got.

    `ticket`: that of the code that was sent from this very counter; a code that was sent for something else opens
    nothing. Uses the code. Locks: the code, the clerk (a name). Raises NotAllowed, LockTimeout, CoachError NOT_FOUND,
    TooOften; MemberError MOBILE_INVALID, CODE_WRONG, LOCKED_OUT.
    """
    unit = desk_of(by, RECEIVE)
    number = clean_mobile(mobile)
    with transaction.atomic():
        advisory_lock(CoachLock.RECEIVE, f"clerk:{by.pk}")
        refuse_guessing(by)
    try:
        checked = check_code(number, Purpose.COUNTER, code, device)
        if str(checked.ticket) != ticket:
            raise CodeWrong
    except CodeWrong:
        write(by, unit, ReceiveWay.CODE, (), _bought_with(number))
        raise
    with transaction.atomic():
        use_code(checked)
        found = _bought_with(number)
        write(by, unit, ReceiveWay.CODE, found, found)
    if not found:
        raise CoachError(Code.NOT_FOUND, _("没有可以办理的车票"), "mobile", _("车票可能刚刚退票或改签"))
    lending.forget(by)
    return found


def _bought_with(number: str) -> list[TicketOrder]:
    return list(issued().filter(mobile_index=mobile_index(number)).order_by("starts_at", "pk")[:MOST])
