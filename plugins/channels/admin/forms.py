"""The forms of the channel pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold import widgets as w

from plugins.org_hierarchy.interfaces import BusinessScope, OrgUnit, Staff, StaffStatus, UnitStatus, access_of
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.masking import mask_id_number, mask_phone

from ..errors import ChannelError
from ..models import Channel, Course, Material, Metric, VisitKind, VisitResult
from ..services.channels import check_channel


def text(label: Any, required: bool = True, **more: Any) -> forms.CharField:
    """One line."""
    return forms.CharField(
        label=label, required=required, widget=w.UnfoldAdminTextInputWidget, max_length=200, **more
    )


def area(label: Any, required: bool = True, most: int = 500) -> forms.CharField:
    """Several lines."""
    return forms.CharField(
        label=label, required=required, max_length=most, widget=w.UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


def choice(label: Any, choices: Any) -> forms.ChoiceField:
    """One of some."""
    return forms.ChoiceField(label=label, choices=choices, widget=w.UnfoldAdminSelectWidget)


def number(label: Any, most: int = 10_000_000, least: int = 0) -> forms.IntegerField:
    """A whole number."""
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, widget=w.UnfoldAdminIntegerFieldWidget
    )


def person_of(employee_no: str) -> Staff | None:
    """Who works under this number; None for an empty one. Raises ValidationError for a number nobody works under."""
    number_ = employee_no.strip()
    if not number_:
        return None
    found = Staff.objects.filter(employee_no=number_, status=StaffStatus.ACTIVE).first()
    if found is None:
        raise forms.ValidationError(_("没有这个在职工号"))
    return found


class ManyFilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class ManyFiles(forms.FileField):
    """A list of uploaded files."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        listed = data if isinstance(data, list | tuple) else [data] if data else []
        if not listed and self.required:
            one(None, initial)
        return [one(item, initial) for item in listed]


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A channel's particulars. What identifies the owner is typed anew to be changed, never shown."""

    unit_code = text(_("机构代码"), help_text=_("渠道所属机构"))
    staff_no = text(_("负责员工工号"), required=False, help_text=_("自有渠道填写"))
    liaison_no = text(_("店主联络员工号"), required=False)
    mobile = text(_("店主手机号"), required=False)
    id_number = text(_("店主身份证号"), required=False)
    scope = forms.MultipleChoiceField(
        label=_("业务范围"), choices=BusinessScope.choices, required=False,
        widget=w.UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip

    class Meta:
        model = Channel
        fields = (
            "type", "name", "owner_name", "address", "lng", "lat", "commission_plan", "rank", "agreement_no",
            "agreement_from", "agreement_to",
        )  # fmt: skip

    user: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        one = self.instance
        if one.pk is None:
            return
        self.fields["unit_code"].initial = one.unit.code
        self.fields["staff_no"].initial = one.owner_staff.employee_no if one.owner_staff else ""
        self.fields["liaison_no"].initial = one.liaison.employee_no if one.liaison else ""
        self.fields["scope"].initial = one.business_scope
        keep = _("现为 %(value)s；留空不变")
        self.fields["mobile"].help_text = keep % {"value": mask_phone(one.owner_mobile) or "—"}
        self.fields["id_number"].help_text = keep % {"value": mask_id_number(one.owner_id_number) or "—"}
        if "type" in self.fields:
            self.fields["type"].disabled = True

    def clean_unit_code(self) -> OrgUnit:
        """The unit, where this person may write channels."""
        code = self.cleaned_data["unit_code"].strip()
        unit = OrgUnit.objects.filter(code=code).exclude(status=UnitStatus.CLOSED).first()
        permission = "channel.edit" if self.instance.pk else "channel.create"
        allowed = unit is not None and (
            self.user.is_superuser or access_of(self.user).may_at(permission, unit)
        )
        if unit is None or not allowed:
            raise forms.ValidationError(_("机构不存在、已撤并或不在您的范围内"))
        return unit

    def clean_staff_no(self) -> Staff | None:
        """The member of the staff behind an employee number."""
        return self._person("staff_no")

    def clean_liaison_no(self) -> Staff | None:
        """The liaison."""
        return self._person("liaison_no")

    def _person(self, field: str) -> Staff | None:
        return person_of(self.cleaned_data[field])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("agreement_from"), cleaned.get("agreement_to")
        if first and last and first > last:
            self.add_error("agreement_to", _("协议止期不能早于起期"))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        one, cleaned = self.instance, self.cleaned_data
        one.unit, one.owner_staff, one.liaison = (
            cleaned["unit_code"], cleaned["staff_no"], cleaned["liaison_no"],
        )  # fmt: skip
        one.business_scope = cleaned["scope"]
        one.owner_mobile = cleaned["mobile"].strip() or one.owner_mobile
        one.owner_id_number = cleaned["id_number"].strip() or one.owner_id_number
        try:
            check_channel(one)
        except ChannelError as error:
            names = {"owner_mobile": "mobile", "owner_id_number": "id_number", "unit": "unit_code"}
            field = names.get(error.field or "", error.field or "")
            self.add_error(field if field in self.fields else None, error.message)


class NoteForm(forms.Form):
    """A word on a submission."""

    note = area(_("申请说明"), required=False)


class ReasonForm(forms.Form):
    """Why."""

    reason = area(_("原因"), most=200)


class RemarkForm(forms.Form):
    """A word that may be left out."""

    reason = area(_("说明"), required=False, most=200)


class OwnerLoginForm(forms.Form):
    """The owner's address."""

    email = forms.EmailField(label=_("店主邮箱"), max_length=254, widget=w.UnfoldAdminTextInputWidget)


class ConfirmForm(forms.Form):
    """Nothing to type."""


class PlanForm(forms.Form):
    """A visit to come."""

    kind = choice(_("类型"), VisitKind.choices)
    planned_on = forms.DateField(label=_("计划日期"), widget=w.UnfoldAdminSingleDateWidget, initial=today)
    visitor_no = text(_("拜访人工号"), required=False, help_text=_("留空为店主联络员，没有联络员的为您本人"))

    def clean_visitor_no(self) -> Staff | None:
        """The member of the staff behind the number; None for none."""
        return person_of(self.cleaned_data["visitor_no"])


class CancelPlanForm(forms.Form):
    """Why nobody goes there."""

    reason = area(_("取消原因"), most=200)


class VisitForm(forms.Form):
    """A visit made."""

    kind = choice(_("类型"), VisitKind.choices)
    result = choice(_("结论"), VisitResult.choices)
    findings = area(_("情况记录"))
    photos = ManyFiles(label=_("照片（最多 6 张）"), required=False)


class ExamForm(forms.Form):
    """A try at a course."""

    course = forms.ModelChoiceField(
        label=_("课程"), queryset=Course.objects.filter(is_active=True), widget=w.UnfoldAdminSelectWidget
    )
    score = number(_("得分"), 100)
    taken_on = forms.DateField(label=_("考试日期"), widget=w.UnfoldAdminSingleDateWidget, initial=today)


class TransferForm(forms.Form):
    """To whom the customers go."""

    target = text(_("接收渠道代码"))
    reason = area(_("移交原因"), most=200)


class TargetForm(forms.Form):
    """A month's goal."""

    month = forms.DateField(
        label=_("月份（当月任意一天）"), widget=w.UnfoldAdminSingleDateWidget, initial=today
    )
    metric = choice(_("指标"), Metric.choices)
    goal = forms.DecimalField(
        label=_("目标值"),
        min_value=0.01,
        max_digits=12,
        decimal_places=2,
        widget=w.UnfoldAdminDecimalFieldWidget,
    )


class DeviceForm(forms.Form):
    """Who takes a device."""

    channel = text(_("渠道代码"), required=False, help_text=_("领用时填写"))
    reason = area(_("说明"), required=False, most=200)


class MaterialForm(forms.Form):
    """Material on the move."""

    action = choice(
        _("业务"),
        [
            ("receive", _("入库（机构）")), ("issue", _("发放给渠道")), ("use", _("渠道使用")),
            ("give_back", _("渠道退回")), ("void", _("作废")),
        ],
    )  # fmt: skip
    material = forms.ModelChoiceField(
        label=_("物料"), queryset=Material.objects.filter(is_active=True), widget=w.UnfoldAdminSelectWidget
    )
    place = text(_("机构代码或渠道代码"), help_text=_("入库填机构代码，其余填渠道代码"))
    quantity = number(_("数量"), least=1)
    first = forms.IntegerField(
        label=_("起始号码"), required=False, min_value=1, max_value=10**15, widget=w.UnfoldAdminIntegerFieldWidget,
        help_text=_("有编号的物料入库时填写"),
    )  # fmt: skip
    reason = area(_("说明"), required=False, most=200)
