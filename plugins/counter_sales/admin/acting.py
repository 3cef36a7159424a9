"""What the counter's pages share: the clerk's form, and above a row what may be done with it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from saleor_o2o.backoffice.admin.acting import ActingAdmin


class CounterAdmin(ActingAdmin):
    """A list and a page of details whose tools (`float_tools.html`) lead to pages with one form each."""

    act_template = "o2o_counter_sales/form.html"

    def tools(self, request: HttpRequest, row: Any) -> list[tuple[str, Any]]:
        """What the user may do with a row in reach: addresses and words."""
        return []

    def shown(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page of a row in reach knows besides the row."""
        return {"o2o_tools": self.tools(request, row)}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        more = self.shown(request, row) if row is not None else {}
        response: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **more}
        )
        return response
