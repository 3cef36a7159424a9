"""What login security wants somebody to know, for the home page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import access_of
from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import rows_for

from .models import StaffLogin
from .services.accounts import soon_idle


def todo(user: Any) -> list[Todo]:
    """People in reach whose accounts are about to be disabled, for those who may do something about it."""
    if not access_of(user).has("staff.edit"):
        return []
    rows = rows_for(user, StaffLogin.objects.all(), "staff.edit")
    number = rows.filter(pk__in=soon_idle().values("pk")).count()
    if not number:
        return []
    href = f"{reverse('admin:o2o_login_security_stafflogin_changelist')}?idle=soon"
    title = _("%(number)s 个账号即将因长期未用停用") % {"number": number}
    return [Todo(title, _("请提醒本人登录，或确认不再使用"), href, now())]
