"""The second person's page of what somebody has submitted: publish it or refuse it, or take one's own back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.acting import ActingAdmin, Button
from saleor_o2o.backoffice.admin.base import Table

from ..access import may_for_city
from ..choices import RuleState
from .forms import DecisionForm


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be decided of one kind of rows, and who decides (`permission`, for the city; `who` in words)."""

    publish: Callable[[Any, Any, str], Any]
    refuse: Callable[[Any, Any, str], Any]
    withdraw: Callable[[Any, Any], Any]
    permission: str
    who: Any

    def page(
        self,
        admin: ActingAdmin,
        request: HttpRequest,
        row: Any,
        title: Any,
        facts: Sequence[tuple[Any, Any]],
        table: Table | None = None,
    ) -> HttpResponse:
        """Show a row that waits, or do what was decided. Who submitted it may only take it back.

        A form that was sent without one of its buttons decides nothing.
        """
        user: Any = request.user
        own = row.made_by_id == user.pk

        def do(told: dict[str, Any]) -> str:
            if "withdraw" in request.POST:
                self.withdraw(user, row)
                return str(_("已撤回"))
            if "refuse" in request.POST:
                self.refuse(user, row, told["note"])
                return str(_("已驳回"))
            self.publish(user, row, told["note"])
            return str(_("已发布，从生效日期起对新卖出的票有效"))

        buttons: list[Button] = [("publish", "1", _("发布"), ""), ("refuse", "1", _("驳回"), "danger")]
        if own:
            buttons = [("withdraw", "1", _("撤回"), "default")]
        return admin.act(
            request, title, DecisionForm(request.POST if request.method == "POST" else None), do, admin.page_of(row.pk),
            facts=facts, table=table, buttons=buttons,
            note=_("这是您自己提交的，须由另一位%(who)s发布。") % {"who": self.who} if own else "",
            only_look=not {"publish", "refuse", "withdraw"} & set(request.POST),
        )  # fmt: skip

    def waiting(self, user: Any, rows: Any, pk: int) -> Any:
        """The row that waits for this person's decision, or that he may take back; 404 or 403 otherwise."""
        row = rows.filter(pk=pk, state=RuleState.PENDING).first()
        if row is None:
            raise Http404
        if row.made_by_id != user.pk and not may_for_city(user, self.permission):
            raise PermissionDenied
        return row
