"""会员: found by anything they are known by, seen masked; frozen, restored, unlocked, logged out with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.login_security.interfaces import throttle
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import at, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.privacy import masked_email, masked_person
from saleor_o2o.kernel.clock import midnight, today
from saleor_o2o.kernel.masking import HIDDEN
from saleor_o2o.kernel.states import history

from ..kinds import IdentityKind, MemberStatus
from ..models import Member, MemberIdentity, MemberProfile
from ..numbers import is_synthetic
from ..permissions import CLOSE, CREATE, EDIT, FREEZE, MERGE
from ..selectors import members_by_text
from ..services import status as statuses
from ..services.closing import withdraw
from ..services.profiles import edit_profile
from ..services.realname import latest, state_of
from . import counter, imports, merging, restricting, tagging
from .around import around
from .forms import HomeForm, ProfileForm, UnlockForm
from .looks import coloured
from .tagging import TagFilter

SHOWN = 50
#: What may be done to the status, from which, and how the button and the page say it.
STEPS: Mapping[str, tuple[tuple[str, ...], Any, Any, str]] = {
    "freeze": (
        (MemberStatus.ACTIVE,), _("冻结"), _("冻结后不能登录，现有登录立即退出；订单和资料不动，可以恢复。"), "ac_unit",
    ),
    "restore": (
        (MemberStatus.FROZEN, MemberStatus.BLACKLISTED), _("恢复"),
        _("恢复后可以登录；在黑名单里的同时解除，列入前已冻结的仍是冻结。"), "play_arrow",
    ),
}  # fmt: skip


@admin.register(Member)
class MemberAdmin(ActingAdmin):
    """Members of one's units, and those one's units served."""

    list_display = ("number", "c_name", "c_mobile", "c_home", "c_status", "c_tags", "c_source", "c_made")
    list_display_links = ("number",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("registered_at", titled(RangeDateFilter, "注册时间")),
        TagFilter,
    )
    list_filter_submit = True
    list_select_related = (
        "user", "home_unit", "registered_unit", "registered_by", "profile__referrer",
    )  # fmt: skip
    search_fields = ("number",)
    search_help_text = _("会员号、完整手机号、卡号、证件号、用户名或邮箱")
    ordering = ("-pk",)
    details = (
        (None, ("c_number", "c_name", "c_mobile", "c_status", "c_home", "c_email", "c_tags")),
        ("资料", ("c_real", "c_gender", "c_birthday", "c_community", "c_basis", "c_marketing", "c_referrer")),
        ("注册", ("c_source", "c_made", "c_by", "c_agreement", "c_channel")),
        ("登录", ("c_password", "c_locked")),
    )

    c_number = column("number", "会员号")
    c_home = column("home_unit__name", "归属机构", order="home_unit__path")
    c_source = column("get_source_display", "注册来源", lambda show: show(), order="source")
    c_made = moment("registered_at", "注册时间")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        live = MemberIdentity.objects.filter(
            kind=IdentityKind.MOBILE, is_primary=True, released_at__isnull=True
        )
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("identities", live, "o2o_mobiles"), "tags__tag")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # Whole values only: fishing for people by fragments is not a use of this page.
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=[one.pk for one in members_by_text(search_term)]), False

    @admin.display(description=_("姓名"))
    def c_name(self, member: Member) -> str:
        return masked_person(member.user)

    @admin.display(description=_("手机号"))
    def c_mobile(self, member: Any) -> str:
        return member.o2o_mobiles[0].masked if member.o2o_mobiles else "—"

    @admin.display(description=_("状态"), ordering="status")
    def c_status(self, member: Member) -> Any:
        return coloured(member.status, dict(MemberStatus.choices))

    @admin.display(description=_("标签"))
    def c_tags(self, member: Member) -> str:
        return "、".join(one.tag.name for one in member.tags.all()) or "—"

    @admin.display(description=_("邮箱"))
    def c_email(self, member: Member) -> str:
        return "—" if is_synthetic(member.user.email) else masked_email(member.user.email)

    @admin.display(description=_("登记人"))
    def c_by(self, member: Member) -> str:
        where = member.registered_unit.name if member.registered_unit else ""
        who = (
            f"{member.registered_by.last_name}{member.registered_by.first_name}"
            if member.registered_by
            else ""
        )
        return f"{where} {who}".strip() or "—"

    @admin.display(description=_("会员协议"))
    def c_agreement(self, member: Member) -> str:
        return f"{member.agreement}（{at(member.agreed_at)}）" if member.agreement else "—"

    @admin.display(description=_("实名认证"))
    def c_real(self, member: Member) -> str:
        state, hint = state_of(latest(member))
        return f"{state.label} {hint}".strip()

    @admin.display(description=_("性别"))
    def c_gender(self, member: Member) -> str:
        return str(self._profile(member).get_gender_display())

    @admin.display(description=_("生日"))
    def c_birthday(self, member: Member) -> str:
        # the year stays hidden: the day is what a branch congratulates on
        day = self._profile(member).birthday
        return f"{HIDDEN} {day.month:02}-{day.day:02}" if day is not None else "—"

    @admin.display(description=_("小区"))
    def c_community(self, member: Member) -> str:
        profile = self._profile(member)
        return f"{profile.community_name} {HIDDEN if profile.building else ''}".strip() or "—"

    @admin.display(description=_("归属依据"))
    def c_basis(self, member: Member) -> str:
        return str(self._profile(member).get_home_basis_display()) if member.home_unit_id else "—"

    @admin.display(description=_("营销信息"))
    def c_marketing(self, member: Member) -> str:
        profile = self._profile(member)
        if profile.marketing_at is None:
            return str(_("未同意"))
        said = _("同意（%(time)s）") if profile.marketing else _("撤回（%(time)s）")
        return str(said % {"time": at(profile.marketing_at)})

    @admin.display(description=_("推荐人"))
    def c_referrer(self, member: Member) -> str:
        found = self._profile(member).referrer
        return found.number if found is not None else "—"

    @admin.display(description=_("来源渠道"))
    def c_channel(self, member: Member) -> str:
        return self._profile(member).channel or "—"

    @staticmethod
    def _profile(member: Member) -> MemberProfile:
        return getattr(member, "profile", None) or MemberProfile(member=member)

    @admin.display(description=_("登录密码"))
    def c_password(self, member: Member) -> str:
        return str(_("已设置") if member.user.has_usable_password() else _("未设置"))

    @admin.display(description=_("登录锁定"))
    def c_locked(self, member: Member) -> str:
        until = throttle.locked_until(member.user.email)
        return str(_("锁定至 %(time)s") % {"time": at(until)} if until else _("没有锁定"))

    def tables(self, request: HttpRequest, obj: Any) -> Sequence[Table]:
        known = [
            (one.get_kind_display(), one.masked, "✓" if one.is_primary else "", at(one.verified_at),
             at(one.bound_at), at(one.released_at))
            for one in obj.identities.all()[:SHOWN]
        ]  # fmt: skip
        logins = [
            (at(one.started_at), one.get_way_display(), one.device or "—", one.ip or "—", at(one.seen_at),
             f"{at(one.ended_at)} {one.get_ended_why_display()}" if one.ended_at else "—")
            for one in obj.sessions.all()[:SHOWN]
        ]  # fmt: skip
        names = dict(MemberStatus.choices)
        moves = [
            (at(one.at), names.get(one.source, one.source), names.get(one.target, one.target), one.reason)
            for one in history(obj).order_by("-pk")[:SHOWN]
        ]
        return [
            *around(request, obj),
            Table(str(_("身份")), ("种类", "值", "首选", "验证时间", "绑定时间", "解绑时间"), known),
            Table(str(_("登录")), ("时间", "方式", "设备", "来源地址", "最近使用", "退出"), logins),
            restricting.restrictions_of(obj),
            self._closings(obj),
            Table(str(_("状态流转")), ("时间", "从", "到", "事由"), moves),
            merging.merges_of(obj),
        ]

    @staticmethod
    def _closings(member: Member) -> Table:
        rows = [
            (at(one.asked_at), one.get_state_display(), at(one.due_at), at(one.over_at), one.outcome or "—")
            for one in member.closings.all()[:SHOWN]
        ]
        return Table(str(_("注销申请")), ("申请时间", "状态", "生效时间", "结束时间", "结果"), rows)

    def doors(self, request: HttpRequest, obj: Any) -> Sequence[Mapping[str, Any]]:
        found = []
        if self.may(request, EDIT, obj):
            found += [
                door(_("修改资料"), "edit", self.address("profile", obj.pk)),
                door(_("标签"), "sell", self.address("tags", obj.pk)),
                door(_("变更归属"), "home_pin", self.address("home", obj.pk), rare=True),
                door(_("解锁"), "lock_open", self.address("unlock", obj.pk), rare=True),
                door(_("全部退出登录"), "logout", self.address("logout", obj.pk), rare=True),
            ]
        if obj.status == MemberStatus.ACTIVE and self.may(request, CREATE, obj):
            found.append(
                door(_("打印临时卡"), "badge", self.address("card", obj.pk), rare=not self._new(obj))
            )
        if obj.status == MemberStatus.ACTIVE and self.may(request, MERGE, obj):
            found.append(door(_("合并会员"), "merge", self.address("merge", obj.pk), rare=True))
        if self.may(request, FREEZE, obj):
            for step, (sources, words, _note, icon) in STEPS.items():
                if obj.status in sources:
                    found.append(door(words, icon, self.address(step, obj.pk), rare=True))
            if obj.status in (MemberStatus.ACTIVE, MemberStatus.FROZEN):
                found.append(door(_("列入黑名单"), "block", self.address("blacklist", obj.pk), rare=True))
            if obj.status == MemberStatus.CLOSING:
                found.append(door(_("撤回注销"), "undo", self.address("keep", obj.pk)))
        if obj.status == MemberStatus.ACTIVE and self.may(request, CLOSE, obj):
            found.append(door(_("代办注销"), "person_remove", self.address("close", obj.pk), rare=True))
        return found

    @staticmethod
    def _new(member: Member) -> bool:
        """Whether he was registered today: then the card is what is wanted next."""
        return bool(member.registered_at >= midnight(today()))

    def get_urls(self) -> list[Any]:
        steps = [self.own(f"<int:pk>/{step}/", self._step(step), step) for step in STEPS]
        return [
            *steps,
            self.own("<int:pk>/blacklist/", restricting.blacklist_view(self), "blacklist"),
            self.own("<int:pk>/close/", restricting.close_view(self), "close"),
            self.own("<int:pk>/keep/", self.keep_view, "keep"),
            self.own("<int:pk>/tags/", tagging.tags_view(self), "tags"),
            self.own("<int:pk>/card/", counter.card_view(self), "card"),
            self.own("counter/", counter.counter_view(self), "counter"),
            self.own("phone/", counter.phone_view(self), "phone"),
            *imports.PAGES.urls(),
            self.own("<int:pk>/merge/", merging.merge_view(self), "merge"),
            self.own("<int:pk>/profile/", self.profile_view, "profile"),
            self.own("<int:pk>/home/", self.home_view, "home"),
            self.own("<int:pk>/unlock/", self.unlock_view, "unlock"),
            self.own("<int:pk>/logout/", self.logout_view, "logout"),
            *super().get_urls(),
        ]

    def _step(self, step: str) -> Callable[[HttpRequest, int], HttpResponse]:
        _sources, words, note, _icon = STEPS[step]

        def view(request: HttpRequest, pk: int) -> HttpResponse:
            member = self.row(request, pk, FREEZE)
            form = ReasonForm(request.POST or None)

            def do(data: dict[str, Any]) -> str:
                found = statuses.change_status(request.user, member, step, data["reason"])
                if step == "restore" and found.status == MemberStatus.FROZEN:
                    return str(_("已解除黑名单；列入前已冻结，仍是冻结，须再恢复"))
                return str(_("会员 %(number)s：%(words)s") % {"number": member.number, "words": words})

            return self.act(
                request, words, form, do, self.page_of(pk), facts=self._facts(member), note=note,
                buttons=(("do", "1", words, ""),),
            )  # fmt: skip

        return view

    def keep_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the member's wish to close the account back, for him."""
        member = self.row(request, pk, FREEZE)
        form = ReasonForm(request.POST or None)

        def do(data: dict[str, Any]) -> str:
            done = withdraw(member, by=request.user, why=data["reason"])
            return str(_("已撤回注销") if done else _("没有等待中的注销申请"))

        note = _("须会员本人要求；撤回后恢复正常。")
        return self.act(
            request, _("撤回注销"), form, do, self.page_of(pk), facts=self._facts(member), note=note,
            buttons=(("do", "1", _("撤回注销"), ""),),
        )  # fmt: skip

    def profile_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write what the member says of himself."""
        member = self.row(request, pk, EDIT)
        form = ProfileForm(request.POST if request.method == "POST" else None, initial=_as_said(member))

        def do(data: dict[str, Any]) -> str:
            told = {
                key: value
                for key, value in data.items()
                if value or key not in ("name", "birthday", "building")
            }
            edit_profile(member, told, by=request.user)
            return str(_("已修改资料"))

        note = _("请先核对本人；修改会记入审计。")
        return self.act(
            request, _("修改资料"), form, do, self.page_of(pk), facts=self._facts(member), note=note,
            buttons=(("do", "1", _("保存"), ""),),
        )  # fmt: skip

    def home_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put the member into another unit's care."""
        member = self.row(request, pk, EDIT)
        form = HomeForm(request.user, request.POST if request.method == "POST" else None)
        if member.home_unit_id and not form.is_bound:
            form.fields["unit"].initial = member.home_unit_id

        def do(data: dict[str, Any]) -> str:
            statuses.change_home(request.user, member, data["unit"])
            return str(_("已变更归属"))

        return self.act(request, _("变更归属"), form, do, self.page_of(pk), facts=self._facts(member))

    def unlock_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget failures to log in."""
        member = self.row(request, pk, EDIT)
        form = UnlockForm(request.POST if request.method == "POST" else None)

        def do(_data: dict[str, Any]) -> str:
            return str(_("已解锁") if statuses.unlock(request.user, member) else _("该会员没有被锁定"))

        return self.act(request, _("解锁"), form, do, self.page_of(pk), facts=self._facts(member))

    def logout_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End all logins."""
        member = self.row(request, pk, EDIT)
        form = ReasonForm(request.POST or None)

        def do(data: dict[str, Any]) -> str:
            ended = statuses.log_out(request.user, member, data["reason"])
            return str(_("已退出 %(count)s 个登录") % {"count": ended})

        note = _("会员丢失手机、怀疑被盗用时使用。")
        return self.act(
            request, _("全部退出登录"), form, do, self.page_of(pk), facts=self._facts(member), note=note
        )

    def _facts(self, member: Member) -> Sequence[tuple[Any, Any]]:
        return (
            (_("会员号"), member.number),
            (_("姓名"), masked_person(member.user)),
            (_("状态"), member.get_status_display()),
            (_("归属机构"), member.home_unit.name if member.home_unit else "—"),
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if not str(object_id).isdecimal():
            raise Http404
        return super().get_object(request, object_id, from_field)


def _as_said(member: Member) -> dict[str, Any]:
    """What the form of a member's profile begins with; what is masked on the page is not shown, only written anew."""
    profile = getattr(member, "profile", None) or MemberProfile(member=member)
    return {
        "gender": profile.gender, "community_name": profile.community_name, "marketing": profile.marketing,
    }  # fmt: skip
