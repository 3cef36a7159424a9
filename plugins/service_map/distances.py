"""Distances in the words of a sign at the roadside."""

from __future__ import annotations

from django.utils.translation import gettext as _


def in_words(metres: float) -> str:
    """`85 米`, `1.2 公里`, `38 公里`."""
    if metres < 995:
        return _("%(metres)d 米") % {"metres": round(metres, -1) if metres >= 100 else round(metres)}
    kilometres = metres / 1000
    return _("%(kilometres)s 公里") % {
        "kilometres": f"{kilometres:.1f}" if kilometres < 10 else round(kilometres)
    }
