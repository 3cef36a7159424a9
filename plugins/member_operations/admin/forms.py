"""Forms of member operations' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from plugins.coupons.interfaces import CouponTemplate, is_given_now
from plugins.loyalty.interfaces import Level
from plugins.members.interfaces import Source, usable_tags
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.scope import rows_for

from ..conditions import CONDITIONS, MOST_AHEAD, MOST_DAYS
from ..kinds import Frequency, Match, Recency, Way, Worth
from ..models import Segment
from ..models.campaigns import HOME
from ..texts import MOST, NAME

_EITHER = (("", _("不限")), ("yes", _("是")), ("no", _("否")))


class MomentWidget(UnfoldAdminTextInputWidget):
    """A day and a time, as the browser asks for them."""

    input_type = "datetime-local"


def _several(name: str, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=CONDITIONS[name].label, required=False, choices=choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip


def _days(name: str, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=CONDITIONS[name].label, required=False, min_value=1, max_value=most, help_text=help_text,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip


class SegmentForm(forms.Form):
    """A name, and what is asked of members; what is left empty is not asked."""

    name = forms.CharField(label=_("名称"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget)
    note = forms.CharField(label=_("说明"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    match = forms.ChoiceField(label=_("条件关系"), choices=Match.choices, widget=UnfoldAdminSelectWidget)
    recency = _several("recency", Recency.choices)
    frequency = _several("frequency", Frequency.choices)
    worth = _several("worth", Worth.choices)
    lapsed = _days("lapsed", MOST_DAYS, _("买过、但这么多天没有再买的；例如 90"))
    birthday = _days("birthday", MOST_AHEAD, _("含今天；例如 7"))
    birthday_month = forms.BooleanField(
        label=CONDITIONS["birthday_month"].label, required=False, widget=UnfoldBooleanWidget
    )
    communities = forms.CharField(
        label=CONDITIONS["communities"].label, required=False, max_length=1000, widget=UnfoldAdminTextInputWidget,
        help_text=_("小区全名，几个之间用空格隔开"),
    )  # fmt: skip
    units = forms.ModelMultipleChoiceField(
        OrgUnit.objects.none(), label=CONDITIONS["units"].label, required=False,
        widget=UnfoldAdminSelectMultipleWidget,
        help_text=_("可选几个；不选是您看得到的全部"),
        error_messages={"invalid_choice": _("没有这个机构，或不在您的管辖范围内")},
    )  # fmt: skip
    tags = forms.MultipleChoiceField(
        label=CONDITIONS["tags"].label, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("有其中一个即可"),
    )  # fmt: skip
    levels = forms.MultipleChoiceField(
        label=CONDITIONS["levels"].label, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    sources = _several("sources", Source.choices)
    registered = _days("registered", MOST_DAYS)
    follows = forms.ChoiceField(
        label=CONDITIONS["follows"].label, required=False, choices=_EITHER, widget=UnfoldAdminSelectWidget
    )
    opted_in = forms.BooleanField(
        label=CONDITIONS["opted_in"].label, required=False, widget=UnfoldBooleanWidget,
        help_text=_("短信和公众号消息只发给同意的人，勾不勾都一样；勾上人数更准"),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True, widget=UnfoldBooleanWidget)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = {**self.fields}
        fields["units"].queryset = rows_for(user, OrgUnit).order_by("path")
        kept = (self.initial or {}).get("tags") or ()
        usable = [(str(tag.pk), tag.name) for tag in usable_tags(user)[:200]]
        known = {key for key, _name in usable}
        # a tag that somebody above has put into the segment stays in it
        fields["tags"].choices = usable + [(str(key), f"#{key}") for key in kept if str(key) not in known]
        fields["levels"].choices = list(Level.objects.order_by("rank").values_list("code", "name"))

    def conditions(self) -> dict[str, Any]:
        """What is asked, as it was filled in."""
        return {name: self.cleaned_data.get(name) for name in CONDITIONS}


class CampaignForm(forms.Form):
    """To whom, by what way, what, when."""

    name = forms.CharField(label=_("名称"), max_length=40, widget=UnfoldAdminTextInputWidget)
    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=_("会员分群"), widget=UnfoldAdminSelectWidget,
        error_messages={"invalid_choice": _("没有这个分群，或已停用")},
    )  # fmt: skip
    way = forms.ChoiceField(label=_("方式"), choices=Way.choices, widget=UnfoldAdminSelectWidget)
    text = forms.CharField(
        label=_("内容"), required=False, max_length=MOST, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("短信和公众号消息填写；%(name)s 会换成会员自己的称呼") % {"name": NAME},
    )  # fmt: skip
    coupon = forms.ModelChoiceField(
        CouponTemplate.objects.none(), label=_("优惠券"), required=False, widget=UnfoldAdminSelectWidget,
        help_text=_("发优惠券时选择；每人一张，按券的限领和总量"),
        error_messages={"invalid_choice": _("没有这种优惠券，或不在发放")},
    )  # fmt: skip
    page = forms.CharField(
        label=_("点开到"), required=False, max_length=200, initial=HOME, widget=UnfoldAdminTextInputWidget,
        help_text=_("公众号消息点开后到商城的哪一页；点开的人、点开后购买的人分别统计"),
    )  # fmt: skip
    falls_back = forms.BooleanField(
        label=_("送不到的改发短信"), required=False, widget=UnfoldBooleanWidget,
        help_text=_("没有关注、拒收或被微信拒绝的，改发短信（按条计费）；没有回音的不再发"),
    )  # fmt: skip
    starts_at = forms.DateTimeField(
        label=_("发送时间"), required=False, widget=MomentWidget,
        help_text=_("留空：审批通过后立即发送；免打扰时间里顺延"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )  # fmt: skip

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = {**self.fields}
        fields["segment"].queryset = rows_for(user, Segment.objects.filter(is_active=True)).order_by("name")
        given = [row.pk for row in rows_for(user, CouponTemplate).order_by("-pk")[:500] if is_given_now(row)]
        fields["coupon"].queryset = CouponTemplate.objects.filter(pk__in=given).order_by("name")


class NoteForm(forms.Form):
    """A word to those who decide."""

    note = forms.CharField(
        label=_("说明"), max_length=200, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )
