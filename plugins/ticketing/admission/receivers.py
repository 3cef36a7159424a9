"""What people are told: that there are tickets for who waited or won a lot."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member, register_text, tell
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.events import receives

from .events import TicketsOffered

OFFERED = "admission_offered"

register_text(
    OFFERED, _("“%(title)s”有票了，为您保留到 %(until)s，请尽快下单，逾期给下一位。"), _("候补有票通知")
)


@receives(TicketsOffered, order=60, plugin="ticketing")
def tickets_offered(event: TicketsOffered) -> None:
    """By the official account where he follows, else by text message."""
    member = Member.objects.filter(user_id=event.user_id).first()
    if member is not None:
        until = event.until.astimezone(SHANGHAI)
        words = {"title": event.product[:20], "until": f"{until:%Y-%m-%d %H:%M}"}
        tell(member, OFFERED, f"offered:{event.waiting_id}:{until:%m%d%H%M}", words)
