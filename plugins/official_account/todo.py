"""What waits on the home page: neighbours who wrote to an account and have not been answered."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import rows_for

from .models import Talk
from .permissions import TALK_ANSWER
from .windows import WINDOW


def todo(user: Any) -> list[Todo]:
    """One entry an account, due when WeChat closes the first window; whoever can be answered no longer is left out."""
    if not user.has_perm(TALK_ANSWER):
        return []
    rows = rows_for(user, Talk, TALK_ANSWER).filter(
        waiting_since__isnull=False, said_at__gt=now() - WINDOW, is_following=True
    )
    found = (
        rows.order_by().values("account_id", "account__name")
        .annotate(people=Count("pk"), since=Min("waiting_since"), said=Min("said_at"))
    )  # fmt: skip
    page = reverse("admin:o2o_official_account_talk_changelist")
    return [
        Todo(
            _("公众号来信待回复 %(people)d 人") % {"people": one["people"]},
            one["account__name"],
            f"{page}?waiting=yes&account__id__exact={one['account_id']}",
            one["since"],
            one["said"] + WINDOW,
        )
        for one in found
    ]
