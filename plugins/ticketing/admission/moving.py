"""Who waits, stands in a queue or registered for a draw, when two accounts become one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import register_customer_erasure, register_customer_move

from .models import DrawEntry, QueuePlace, Waiting
from .services.mailing import forget


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("admission", _move, _("缺货登记、排队、抽签登记"))
    register_customer_erasure("admission", forget)


def _move(old: Any, new: Any) -> int:
    """In the transaction of the merge. Of what both have the kept account's stays; an offer is never lost."""
    moved = 0
    mine = {
        (row.ticket_class_id, row.session_id, row.slot_id, row.day, row.draw_id): row
        for row in Waiting.objects.filter(user=new, state__in=("waiting", "offered"))
    }
    for row in Waiting.objects.filter(user=old).order_by("pk"):
        same = mine.get((row.ticket_class_id, row.session_id, row.slot_id, row.day, row.draw_id))
        if same is not None and row.state == "waiting":
            row.delete()
            continue
        if same is not None and row.state == "offered":
            if same.state == "offered":
                continue  # two offers: the closed account's runs out and goes to the next one
            same.delete()
        Waiting.objects.filter(pk=row.pk).update(user=new)
        moved += 1
    for model, group in ((QueuePlace, "queue_id"), (DrawEntry, "draw_id")):
        theirs = model.objects.filter(user=old)
        both = model.objects.filter(user=new).values(group)
        theirs.filter(**{f"{group}__in": both}).delete()
        moved += theirs.update(user=new)
    return moved
