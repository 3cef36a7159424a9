"""How many a hall is approved for: never more are let in, and of large shows nearly all is sold to the public.

核定容量: what police and fire brigade approved. Of commercial shows for 5,000 people and more no less than 85 per cent
of the approved number has to be sold publicly: 文旅市场发〔2023〕96号, of 12 September 2023, by 文化和旅游部 and 公安部
(关于进一步加强大型营业性演出活动规范管理促进演出市场健康有序发展的通知). It asks for more than is checked here:
real names at the sale and the gate with one ticket for a document (`TicketClass.real_name`, limits), fees of refunds by
tiers (the fee engine's rules), and names 24 hours before the show for the other 15 per cent.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import Text

from ..choices import ProductKind
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import Hall, Quota, Session, SessionSeat

#: From how many people on a show is a large one, and which part of the approved number the public has to get.
LARGE, PUBLIC = 5000, Decimal("0.85")


def check_hall(hall: Hall | None, people: int, field: str | None = None) -> None:
    """Refuse more people than a hall is approved for; 0 is a hall whose number nobody has entered. Raises CAPACITY."""
    if hall is not None and 0 < hall.capacity < people:
        raise AdmissionError(
            Code.CAPACITY,
            _("%(hall)s核定容量 %(most)d 人，不能安排 %(people)d 人")
            % {"hall": hall, "most": hall.capacity, "people": people},
            field,
            _("请减少座位或配额；核定容量有变化的，请先修改厅"),
        )


def people_of(session: Session) -> tuple[int, int]:
    """How many a session lets in, and how many of them everybody can buy.

    Seats that are not kept back, or the quotas of all channels (one for all classes, else the sum of the classes'). Two
    statements at most.
    """
    if session.seat_map_id is not None:
        seats = SessionSeat.objects.filter(session=session)
        return seats.count(), seats.exclude(state="blocked").count()
    rows = list(Quota.objects.filter(session=session, channel=""))
    whole = [one.capacity for one in rows if one.for_all]
    people = min(whole) if whole else sum(one.capacity for one in rows)
    return people, people


def warning_of(session: Session) -> Text:
    """What has to be known before a large show is opened; empty for others."""
    hall = session.hall
    if hall is None or hall.capacity < LARGE or session.product.kind != ProductKind.SHOW:
        return ""
    _people, public = people_of(session)
    least = int((hall.capacity * PUBLIC).to_integral_value(ROUND_CEILING))
    if public >= least:
        return ""
    return _("大型演出公开销售不得少于核定容量的 85%%（%(least)d 张），现在是 %(public)d 张，请核对留座和配额") % {
        "least": least, "public": public,
    }  # fmt: skip
