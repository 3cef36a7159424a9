"""A new person's way to a password: a link by mail, good for setting `PASSWORD_RESET_TIMEOUT`."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.account.emails import send_set_password_email_with_url
from saleor.account.models import User

from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.locks import lock_rows

from ..errors import OrgError, OrgErrorCode
from ..models import Staff, StaffStatus

ACTIVATED = action("org_hierarchy.staff.activated", _("设置登录密码"))


def send_activation(user: User) -> None:
    """Mail the link after the commit; the mail goes to the login's address and nowhere else."""
    address = f"{settings.PUBLIC_URL}/org_hierarchy/activate/"
    transaction.on_commit(lambda: send_set_password_email_with_url(address, user, staff=True))


def activate(email: str, token: str, password: str) -> None:
    """Set the first password with the mailed token; it works once.

    Raises OrgError INVALID (link over or wrong; password too weak), without telling which addresses exist. Locks: the
    user.
    """
    with transaction.atomic():
        users = lock_rows(User.objects.filter(email__iexact=email.strip(), is_active=True, is_staff=True))
        user = users[0] if users else None
        file = Staff.objects.filter(user=user, status=StaffStatus.ACTIVE).first() if user else None
        if user is None or file is None or not default_token_generator.check_token(user, token):
            raise OrgError(
                OrgErrorCode.INVALID,
                _("链接无效或已过期"),
                field="token",
                hint=_("请联系人事重新发送激活邮件"),
            )
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise OrgError(OrgErrorCode.INVALID, "；".join(error.messages), field="password") from error
        user.set_password(password)
        user.save(update_fields=["password"])
        record(ACTIVATED, file, actor=f"user:{user.pk}")
