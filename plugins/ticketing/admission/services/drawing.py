"""抽签: who registers in time is drawn by a seed whose digest everybody knew before; winners have hours to order."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import IllegalMove, move_locked

from ..access import EDIT
from ..choices import DrawState, EntryState, SessionState, WaitingState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..events import DrawCancelled, LotsDrawn
from ..models import Draw, DrawEntry, Session, TicketClass, Waiting
from .common import actor, allow, invalid
from .offering import give_offer

SET = audit.action("admission.draw_set", _("设置抽签"))
DRAWN = audit.action("admission.drawn", _("抽签"))
CALLED_OFF = audit.action("admission.draw_cancelled", _("取消抽签"))

#: How long people have to draw after the registration; then the lots are drawn without them.
GRACE = timedelta(hours=1)


@transaction.atomic
def make_draw(
    by: Any, kind: TicketClass, session: Session, units: int, opens_at: datetime, closes_at: datetime, *,
    most_each: int = 2, pay_hours: int = 24,
) -> Draw:  # fmt: skip
    """Give tickets of a class by lot; until the winners' time is over nobody buys them otherwise.

    Raises OutOfScope, NotAllowed, INVALID.
    """
    allow(by, EDIT, kind)
    if session.product_id != kind.product_id or units < 1 or not 1 <= most_each <= kind.max_per_order:
        raise invalid(_("场次须属于这个产品，名额至少 1 张，每人最多不超过每单最多"), "units")
    if not now() < closes_at or closes_at <= opens_at or closes_at >= session.closes_at:
        raise invalid(_("登记截止须在以后，且早于停售"), "closes_at")
    if Draw.objects.filter(ticket_class=kind, session=session).exclude(state=DrawState.CANCELLED).exists():
        raise invalid(_("这个场次的这个票类已有抽签"))
    seed = secrets.token_hex(32)
    made = Draw.objects.create(
        ticket_class=kind, session=session, units=units, most_each=most_each, opens_at=opens_at, closes_at=closes_at,
        pay_hours=pay_hours, seed=seed, seed_digest=hashlib.sha256(seed.encode()).hexdigest(),
    )  # fmt: skip
    audit.record(
        SET, made, after={"units": units, "seed_digest": made.seed_digest}, actor=actor(by),
        org_path=kind.product.unit.path,
    )  # fmt: skip
    return made


@transaction.atomic
def enter(user: Any, draw: Draw, quantity: int) -> DrawEntry:
    """Register for a draw, once. Raises SIGN_IN_REQUIRED, DRAW_CLOSED, COUNT."""
    if not getattr(user, "is_authenticated", False):
        raise AdmissionError(Code.SIGN_IN_REQUIRED, _("请先登录再登记"))
    # the draw is locked while lots are drawn: nobody registers in between
    [fresh] = lock_rows(Draw.objects.filter(pk=draw.pk), no_key=True)
    if fresh.state != DrawState.OPEN or not fresh.opens_at <= now() < fresh.closes_at:
        raise AdmissionError(Code.DRAW_CLOSED, _("现在不能登记"), hint=_("请在登记时间内参加"))
    if not 1 <= quantity <= fresh.most_each:
        raise AdmissionError(Code.COUNT, _("每人 1 至 %(most)d 张") % {"most": fresh.most_each}, "quantity")
    try:
        with transaction.atomic():
            return DrawEntry.objects.create(draw=fresh, user=user, quantity=quantity)
    except IntegrityError:
        found = DrawEntry.objects.get(draw=fresh, user=user)
        if found.quantity != quantity:
            DrawEntry.objects.filter(pk=found.pk).update(quantity=quantity)
            found.quantity = quantity
        return found


def order_of(seed: str, entries: Iterable[int]) -> list[int]:
    """The lots' order: entries by SHA-256 of seed and key. Anybody can do this again with the seed that is told."""
    return sorted(entries, key=lambda pk: (hashlib.sha256(f"{seed}:{pk}".encode()).hexdigest(), pk))


