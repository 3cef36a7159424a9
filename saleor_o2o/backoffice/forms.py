"""The back office's login."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm


class LoginForm(AuthenticationForm):
    """E-mail and password of somebody of the staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("邮箱")
        self.fields["password"].label = _("密码")
        self.error_messages = {
            **self.error_messages,  # type: ignore[has-type]
            "invalid_login": _("邮箱或密码不正确，或账号不是员工账号。请核对后重试。"),
        }
