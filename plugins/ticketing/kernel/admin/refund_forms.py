"""The forms of refunds: which tickets, whose fault, what people decide in audit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from saleor_o2o.kernel.masking import mask_name

from ..choices import ItemAnswer
from ..legs import class_of
from ..models import RefundItem, Ticket
from ..services.refunding import left_of

BACK, KEEP = "back", "keep"


class RefundForm(forms.Form):
    """Which tickets go back. The quotes that the page showed, and for whose fault, go along unseen."""

    tickets = forms.MultipleChoiceField(
        label=_("退哪些票"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": _("请选择要退的票")},
    )
    cause = forms.ChoiceField(label=_("原因方"), widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=_("事由"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    tokens = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20000)
    shown_cause = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def __init__(self, data: Any, tickets: Sequence[Ticket], causes: Any, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["tickets"].choices = [(str(one.pk), _named(one)) for one in tickets]  # type: ignore[attr-defined]
        self.fields["cause"].choices = list(causes)  # type: ignore[attr-defined]
        for one in tickets:
            if left_of(one) > 1:
                self.fields[f"people_{one.pk}"] = forms.IntegerField(
                    label=_("%(number)s 退几人（最多 %(most)d）")
                    % {"number": one.number, "most": left_of(one)},
                    min_value=1,
                    max_value=left_of(one),
                    required=False,
                    widget=UnfoldAdminIntegerFieldWidget,
                    help_text=_("不填为余下的全部"),
                )

    def clean_tokens(self) -> dict[int, str]:
        """The quotes by ticket; what cannot be read is no quote."""
        try:
            found = json.loads(self.cleaned_data["tokens"] or "{}")
            return {int(key): str(token) for key, token in found.items()}
        except (ValueError, AttributeError):
            return {}

    def people(self) -> dict[int, int]:
        """How many people by ticket, where it was said."""
        return {
            int(name.removeprefix("people_")): count
            for name, count in self.cleaned_data.items()
            if name.startswith("people_") and count
        }


def _named(ticket: Ticket) -> str:
    """As the table above names it, and whose it is: the people at the counter say a name, not a number."""
    person = mask_name(ticket.passenger.name) if ticket.passenger is not None else ""
    seat = str(_("座位 %(seat)s") % {"seat": ticket.seat}) if ticket.seat else ""
    return " ".join(filter(None, (ticket.number, person, class_of(ticket), seat)))


class AuditForm(forms.Form):
    """What becomes of a refund, and what each ticket gives back."""

    decision = forms.ChoiceField(label=_("决定"), widget=UnfoldAdminSelectWidget)
    note = forms.CharField(
        label=_("理由"), max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )

    def __init__(
        self,
        data: Any,
        items: Sequence[RefundItem],
        *,
        may_refuse: bool,
        never_again: bool = False,
        not_asked: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(data, **more)
        refuse = [("refuse", _("不退，票恢复有效"))] if may_refuse else []
        self.fields["decision"].choices = [("pay", _("退款给客户")), *refuse]  # type: ignore[attr-defined]
        # what the supplier refused counts again, unless there is no trip; so nothing is asked about it
        open_ones = [one for one in items if one.answer != ItemAnswer.REFUSED or never_again]
        mixed = len({one.answer for one in items}) > 1 and not never_again
        for one in open_ones:
            if mixed and one.answer == ItemAnswer.OPEN:
                self.fields[f"what_{one.pk}"] = forms.ChoiceField(
                    label=_("%(number)s 供应商退了没有") % {"number": one.ticket.number},
                    choices=[("", "—"), (BACK, _("已退，退款给客户")), (KEEP, _("没有退，票恢复有效"))],
                    required=False,
                    widget=UnfoldAdminSelectWidget,
                    help_text=_("供应商没有答复，请先向供应商查明"),
                )
            self.fields[f"due_{one.pk}"] = forms.DecimalField(
                label=_("%(number)s 退给客户（元）") % {"number": one.ticket.number},
                min_value=0,
                max_digits=12,
                decimal_places=2,
                initial=one.due,
                widget=UnfoldAdminDecimalFieldWidget,
                help_text=_("供应商实退 %(back)s 元") % {"back": one.supplier_back}
                if one.supplier_back is not None
                else (_("商家不同意或未答复；决定退款后再向供应商退票") if not_asked else _("供应商没有退")),
            )

    def clean(self) -> dict[str, Any]:
        """Whoever pays says for each ticket that nobody knows about what became of it."""
        told = super().clean() or self.cleaned_data
        if told.get("decision") == "pay":
            for name in self.fields:
                if name.startswith("what_") and not told.get(name):
                    self.add_error(name, _("请选择"))
        return dict(told)

    def kept(self) -> set[int]:
        """The items whose tickets count again."""
        return {
            int(name.removeprefix("what_"))
            for name, what in self.cleaned_data.items()
            if name.startswith("what_") and what == KEEP
        }

    def dues(self) -> dict[int, Decimal]:
        """What each item gives back."""
        return {
            int(name.removeprefix("due_")): amount
            for name, amount in self.cleaned_data.items()
            if name.startswith("due_")
        }


class PayOutForm(forms.Form):
    """How money was given back where it was taken."""

    slip = forms.CharField(
        label=_("终端号/凭证号"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("刷卡收的须填，例如 12345678/000123"),
    )  # fmt: skip
    note = forms.CharField(
        label=_("说明"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("不是柜台收的款：写明退还方式和凭证号"),
    )  # fmt: skip


def said_by_phone() -> forms.CharField:
    """What a supplier said by telephone."""
    return forms.CharField(
        label=_("供应商的答复"), max_length=150, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("写明何时与谁通话、怎么说的；会记入审计"),
    )  # fmt: skip


def _known_as(ticket: Ticket) -> str:
    """Whose ticket it is, and what its supplier calls it: what is asked for on the telephone."""
    theirs = _("供应商票号 %(number)s") % {"number": ticket.their_number} if ticket.their_number else ""
    told = (ticket.fare_name, str(ticket.passenger or ""), str(theirs))
    return "，".join(one for one in told if one)


class ToldForm(forms.Form):
    """What a supplier said by telephone of each ticket of a refund."""

    note = said_by_phone()

    def __init__(self, data: Any, items: Sequence[RefundItem]) -> None:
        super().__init__(data)
        fields: dict[str, forms.Field] = {}
        for one in items:
            choices = [
                ("", _("请选择")),
                ("yes", _("已退")),
                ("no", _("没有退")),
            ]
            fields[f"taken_{one.pk}"] = forms.ChoiceField(
                label=_("%(number)s 供应商退了没有") % {"number": one.ticket.number}, choices=choices,
                widget=UnfoldAdminSelectWidget, help_text=_known_as(one.ticket),
            )  # fmt: skip
            fields[f"back_{one.pk}"] = forms.DecimalField(
                label=_("%(number)s 供应商退给我们") % {"number": one.ticket.number}, required=False, min_value=0,
                max_digits=10, decimal_places=2, initial=one.supplier_due, widget=UnfoldAdminDecimalFieldWidget,
                help_text=_("元；没有退的不用填"),
            )  # fmt: skip
        self.fields = {**fields, **self.fields}

    def clean(self) -> dict[str, Any]:
        """A ticket that went back has an amount."""
        told = super().clean() or {}
        for name, taken in list(told.items()):
            back = name.replace("taken_", "back_")
            missing = name.startswith("taken_") and taken == "yes" and told.get(back) is None
            if missing and back not in self.errors:
                self.add_error(back, _("请填写供应商退的金额"))
        return told

    def amounts(self) -> dict[int, Decimal | None]:
        """What was given for each item; None: it was not taken back."""
        return {
            int(name.removeprefix("taken_")): self.cleaned_data[name.replace("taken_", "back_")]
            if taken == "yes"
            else None
            for name, taken in self.cleaned_data.items()
            if name.startswith("taken_")
        }
