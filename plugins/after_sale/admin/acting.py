"""What the two pages share: columns and search, the row in scope, an action by POST, pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.columns import at, link
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row
from saleor_o2o.ordering.interfaces import order_by_number

from ..models import Picture
from .looks import coloured


class ActingAdmin(ReadOnlyAdmin):
    """A list, and a page on which something can be done to the row."""

    page_template = ""
    related: tuple[str, ...] = ()
    #: Words of the row's states, and what it is found by besides its own number and its order's.
    states: Mapping[str, Any] = {}
    also_found_by = "number"

    @admin.display(description=_("订单"), ordering="order")
    def c_order(self, row: Any) -> Any:
        return link("o2o_backoffice_order", row.order_id, f"#{row.order_id}")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Any) -> Any:
        return coloured(row.state, self.states)

    @admin.display(description=_("时限"), ordering="due_at")
    def c_due(self, row: Any) -> str:
        if row.due_at is None or row.is_over:
            return "—"
        late = row.escalated_at is not None or row.due_at <= now()
        return f"{at(row.due_at)}{'（已超时）' if late else ''}"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip().removeprefix("#")
        if not word:
            return queryset, False
        found = Q(number__iexact=word) | Q(**{f"{self.also_found_by}__iexact": word})
        key = int(word) if word.isascii() and word.isdigit() and len(word) <= 9 else order_by_number(word)
        return queryset.filter(found | Q(order_id=key) if key is not None else found), False

    def get_urls(self) -> list[Any]:
        own = path(
            "<int:pk>/picture/<int:picture>/",
            self.admin_site.admin_view(self.picture_view),
            name=self._page("picture"),
        )
        return [own, *super().get_urls()]

    def row(self, request: HttpRequest, pk: Any) -> Any:
        """The row in scope, or 404."""
        user: Any = request.user
        try:
            return get_row(user, self.model._default_manager.select_related(*self.related), pk=pk)
        except OutOfScope as error:
            raise Http404 from error

    def picture_view(self, request: HttpRequest, pk: int, picture: int) -> HttpResponse:
        """A picture of a row in scope; never cached by others."""
        found = self.pictures(self.row(request, pk)).filter(pk=picture).first()
        if found is None:
            raise Http404
        answer = HttpResponse(bytes(found.content), content_type="image/jpeg")
        answer["Cache-Control"] = "private, no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    def pictures(self, row: Any) -> Any:
        """The pictures of a row."""
        return Picture.objects.none()

    def shown_pictures(self, row: Any) -> list[dict[str, Any]]:
        """Addresses and who brought them."""
        return [
            {
                "href": reverse(f"admin:{self._page('picture')}", args=[row.pk, one.pk]),
                "label": one.get_party_display(),
            }
            for one in self.pictures(row).only("pk", "party")
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.row(request, object_id)
        error: DomainError | None = None
        if request.method == "POST":
            try:
                done = self.act(request, row)
            except NotAllowed:
                raise PermissionDenied from None
            except OutOfScope:
                raise Http404 from None
            except DomainError as refusal:
                error = refusal
            else:
                messages.success(request, str(done))
                return HttpResponseRedirect(request.path)
            row = self.row(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(row),
            "row": row,
            "error": error,
            "typed": request.POST,
            "back": reverse(f"admin:{self._page('changelist')}"),
            **self.facts(request, row),
        }
        return TemplateResponse(request, self.page_template, context)

    def act(self, request: HttpRequest, row: Any) -> Any:
        """Do what was posted; what to say then. Raises DomainError."""
        raise NotImplementedError

    def facts(self, request: HttpRequest, row: Any) -> Mapping[str, Any]:
        """What the page shows."""
        raise NotImplementedError
