"""What campaigns say, and how it is put together."""

from __future__ import annotations

import math

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member, register_text, text_of

#: The template that text messages of campaigns go by.
TEMPLATE = "campaign"
#: Said to whoever answers what nobody asked.
SURVEY_OVER = _("这次评价已经结束")
#: What stands for the member's own name in a text.
NAME = "{称呼}"
MOST = 300
#: Characters that one text message carries: alone, and as a part of a longer one.
ALONE, PART = 70, 67


def install() -> None:
    """Register the template; called once when the app is ready."""
    register_text(TEMPLATE, _("%(text)s 不想再收到，可在会员资料里关闭营销信息"), _("营销活动"))


def rendered(text: str, member: Member) -> str:
    """The text as this member reads it."""
    return text.replace(NAME, (member.user.first_name or "").strip()[:10] or str(_("会员")))


def as_text_message(text: str) -> str:
    """The whole text message: our signature, the text, how to be left alone."""
    return text_of(TEMPLATE, {"text": text})


def pieces(text: str) -> int:
    """How many text messages the network makes of it, and bills."""
    length = len(as_text_message(text))
    return 1 if length <= ALONE else math.ceil(length / PART)
