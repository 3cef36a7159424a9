"""柜台注册 and 电话注册: one screen each, done with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed

from ..devices import device_of
from ..permissions import CREATE
from ..services.counter import Found, ask_code, at_counter, by_telephone, desk_of
from .forms import CounterForm, PhoneForm

View = Callable[[HttpRequest], HttpResponse]


def counter_view(page: Any) -> View:
    """Send a code to the person at the counter; register, or show who the person is."""

    def view(request: HttpRequest) -> HttpResponse:
        unit = _unit(request)
        device = device_of(request)
        if "send" in request.POST:
            form = CounterForm(initial=request.POST.dict())
            try:
                asked = ask_code(request.user, request.POST.get("mobile", ""), device)
            except DomainError as error:
                messages.error(request, error.in_words)
            else:
                note = _("验证码已发到顾客手机，请顾客念出；%(seconds)d 秒后可以再发")
                messages.info(request, note % {"seconds": asked.again_after})
            return _show(page, request, _("柜台注册"), form, unit, _COUNTER)
        form = CounterForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            told = form.cleaned_data
            try:
                found = at_counter(
                    request.user, told["mobile"], told["code"], name=told["name"], agreed=told["agreed"],
                    device=device,
                )  # fmt: skip
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
            else:
                return _done(page, request, found)
        return _show(page, request, _("柜台注册"), form, unit, _COUNTER)

    return view


def phone_view(page: Any) -> View:
    """Register a caller."""

    def view(request: HttpRequest) -> HttpResponse:
        unit = _unit(request)
        form = PhoneForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            told = form.cleaned_data
            try:
                found = by_telephone(
                    request.user, told["mobile"], name=told["name"], recording=told["recording"]
                )
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
            else:
                return _done(page, request, found)
        return _show(page, request, _("电话注册"), form, unit, (("do", "1", _("注册"), ""),))

    return view


def card_view(page: Any) -> Callable[[HttpRequest, int], HttpResponse]:
    """临时会员卡: what a customer takes home until there is a real one; the number as a code for a scanner."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        member = page.row(request, pk, CREATE)
        drawing = segno.make(member.number, error="m", micro=False).svg_inline(omitsize=True, border=1)
        unit = member.registered_unit or member.home_unit
        context = {
            "member": member, "name": masked_person(member.user), "unit": unit.name if unit is not None else "",
            "day": member.registered_at,
            # made by the library from the number, nothing of it was typed by anybody
            "drawing": mark_safe(drawing),  # noqa: S308
        }  # fmt: skip
        return TemplateResponse(request, "o2o_members/card.html", context)

    return view


_COUNTER = (("send", "1", _("发送验证码"), "secondary"), ("do", "1", _("注册或核验"), ""))


def _unit(request: HttpRequest) -> Any:
    try:
        return desk_of(request.user)
    except NotAllowed:
        raise PermissionDenied from None


def _show(
    page: Any, request: HttpRequest, title: Any, form: forms.Form, unit: Any, buttons: Any
) -> HttpResponse:
    back = reverse("admin:o2o_members_member_changelist")
    facts = ((_("登记机构"), unit.name),)
    shown: HttpResponse = page.act(
        request, title, form, lambda _data: "", back, facts=facts, buttons=buttons, only_look=True
    )
    return shown


def _done(page: Any, request: HttpRequest, found: Found) -> HttpResponse:
    said = _("已是会员，会员号 %(number)s")
    if found.created:
        said = _("注册成功，会员号 %(number)s。可以点“打印临时卡”交给顾客")
    messages.success(request, said % {"number": found.member.number})
    return HttpResponseRedirect(page.page_of(found.member.pk))
