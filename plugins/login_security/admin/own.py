"""Pages for one's own login: show a code, bind an authenticator, see the history, log out everywhere."""

from __future__ import annotations

from typing import Any

import segno
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from plugins.org_hierarchy.interfaces import OrgError

from ..forms import CodeForm
from ..gate import remember, shown
from ..models import LoginRecord, Outcome, Way
from ..places import place_of
from ..services import factor, history
from ..services.accounts import log_out_everywhere

SHOWN = 30


def _page(request: HttpRequest, template: str, **more: Any) -> HttpResponse:
    context = {**admin.site.each_context(request), **more}
    return TemplateResponse(request, f"o2o_login_security/{template}.html", context)


def _home() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:index"))


@never_cache
@sensitive_post_parameters("otp")
def verify_view(request: HttpRequest) -> HttpResponse:
    """Show a code; then the session may go on."""
    state = factor.state_of(request.user)
    if state.confirmed_at is None:
        return HttpResponseRedirect(reverse("admin:o2o_login_enrol"))
    if shown(request, state):
        return _home()
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        place = place_of(request, Way.ADMIN)
        try:
            state = factor.verify(request.user, form.cleaned_data["otp"])
        except OrgError as error:
            history.note(request.user, place, Outcome.CODE_WRONG)
            form.add_error("otp", f"{error.message}。{error.hint}")
        else:
            history.note(request.user, place, Outcome.CODE_OK)
            remember(request, state)
            return _home()
    return _page(request, "verify", title=_("二次验证"), form=form)


@never_cache
@sensitive_post_parameters("otp")
def enrol_view(request: HttpRequest) -> HttpResponse:
    """Bind an authenticator: the QR code, the first code, then the recovery codes, this once."""
    user: Any = request.user
    if factor.state_of(user).confirmed_at is not None:
        return HttpResponseRedirect(reverse("admin:o2o_login_mine"))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = factor.confirm(user, form.cleaned_data["otp"])
        except OrgError as error:
            form.add_error("otp", f"{error.message}。{error.hint}")
        else:
            history.note(user, place_of(request, Way.ADMIN), Outcome.CODE_OK)
            remember(request, factor.state_of(user))
            return _page(request, "recovery_codes", title=_("请保存恢复码"), codes=codes)
    secret = factor.start(user)
    picture = segno.make(factor.address_of(user, secret), error="m").svg_inline(scale=5, border=2)
    return _page(
        request,
        "enrol",
        title=_("绑定验证器"),
        form=form,
        needed=factor.needs_code(user, factor.state_of(user)),
        picture=mark_safe(picture),  # noqa: S308 - segno's own drawing
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    )


@never_cache
@sensitive_post_parameters("otp")
def mine_view(request: HttpRequest) -> HttpResponse:
    """One's own history; new recovery codes; log out everywhere."""
    user: Any = request.user
    form = CodeForm()
    if request.method == "POST" and request.POST.get("act") == "logout":
        log_out_everywhere(user, user)
        messages.success(request, _("已退出所有登录，请重新登录"))
        return HttpResponseRedirect(reverse("admin:login"))
    if request.method == "POST":
        form = CodeForm(request.POST)
        if form.is_valid():
            try:
                codes = factor.renew_recovery_codes(user, form.cleaned_data["otp"])
            except OrgError as error:
                form.add_error("otp", f"{error.message}。{error.hint}")
            else:
                return _page(request, "recovery_codes", title=_("请保存恢复码"), codes=codes)
    state = factor.state_of(user)
    return _page(
        request,
        "mine",
        title=_("我的登录"),
        form=form,
        state=state,
        left=state.recovery_codes.filter(used_at__isnull=True).count() if state.confirmed_at else 0,
        records=LoginRecord.objects.filter(user_id=user.pk)[:SHOWN],
    )
