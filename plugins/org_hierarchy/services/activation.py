"""A new person's way to a password: a link by mail, good for setting `PASSWORD_RESET_TIMEOUT`."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.account.emails import send_set_password_email_with_url
from saleor.account.models import User

from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row

from ..access.grants import forget
from ..errors import OrgError, OrgErrorCode
from ..models import Staff, StaffStatus
from .rights import Actor, may_at

SENT_AGAIN = action("org_hierarchy.staff.activation_sent", _("重发激活邮件"))
ACTIVATED = action("org_hierarchy.staff.activated", _("设置登录密码"))


#: A mail takes a while to arrive: whoever waits does not get ten of them.
PAUSE = timedelta(minutes=5)
#: Mails sent again to one person within a day.
MOST_A_DAY = 5


def send_activation(staff: Staff) -> None:
    """Mail the link after the commit; the mail goes to the login's address and nowhere else. In a transaction."""
    staff.activation_sent_at = now()
    staff.save(update_fields=["activation_sent_at"])
    address, user = f"{settings.PUBLIC_URL}/org_hierarchy/activate/", staff.user
    transaction.on_commit(lambda: send_set_password_email_with_url(address, user, staff=True))


def send_again(by: Actor, staff: Staff) -> Staff:
    """Mail the link again to somebody who has not set a password yet; needs `staff.edit`.

    At most every `PAUSE`, and `MOST_A_DAY` times in 24 hours. Raises OutOfScope, NotAllowed, OrgError
    (STAFF_NOT_ACTIVE, ALREADY_ACTIVATED, TOO_OFTEN), LockTimeout. Locks: the person.
    """
    with transaction.atomic():
        rows = lock_rows(Staff.objects.filter(pk=staff.pk).select_related("user", "unit"))
        if not rows:
            raise OutOfScope
        person = rows[0]
        if by is not None:
            forget(by)
            get_row(by, Staff, pk=person.pk)
        if not may_at(by, "staff.edit", person.unit):
            raise NotAllowed
        if person.status != StaffStatus.ACTIVE:
            raise OrgError(
                OrgErrorCode.STAFF_NOT_ACTIVE,
                _("%(name)s%(status)s，不能激活账号")
                % {"name": person.name, "status": person.get_status_display()},
            )
        if person.user.has_usable_password():
            raise OrgError(
                OrgErrorCode.ALREADY_ACTIVATED,
                _("%(name)s已经设置过密码") % {"name": person.name},
                hint=_("忘记密码请本人用登录邮箱找回"),
            )
        _require_seldom(person)
        send_activation(person)
        record(SENT_AGAIN, person, after={"activation_sent_at": person.activation_sent_at})
    return person


def _require_seldom(person: Staff) -> None:
    last = person.activation_sent_at
    if last is not None and last + PAUSE > now():
        raise OrgError(
            OrgErrorCode.TOO_OFTEN,
            _("激活邮件刚在 %(time)s 发送过") % {"time": last.astimezone(SHANGHAI).strftime("%H:%M")},
            hint=_("邮件可能在路上或垃圾箱里；%(minutes)s 分钟后可以再发") % {"minutes": PAUSE.seconds // 60},
        )
    sent = AuditEntry.objects.filter(
        action=SENT_AGAIN.name,
        at__gt=now() - timedelta(days=1),
        subject_type=Staff._meta.label_lower,
        subject_id=str(person.pk),
    ).count()
    if sent >= MOST_A_DAY:
        raise OrgError(
            OrgErrorCode.TOO_OFTEN,
            _("24 小时内已重发 %(count)s 次") % {"count": sent},
            hint=_("请与本人核对登录邮箱是否正确"),
        )


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
