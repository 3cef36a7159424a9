"""客服对话: who waits for an answer, and the talk with one follower, where it is given."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timesince import timeuntil

from plugins.members.interfaces import comes_first
from saleor_o2o.backoffice.admin.base import ShortList, Table
from saleor_o2o.backoffice.columns import badge, column, moment, state, yes_no
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ..conversation import lines_of
from ..models import Material, MaterialState, Talk, TalkForm, TalkMessage, TalkState
from ..permissions import TALK_ANSWER, TALK_VIEW
from ..services import talking
from ..windows import MOST, WINDOW, window_of
from .acting import AccountPage

#: Pictures offered on the page of a talk.
PICTURES = 24
_TYPED = ("text", "material", "title", "summary", "link_url", "picture_url")


class Waiting(admin.SimpleListFilter):
    """Who waits, and to whom may still be written."""

    title = "回复"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "等待回复"), ("late", "等待回复，已超过 48 小时"), ("open", "现在可以发消息")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        edge = now() - WINDOW
        if self.value() == "yes":
            return queryset.filter(waiting_since__isnull=False, said_at__gt=edge)
        if self.value() == "late":
            return queryset.filter(waiting_since__isnull=False, said_at__lte=edge)
        if self.value() == "open":
            return queryset.filter(said_at__gt=edge, is_following=True, answers_used__lt=MOST)
        return queryset


class Queue(ShortList):
    """Those who wait: members who were promised it, then whoever has waited longest."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        # a filter's own order is not kept by the list
        order = {"yes": ["-comes_first", "said_at", "-pk"], "late": ["-comes_first", "-said_at", "-pk"]}
        own: list[Any] = super().get_ordering(request, queryset)
        return order.get(request.GET.get("waiting", ""), own) if ORDER_VAR not in request.GET else own


