"""What these pages share: a button above the list, and forms that call one service each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.doors import door


class AccountPage(ActingAdmin):
    """A list with something to begin, and pages of rows with something to do."""

    #: What the list begins: words, icon, page name, permission.
    begins: tuple[tuple[str, str, str, str], ...] = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        user: Any = request.user
        if context is not None:
            found = [
                door(words, icon, reverse(f"admin:{self._page(name)}"))
                for words, icon, name, permission in self.begins
                if user.has_perm(permission)
            ]
            context["actions_list"] = [*context.get("actions_list", ()), *found]
        return response

    def door_to(self, words: str, icon: str, name: str, pk: int) -> dict[str, Any]:
        """A button to something to do with a row."""
        return door(words, icon, self.address(name, pk))
