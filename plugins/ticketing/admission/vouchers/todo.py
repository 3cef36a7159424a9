"""What waits for somebody on the home page: conflicts of gates that were without a network, gates that are away."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.scope import rows_for

from ..models import ScanConflict
from .access import EXCHANGE, RESOLVE
from .choices import ConflictState
from .services.posting import waiting

#: Shown at most.
MOST = 20


def todo(user: Any) -> list[Todo]:
    """The oldest conflicts that this user may resolve; letters that he has to post."""
    return [*_conflicts(user), *_letters(user)]


def _letters(user: Any) -> list[Todo]:
    if not user.has_perm(EXCHANGE):
        return []
    rows = list(waiting(user).values_list("send_by", "made_at")[:MOST])
    if not rows:
        return []
    first = rows[0][0].astimezone(SHANGHAI)
    count = f"{MOST}+" if len(rows) == MOST else str(len(rows))
    return [
        Todo(
            _("待寄纸票：%(count)s 单") % {"count": count},
            _("最早的须在 %(by)s 前寄出") % {"by": f"{first:%m-%d %H:%M}"},
            reverse("admin:o2o_admission_mailing_work"),
            min(made for _by, made in rows),
        )
    ]


def _conflicts(user: Any) -> list[Todo]:
    if not user.has_perm(RESOLVE):
        return []
    rows = rows_for(user, ScanConflict, RESOLVE).filter(state=ConflictState.OPEN).order_by("pk")[:MOST]
    return [
        Todo(
            _("检票冲突：%(kind)s") % {"kind": row.get_kind_display()},
            row.words,
            reverse("admin:o2o_admission_scanconflict_change", args=[row.pk]),
            row.made_at,
        )
        for row in rows
    ]