@transaction.atomic
def draw_lots(by: Any, draw: Draw) -> Draw:
    """Draw, once, after the registration: winners are offered their tickets, the others hear that they have none.

    Whoever does not fit into what is left is passed over, the next smaller wish is served. Locks: the draw, its
    entries, what winners take. Raises OutOfScope, NotAllowed, IllegalMove, DRAW_CLOSED before the registration ends.
    """
    allow(by, EDIT, draw)
    [fresh] = lock_rows(
        Draw.objects.filter(pk=draw.pk).select_related("ticket_class__product__unit", "session")
    )
    moment = now()
    if moment < fresh.closes_at:
        raise AdmissionError(Code.DRAW_CLOSED, _("登记还没有截止"))
    move_locked(fresh, "draw", actor=actor(by))
    entries = {one.pk: one for one in lock_rows(DrawEntry.objects.filter(draw=fresh))}
    left = fresh.units
    until = min(moment + timedelta(hours=fresh.pay_hours), fresh.session.closes_at)
    for place, pk in enumerate(order_of(fresh.seed, entries), start=1):
        entry = entries[pk]
        entry.place, entry.state = place, EntryState.LOST
        if entry.quantity <= left and _win(fresh, entry, until):
            entry.state = EntryState.WON
            left -= entry.quantity
    DrawEntry.objects.bulk_update(entries.values(), ["place", "state"])
    audit.record(
        DRAWN, fresh, after={"entries": len(entries), "units": fresh.units - left, "seed": fresh.seed}, actor=actor(by),
        org_path=fresh.ticket_class.product.unit.path,
    )  # fmt: skip
    publish(LotsDrawn(draw_id=fresh.pk), key=f"session:{fresh.session_id}")
    return fresh


@transaction.atomic
def cancel_draw(by: Any, draw: Draw, reason: Text) -> Draw:
    """There will be no lots: the class is sold to anybody at once, and who registered is told why.

    Locks: the draw. Raises OutOfScope, NotAllowed, IllegalMove (drawn, or cancelled before), INVALID.
    """
    allow(by, EDIT, draw)
    why = str(reason).strip()[:200]
    if len(why) < 4:
        raise invalid(_("请写明取消原因，登记的人会看到"), "reason")
    [fresh] = lock_rows(Draw.objects.filter(pk=draw.pk).select_related("ticket_class__product__unit"))
    move_locked(fresh, "cancel", actor=actor(by), reason=why)
    audit.record(
        CALLED_OFF,
        fresh,
        after={"reason": why},
        actor=actor(by),
        org_path=fresh.ticket_class.product.unit.path,
    )
    publish(DrawCancelled(draw_id=fresh.pk, why=why), key=f"session:{fresh.session_id}")
    return fresh


def draw_due(moment: datetime | None = None) -> int:
    """Draw what nobody has drawn an hour after its registration, and cancel what is too late; returns how many.

    The order is the seed's, whoever presses: nothing is gained by waiting. One transaction each.
    """
    when = moment or now()
    due = Draw.objects.filter(state=DrawState.OPEN, closes_at__lte=when - GRACE).select_related("session")
    count = 0
    for row in due.order_by("closes_at", "pk")[:50]:
        session = row.session
        try:
            if session.state in (SessionState.CANCELLED, SessionState.ENDED) or session.closes_at <= when:
                cancel_draw(None, row, _("场次已停止售票，没有抽签"))
            elif session.state == SessionState.ON_SALE:
                draw_lots(None, row)
            else:
                continue
        except IllegalMove:  # somebody was faster
            continue
        count += 1
    return count


def end_session(session: int, why: Text) -> int:
    """There are no lots for a session that does not take place; returns how many. Again: nothing."""
    rows = list(Draw.objects.filter(session=session, state=DrawState.OPEN).order_by("pk"))
    for row in rows:
        cancel_draw(None, row, why)
    return len(rows)


def _win(draw: Draw, entry: DrawEntry, until: datetime) -> bool:
    """Keep a winner's tickets for him; False: there are too few. Whoever also waits for the same waits no more."""
    kind = draw.ticket_class
    row = Waiting.objects.create(
        user_id=entry.user_id, ticket_class=kind, session=draw.session, quantity=entry.quantity, draw=draw
    )
    if not give_offer(row, kind, (draw.session, None, None), until):
        row.delete()
        return False
    also = Waiting.objects.filter(
        user_id=entry.user_id, ticket_class=kind, session=draw.session, draw=None, state=WaitingState.WAITING
    )
    for one in lock_rows(also):
        move_locked(one, "cancel", reason=str(_("已中签")))
    return True


def standing(draw: Draw) -> dict[str, int]:
    """How many entries there are by state."""
    rows = draw.entries.order_by().values("state").annotate(count=Count("pk"))
    return {row["state"]: row["count"] for row in rows}
