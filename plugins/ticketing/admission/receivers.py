"""What people are told: that there are tickets for who waited or won a lot, and that there will be none."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member, register_text, tell
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.events import receives

from .choices import EntryState
from .events import DrawCancelled, LotsDrawn, SessionCancelled, TicketsOffered, WaitingOver
from .models import Draw, DrawEntry
from .services import drawing, offering

OFFERED = "admission_offered"
OVER = "admission_waiting_over"
LOST = "admission_lot_lost"
CALLED_OFF = "admission_draw_cancelled"

register_text(
    OFFERED, _("“%(title)s”有票了，为您保留到 %(until)s，请尽快下单，逾期给下一位。"), _("候补有票通知")
)
register_text(OVER, _("您登记的“%(title)s”没有等到票：%(why)s。"), _("候补结束通知"))
register_text(LOST, _("“%(title)s”抽签结果：未中签。如有余票会开放购买。"), _("未中签通知"))
register_text(CALLED_OFF, _("“%(title)s”的抽签已取消：%(why)s。"), _("抽签取消通知"))


@receives(TicketsOffered, order=60, plugin="ticketing")
def tickets_offered(event: TicketsOffered) -> None:
    """By the official account where he follows, else by text message."""
    until = event.until.astimezone(SHANGHAI)
    words = {"title": event.product[:20], "until": f"{until:%Y-%m-%d %H:%M}"}
    _tell([event.user_id], OFFERED, f"offered:{event.waiting_id}:{until:%m%d%H%M}", words)


@receives(WaitingOver, order=60, plugin="ticketing")
def waiting_over(event: WaitingOver) -> None:
    """So that he does not wait for what cannot come."""
    words = {"title": event.product[:20], "why": event.why.rstrip("。")[:40]}
    _tell([event.user_id], OVER, f"waiting-over:{event.waiting_id}", words)


@receives(SessionCancelled, order=60, plugin="ticketing")
def session_cancelled(event: SessionCancelled) -> None:
    """Nobody waits for it any more, nothing of it is given by lot."""
    offering.end_session(event.session_id, _("场次已取消"))
    drawing.end_session(event.session_id, _("场次已取消"))


@receives(LotsDrawn, order=60, plugin="ticketing")
def lots_drawn(event: LotsDrawn) -> None:
    """Who won is offered his tickets; here is who did not."""
    entries = DrawEntry.objects.filter(draw=event.draw_id, state=EntryState.LOST)
    _tell_entries(event.draw_id, entries.values_list("user_id", flat=True), LOST, {})


@receives(DrawCancelled, order=60, plugin="ticketing")
def draw_cancelled(event: DrawCancelled) -> None:
    """Whoever registered."""
    entries = DrawEntry.objects.filter(draw=event.draw_id)
    _tell_entries(
        event.draw_id,
        entries.values_list("user_id", flat=True),
        CALLED_OFF,
        {"why": event.why.rstrip("。")[:40]},
    )


def _tell_entries(draw: int, users: Iterable[int], text: str, words: dict[str, str]) -> None:
    row = Draw.objects.select_related("ticket_class__product").get(pk=draw)
    title = row.ticket_class.product.name[:20]
    _tell(list(users), text, f"{text}:{draw}", {"title": title, **words})


def _tell(users: list[int], text: str, key: str, words: dict[str, str]) -> None:
    """The members among these accounts, each once. One statement and what a message takes."""
    for member in Member.objects.filter(user_id__in=users).order_by("pk"):
        tell(member, text, f"{key}:{member.pk}", words)
