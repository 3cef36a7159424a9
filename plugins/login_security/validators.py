"""Password rules of the staff; shoppers keep stock's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

STAFF_LENGTH = 10


class StaffPasswordValidator:
    """At least ten characters, not one of the twenty thousand most common, not the person's own address."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator()

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a weak password of somebody of the staff."""
        if user is None or not getattr(user, "is_staff", False):
            return
        if len(password) < STAFF_LENGTH:
            raise ValidationError(
                _("员工账号的密码至少 %(length)s 位") % {"length": STAFF_LENGTH}, code="password_too_short"
            )
        name = str(user.email).partition("@")[0].lower()
        if len(name) >= 4 and name in password.lower():
            raise ValidationError(_("密码不能包含邮箱名"), code="password_too_similar")
        self.common.validate(password, user)

    def get_help_text(self) -> str:
        """Said beside the field."""
        return _("员工账号的密码至少 %(length)s 位，不能是常见密码") % {"length": STAFF_LENGTH}
