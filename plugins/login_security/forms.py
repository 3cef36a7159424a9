"""The back office's login, with counted failures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.forms import LoginForm

from .errors import LockedOut
from .models import Outcome, Way
from .places import place_of
from .services import history, throttle
from .services.switched_off import why_off

_FIELD = {"class": "o2o-login-field"}


class GuardedLoginForm(LoginForm):
    """E-mail and password; refused for a while after too many failures, whether or not the account exists."""

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not name or not password:
            return self.cleaned_data
        place = place_of(self.request, Way.ADMIN)
        try:
            attempt = throttle.begin(name, place)
        except LockedOut as error:
            history.note_name(name, place, Outcome.LOCKED)
            raise ValidationError(f"{error.message}。{error.hint}") from error
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            history.note_name(name, place, Outcome.FAILED)
            off = why_off(name, password)
            if off is not None:
                raise ValidationError(f"{off.message}。{off.hint}") from off
            raise
        throttle.succeeded(attempt)
        history.note(self.get_user(), place, Outcome.SUCCESS)
        return cleaned


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code."""

    otp = forms.CharField(
        label=_("验证码"),
        max_length=20,
        widget=forms.TextInput(
            attrs={**_FIELD, "autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )
