"""The layer of the back office that asks whether the login behind a session still counts, and is enough."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import staff_of
from saleor_o2o.http import Handler

from .models import LoginState
from .services.accounts import seen
from .services.factor import needs_code, state_of

EPOCH = "o2o_login_epoch"
FACTOR = "o2o_login_second_factor"
_OPEN = ("admin:o2o_login_verify", "admin:o2o_login_enrol", "admin:logout", "admin:login", "admin:jsi18n")


def login_gate(get_response: Handler) -> Handler:
    """Refuse sessions of before "log out everywhere", and hold back whoever has not shown a needed second factor.

    One statement for the login's state; the roles are read once per request anyway. `last_seen_at` is written at most
    once an hour.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = _hold_back(request) if request.user.is_authenticated else None
        if answer is not None:
            return answer
        knocking = not request.user.is_authenticated
        response = get_response(request)
        if knocking and request.user.is_authenticated:
            # Just logged in: this session belongs to the epoch of now. The first one needs no mark.
            epoch = state_of(request.user).epoch
            if epoch:
                request.session[EPOCH] = epoch
        return response

    return middleware


def remember(request: HttpRequest, state: LoginState) -> None:
    """The second factor was shown in this session; it counts until it is reset."""
    request.session.cycle_key()
    request.session[FACTOR] = _mark(state)


def shown(request: HttpRequest, state: LoginState) -> bool:
    """True when this session has shown the second factor that is in force."""
    return state.confirmed_at is not None and request.session.get(FACTOR) == _mark(state)


def _mark(state: LoginState) -> str:
    return f"{state.pk}:{state.confirmed_at.isoformat() if state.confirmed_at else ''}"


def _hold_back(request: HttpRequest) -> HttpResponse | None:
    user: Any = request.user
    state = state_of(user)
    if request.session.get(EPOCH, 0) != state.epoch:
        logout(request)
        if request.path == reverse("admin:login"):
            return None
        messages.warning(request, _("登录已失效，请重新登录"))
        return HttpResponseRedirect(reverse("admin:login"))
    if needs_code(user, state) and not shown(request, state):
        if request.path not in {reverse(name) for name in _OPEN}:
            page = "admin:o2o_login_verify" if state.confirmed_at else "admin:o2o_login_enrol"
            return HttpResponseRedirect(reverse(page))
        return None
    seen(staff_of(user))
    return None
