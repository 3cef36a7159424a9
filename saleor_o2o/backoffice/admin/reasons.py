"""Why something is done: the form of pages that ask for nothing else."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget


class ReasonForm(forms.Form):
    """Why; it is written down."""

    reason = forms.CharField(
        label=_("事由"),
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("会记入审计"),
    )
