"""The words of our text messages, by template."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import Text

#: Each says what it is for: whoever is asked for a code on the telephone reads what he would give away.
TEMPLATES: dict[str, Text] = {
    "code": _("验证码 %(code)s，%(minutes)s 分钟内有效。请勿告诉他人，工作人员不会索取。"),
}
#: What pages call a template.
TITLES: dict[str, Text] = {"code": _("验证码")}


def register_text(template: str, text: Text, title: Text = "") -> None:
    """Add a template, with `%(name)s` for its parameters, and what pages call it; ValueError for one that is taken."""
    if template in TEMPLATES:
        raise ValueError(f"text {template!r} is already registered")
    TEMPLATES[template] = text
    TITLES[template] = title or template


def filled(template: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a message, also of one that was queued before its text had a link: it leads to our pages.

    Messages wait for their sender, or for WeChat to refuse them, across a deploy: text messages, and the words of a
    template message that goes by text instead. Raises KeyError for an unknown template.
    """
    words = dict(parameters)
    if "link" not in words and "%(link)s" in str(TEMPLATES[template]):
        words["link"] = f"{settings.PUBLIC_URL.rstrip('/')}/h5/"
    return words


def text_of(template: str, parameters: Mapping[str, str]) -> str:
    """The whole message with our signature in front. Raises KeyError for an unknown template or a missing parameter."""
    return f"【{settings.O2O_SMS['SIGN']}】{str(TEMPLATES[template]) % filled(template, parameters)}"
