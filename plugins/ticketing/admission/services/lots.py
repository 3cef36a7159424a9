"""What a lot keeps from free sale, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import DrawState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import Draw, Session, TicketClass


def sells_freely(draw: Draw, moment: datetime) -> bool:
    """Whether what is left may be bought by anybody: the winners' time is over, or there are no lots."""
    if draw.state == DrawState.CANCELLED:
        return True
    return draw.drawn_at is not None and draw.drawn_at + timedelta(hours=draw.pay_hours) <= moment


def draws_of(session: Session | None, classes: Iterable[TicketClass]) -> list[Draw]:
    """The draws by which these classes are given. One statement."""
    if session is None:
        return []
    rows = Draw.objects.filter(session=session, ticket_class__in=list(classes))
    return list(rows.exclude(state=DrawState.CANCELLED))


def check_free(draws: Iterable[Draw], moment: datetime | None = None) -> None:
    """Refuse a free sale of what is given by lot, until the winners' time is over. Raises DRAW_ONLY."""
    when = moment or now()
    for draw in draws:
        if not sells_freely(draw, when):
            raise AdmissionError(
                Code.DRAW_ONLY, _("这个票类抽签发售，请先登记"), hint=_("抽签结束后如有余票会开放购买")
            )
