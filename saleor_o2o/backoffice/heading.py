"""The heading of back office pages: Unfold's template tags, with the name of a page that is no list and no row.

Unfold heads a page with the name of its model. A model's own pages (a counter, a report, a form) are called otherwise:
theirs is put behind it. Settings name this library in place of Unfold's.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from unfold.templatetags import unfold as theirs

register = template.Library()
register.tags.update(theirs.register.tags)
register.filters.update(theirs.register.filters)

#: What the context of Django's own pages holds: lists, rows and their deletion and history.
OF_DJANGO = ("cl", "original", "object", "adminform")
PART = (
    '{}<span class="material-symbols-outlined inline-block align-middle leading-5 mx-2 text-base-400 '
    'dark:text-base-500">chevron_right</span><span class="align-middle inline-block leading-5 min-w-0 truncate '
    'tracking-tight">{}</span>'
)


@register.simple_tag(name="header_title", takes_context=True)
def header_title(context: Any) -> str:
    """The way to this page, its own name last."""
    way = theirs.header_title(context)
    opts, title = context.get("opts"), context.get("title")
    if opts is None or not title or any(context.get(one) for one in OF_DJANGO):
        return way
    if str(title) == str(opts.verbose_name_plural):
        return way
    return format_html(PART, way, title)
