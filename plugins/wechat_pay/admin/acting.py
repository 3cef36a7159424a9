"""Pages with one form each: what is refused keeps what was typed, except for secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row


class ActingAdmin(ReadOnlyAdmin):
    """A list, a page of details, and forms that call one service each."""

    def act(
        self,
        request: HttpRequest,
        title: Any,
        form: forms.Form,
        do: Callable[[dict[str, Any]], str],
        back: str,
        intro: Any = "",
    ) -> HttpResponse:
        """Show the form, or do what it asks and go back with a word of success."""
        if request.method == "POST" and form.is_valid():
            try:
                said = do(form.cleaned_data)
            except OutOfScope:
                raise Http404 from None
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as error:
                field = error.field if error.field in form.fields else None
                form.add_error(field, error.in_words)
            else:
                messages.success(request, said)
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "back": back,
            "intro": intro,
        }
        return TemplateResponse(request, "o2o_wechat_pay/form.html", context)

    def own(self, address: str, view: Any, name: str) -> Any:
        """A page of our own."""
        return path(address, self.admin_site.admin_view(view), name=self._page(name))

    def row(self, request: HttpRequest, pk: int) -> Any:
        """The row, or 404 for one out of reach."""
        try:
            return get_row(request.user, self.model, pk=pk)
        except OutOfScope:
            raise Http404 from None


def text(label: Any, length: int, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A line."""
    return forms.CharField(
        label=label,
        max_length=length,
        required=required,
        help_text=help_text,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


def secret(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A line that nobody reads over the shoulder and that is never given back."""
    return forms.CharField(
        label=label,
        max_length=64,
        required=required,
        help_text=help_text,
        widget=forms.PasswordInput(
            attrs={
                "autocomplete": "new-password",
                "class": UnfoldAdminTextInputWidget().attrs.get("class", ""),
            }
        ),
    )


class SecretTextarea(UnfoldAdminTextareaWidget):
    """A key's text: what was typed is never rendered again."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        return super().render(name, "", attrs, renderer)


def pem(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """The text of a key."""
    return forms.CharField(
        label=label,
        max_length=8000,
        required=required,
        help_text=help_text,
        widget=SecretTextarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
    )


def choice(label: Any, choices: Any) -> forms.ChoiceField:
    """One of several."""
    return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget)


def switch(label: Any, help_text: Any = "") -> forms.BooleanField:
    """Yes or no."""
    return forms.BooleanField(
        label=label, required=False, help_text=help_text, widget=UnfoldBooleanSwitchWidget
    )


def reason() -> forms.CharField:
    """Why: the second person reads it."""
    return text("申请原因", 200, help_text="复核人会看到")


def who(user: Any) -> str:
    """What a colleague is called; the address where he has no name."""
    return str(user.get_full_name() or user)
