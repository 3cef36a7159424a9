"""Pages with one form each: what is refused keeps what was typed, what is done says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import UNIQUE_VIOLATION, sqlstate
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, policy_for

from ..doors import door
from .base import ReadOnlyAdmin, Table

Button = tuple[str, str, Any, str]
logger = logging.getLogger(__name__)


class ActingAdmin(ReadOnlyAdmin):
    """A list and a page of details, with things to do that have a page of their own."""

    #: The page of the form.
    act_template = "o2o_backoffice/act.html"
    #: What the list begins: words, icon, page name, permission.
    begins: Sequence[tuple[Any, str, str, str]] = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        user: Any = request.user
        found = [
            door(words, icon, reverse(f"admin:{self._page(name)}"))
            for words, icon, name, permission in self.begins
            if user.has_perm(permission)
        ]
        if context is not None and found:
            context["actions_list"] = [*context.get("actions_list", ()), *found]
        return response

    def act(
        self,
        request: HttpRequest,
        title: Any,
        form: forms.BaseForm,
        do: Callable[[dict[str, Any]], str],
        back: str,
        *,
        facts: Sequence[tuple[Any, Any]] = (),
        table: Table | None = None,
        note: Any = "",
        buttons: Sequence[Button] = (("do", "1", _("确定"), ""),),
        only_look: bool = False,
        after: Callable[[], str] | None = None,
    ) -> HttpResponse:
        """Show the form, or do what it asks and go back with a word of success. `only_look`: show it again; `after`:
        where to go instead of back when it is done, as to what was made. `do` is all or nothing: where a row is there
        already that another one at the same moment has just made, the form says so.
        """
        if request.method == "POST" and not only_look and form.is_valid():
            try:
                said = do(form.cleaned_data)
            except OutOfScope:
                raise Http404 from None
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as error:
                field = error.field if error.field in form.fields else None
                form.add_error(field, error.in_words)
            except IntegrityError as error:
                if sqlstate(error) != UNIQUE_VIOLATION:
                    raise
                # the service looked and found nothing: somebody, or this very form sent twice, came between
                logger.warning("%s: sent twice at a time", request.path)
                form.add_error(
                    None,
                    _("同样的内容刚刚已经提交，这次没有重复保存。请返回列表核对；不同的内容请修改后再提交"),
                )
            else:
                messages.success(request, said)
                return HttpResponseRedirect(after() if after is not None else back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "back": back,
            "o2o_facts": facts,
            "o2o_table": table,
            "o2o_note": note,
            "o2o_buttons": buttons,
        }
        return TemplateResponse(request, self.act_template, context)

    def own(self, address: str, view: Any, name: str) -> Any:
        """A page of its own below the model's."""
        return path(address, self.admin_site.admin_view(view), name=self._page(name))

    def row(self, request: HttpRequest, pk: int, permission: str) -> Any:
        """A row in reach that the user may do this to; 404 or 403 otherwise."""
        try:
            found = get_row(request.user, self.model, pk=pk)
        except OutOfScope:
            raise Http404 from None
        if not policy_for(self.model).may(request.user, permission, found):
            raise PermissionDenied
        return found

    def may(self, request: HttpRequest, permission: str, obj: Any) -> bool:
        """Whether the user may do this to the row."""
        return policy_for(self.model).may(request.user, permission, obj)

    def page_of(self, pk: int) -> str:
        """The address of a row's page."""
        return reverse(f"admin:{self._page('change')}", args=[pk])

    def address(self, name: str, pk: int) -> str:
        """The address of something to do with a row."""
        return reverse(f"admin:{self._page(name)}", args=[pk])
