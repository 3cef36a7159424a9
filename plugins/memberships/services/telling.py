"""What members are told by text message."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import register_text

EXPIRING = "membership_expiring"
GIFTED = "membership_gifted"

register_text(
    EXPIRING, _("您的%(plan)s将于 %(day)s 到期，续费后从到期日顺延，不会少一天。"), _("会员到期提醒")
)
register_text(GIFTED, _("有人送您%(plan)s，有效期至 %(day)s。用这个手机号登录即可使用。"), _("获赠会员通知"))