@admin.register(Talk)
class TalkAdmin(AccountPage):
    """Talks with the followers in reach."""

    list_display = (
        "c_who", "c_account", "c_waiting", "c_left", "c_said", "c_answered", "c_following", "c_member", "c_first",
    )  # fmt: skip
    list_display_links = None
    list_select_related = ("account",)
    list_filter = (Waiting, "account")
    ordering = ("-said_at",)
    details = (
        (
            None,
            (
                "c_called",
                "c_account",
                "c_following",
                "c_member",
                "c_first",
                "c_waiting",
                "c_left",
                "c_said",
                "c_answered",
            ),
        ),
    )

    c_account = column("account__name", "公众号")
    c_waiting = moment("waiting_since", "等待回复")
    c_said = moment("said_at", "最近来信")
    c_answered = moment("answered_at", "最近人工回复")
    c_following = yes_no("is_following", "关注中")
    c_member = yes_no("user_id", "已是会员")

    @admin.display(description="优先客服")
    def c_first(self, obj: Any) -> Any:
        """A mark for members who were promised to be answered first."""
        return badge("first_served", {"first_served": "优先"}) if obj.comes_first else "—"

    @admin.display(description="粉丝")
    def c_who(self, obj: Talk) -> Any:
        """Leads to the talk."""
        return format_html('<a class="o2o-link" href="{}">{}</a>', self.address("talk", obj.pk), obj.called)

    @admin.display(description="粉丝")
    def c_called(self, obj: Talk) -> str:
        """Who it is."""
        return obj.called

    @admin.display(description="可回复")
    def c_left(self, obj: Talk) -> str:
        """How long, and how many messages."""
        return left_of(obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return Queue

    def get_queryset(self, request: HttpRequest) -> Any:
        talks = super().get_queryset(request).filter(said_at__isnull=False)
        return talks.annotate(comes_first=comes_first(OuterRef("user")))

    def called(self, obj: Talk) -> str:
        return obj.called

    def get_urls(self) -> list[Any]:
        return [
            self.own("<int:pk>/talk/", self.talk_view, "talk"),
            self.own("<int:pk>/dismiss/", self.dismiss_view, "dismiss"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: Talk) -> list[Table]:
        rows = [
            (f"{one.created_at:%Y-%m-%d %H:%M}", one.get_form_display(), badge(one.state, STATES), one.result)
            for one in obj.talk.order_by("-pk")[:30]
        ]
        return [Table("人工回复", ("时间", "形式", "状态", "结果"), rows)]

    def doors(self, request: HttpRequest, obj: Talk) -> Any:
        return [self.door_to("打开对话", "forum", "talk", obj.pk)]

    def talk_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The talk, and the form under it. What is refused stays in the form."""
        talk: Talk = self.row(request, pk, TALK_VIEW)
        may = self.may(request, TALK_ANSWER, talk)
        problem: DomainError | None = None
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            problem = self._say(request, talk)
            if problem is None:
                messages.success(request, "正在发送")
                return HttpResponseRedirect(f"{self.address('talk', pk)}#end")
        pictures = Material.objects.filter(account_id=talk.account_id, state=MaterialState.READY)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"与{talk.called}的对话",
            "talk": talk,
            "lines": lines_of(talk),
            "window": window_of(talk),
            "left": left_of(talk),
            "may_answer": may,
            "key": request.POST.get("key") or secrets.token_hex(12),
            "problem": problem.in_words if problem else "",
            "typed": {name: request.POST.get(name, "") for name in _TYPED},
            "form_open": request.POST.get("form", ""),
            "pictures": pictures.defer("content").order_by("-pk")[:PICTURES] if may else (),
            "back": f"{reverse('admin:o2o_official_account_talk_changelist')}?waiting=yes",
            "dismiss": self.address("dismiss", pk),
        }
        return TemplateResponse(request, "o2o_official_account/talk.html", context)

    def _say(self, request: HttpRequest, talk: Talk) -> DomainError | None:
        asked = request.POST
        values: dict[str, Any] = {name: asked.get(name, "") for name in _TYPED}
        values["material"] = int(values["material"]) if values["material"][:12].isdigit() else 0
        try:
            talking.say(
                request.user, talk.pk, asked.get("form", ""), values, asked.get("key", "")[:40] or "none"
            )
        except OutOfScope:
            raise Http404 from None
        except NotAllowed:
            raise PermissionDenied from None
        except DomainError as error:
            return error
        return None

    def dismiss_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """不用回复."""
        talk = self.row(request, pk, TALK_ANSWER)

        def do(_values: dict[str, Any]) -> str:
            talking.dismiss(request.user, pk)
            return "已标为不用回复"

        back = f"{reverse('admin:o2o_official_account_talk_changelist')}?waiting=yes"
        form = forms.Form(request.POST or None)
        note = "来信从待回复里去掉；对方再次来信时会重新出现。"
        return self.act(request, f"{talk.called}的来信不用回复", form, do, back, note=note)


STATES = dict(TalkState.choices)


@admin.register(TalkMessage)
class TalkMessageAdmin(AccountPage):
    """Messages of the staff: that they were sent, by whom, what became of them; the words are in the talk."""

    list_display = ("c_created", "c_account", "c_fan", "c_form", "c_by", "c_state", "result", "c_sent")
    list_display_links = ("c_created",)
    list_select_related = ("fan__account", "written_by")
    list_filter = ("state", "form")
    details = (
        (None, ("c_fan", "c_account", "c_form", "c_by", "c_state", "result", "attempts")),
        ("时间", ("c_created", "c_sent", "c_next")),
    )

    c_account = column("fan__account__name", "公众号")
    c_fan = column("fan__called", "粉丝", order=None)
    c_form = column("form", "形式", lambda value: str(TalkForm(value).label))
    c_by = column("written_by__first_name", "回复人")
    c_state = state("state", "状态", STATES)
    c_created = moment("created_at", "回复时间")
    c_sent = moment("sent_at", "发送时间")
    c_next = moment("next_at", "下次发送")


def left_of(talk: Talk) -> str:
    """What may still be sent, in words."""
    window = window_of(talk)
    if not window.follows:
        return "已取消关注"
    if window.until is None or window.until <= now():
        return "已超过 48 小时"
    if not window.left:
        return "5 条已发完，等对方再来信"
    return f"还有{timeuntil(window.until)}，{window.left} 条"
