"""Insurances of changed tickets go along: their insurer puts them on the new trip (批改), for the same premium.

What an insurer does not put on the new trip ends as what is given back does: the premium comes back, and the buyer is
told, because he was told before that it might go along. Asked after the change is written, looked up before each try.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..choices import DeskKind, InsuranceState
from ..insurers import insurer_of
from ..models import Insurance, Ticket
from ..ports import SupplierRefused, SupplierSilent
from .attention import call_people
from .health import note_failure, note_ok
from .insuring import SOON, ask_of, begun_of, book, cancel, gone, insured_by, locked, read, record
from .jobs import each

logger = logging.getLogger(__name__)
I = InsuranceState  # noqa: E741 - as the other machines' short names


def go_along(pairs: Mapping[int, Ticket]) -> None:
    """Old tickets (by key) were changed against new ones, in the caller's transaction, which has locked both.

    What nobody has asked an insurer for is simply the new ticket's. What began with the old trip ends by its insurer's
    leave, as when the ticket is given back. Locks: the insurances.
    """
    olds = list(Ticket.objects.filter(pk__in=pairs).select_related("ticket_order"))
    begun = begun_of(olds)
    gone([one for one in olds if one.pk in begun])
    rows = insured_by([one for one in olds if one.pk not in begun])
    for row in lock_rows(rows):
        new = pairs[row.moves_to_id or row.ticket_id]
        if row.state == I.WANTED:
            row.ticket = new
            row.save(update_fields=["ticket"])
            continue
        row.moves_to = new
        if row.state == I.IN_FORCE:
            row.ask_at = now()
            transaction.on_commit(partial(_later, row.pk), robust=True)
        row.save(update_fields=["moves_to", "ask_at"])


def follow() -> int:
    """Ask for what has no answer yet, and end what an insurer would not take along; how many."""
    open_ = Insurance.objects.filter(moves_to__isnull=False, state=I.IN_FORCE).order_by("pk")
    done = each(open_.filter(why="", ask_at__lte=now()), endorse, "insurance")
    return done + each(open_.exclude(why=""), give_up, "insurance")


def endorse(pk: int) -> None:
    """Have one put on the new trip; outside of any transaction. Again: no change."""
    one = read(pk)
    if one.state != I.IN_FORCE or one.moves_to is None or one.why:
        return
    claimed = Insurance.objects.filter(
        pk=pk, state=I.IN_FORCE, moves_to=one.moves_to_id, ask_at=one.ask_at, why=""
    ).update(ask_at=now() + SOON * 5)
    if not claimed:
        return
    asked = ask_of(one)
    try:
        insurer = insurer_of(one.insurer.adapter)
        found = insurer.find(one.number)
        if found is None or (found.state == "in_force" and not found.is_for(asked)):
            found = insurer.endorse(asked)
    except SupplierRefused as refusal:
        words = _("保险公司不能改到新行程：%(words)s") % {"words": refusal.words}
        Insurance.objects.filter(pk=pk, state=I.IN_FORCE, moves_to=one.moves_to_id).update(why=words[:200])
        give_up(pk)
    except (SupplierSilent, LookupError):
        logger.warning("insurer %s is silent about %s", one.insurer.code, one.number)
        note_failure(one.insurer)
    else:
        note_ok(one.insurer)
        if found.state == "in_force":
            _moved(pk, one.moves_to_id)
        else:
            record(pk, found)


def _moved(pk: int, ticket: int | None) -> None:
    """It is the new ticket's, and so is its premium. Locks: the insurance."""
    with transaction.atomic():
        row = locked(pk)
        if row.state != I.IN_FORCE or row.moves_to is None or row.moves_to_id != ticket:
            return  # changed once more meanwhile: asked again
        reference = f"{row.number}>{row.moves_to_id}"
        book(row, -1, reference)
        row.ticket, row.moves_to, row.ask_at = row.moves_to, None, None
        row.save(update_fields=["ticket", "moves_to", "ask_at"])
        book(row, 1, reference)


def give_up(pk: int) -> None:
    """End one that does not go along; one that its insurer does not end either is people's, who call the buyer."""
    if cancel(pk):
        return
    with transaction.atomic():
        row = locked(pk)
        if row.state == I.IN_FORCE and row.moves_to is not None:
            order, row.moves_to = row.moves_to.ticket_order, None
            row.save(update_fields=["moves_to"])
            words = _("保险 %(number)s 没有改到新行程，也不能退保，请联系旅客") % {"number": row.number}
            call_people(order, DeskKind.COMPLAINT, words)


def _later(pk: int) -> None:
    from ..tasks import endorse_insurance

    endorse_insurance.delay(pk)
