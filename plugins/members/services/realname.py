"""A member's real name: asked of the register under a number of ours, after the commit, until it answers.

`SUBMITTED → PASSED | MISMATCHED | REFUSED`; without an answer the same number is asked for, and asked again only when
the register has nothing under it.
"""

from __future__ import annotations

import logging
import re
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.documents import DocumentKind, birth_in
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import external_number
from saleor_o2o.kernel.states import move_locked

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..events import RealNamePassed
from ..kinds import CheckState, Gender, IdentityKind, MemberStatus, PaperKind, VerifyState
from ..models import Member, MemberProfile, Passenger, RealNameCheck
from ..realname_ports import CheckNotConfigured, CheckRefused, CheckUnknown, PersonRegister, Verdict
from ..values import Value, clean_id_number
from .homes import profile_of
from .identities import release_others, write_identity
from .profiles import one_line

logger = logging.getLogger(__name__)

SUBMITTED = audit.action("members.realname_submitted", _("提交实名核验"))
DECIDED = audit.action("members.realname_decided", _("实名核验结果"))
#: Questions of one member within a day: each costs money, and is a guess at somebody's papers.
PER_DAY = 5
LOST_AFTER, STALE_AFTER, GIVEN_UP_AFTER = timedelta(seconds=60), timedelta(seconds=15), timedelta(days=1)
_NAME = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0003ffff·•．.A-Za-z ]{2,40}")
#: What a member reads of a check that said neither yes nor no.
WHY: dict[str, Text] = {
    "IDENTITY_TAKEN": _("该证件已绑定其他会员；如两个都是您的，可到网点合并会员"),
    "NO_ANSWER": _("核验服务没有答复，请稍后重新提交"),
    "NO_RECORD": _("没有查到这个证件，请持证件到网点办理"),
}
OTHER: Text = _("没有核验成功，请核对后再试，或持证件到网点办理")


def submit(member: Member, name: str, id_number: str) -> RealNameCheck:
    """Have a name and a resident's identity number checked, after the commit; while one is under way, that one.

    Locks: the member. Raises MemberError REQUIRED, INVALID, ID_NUMBER_INVALID, TOO_OFTEN, LockTimeout.
    """
    called = one_line(name, 40)
    if not called:
        raise MemberError(Code.REQUIRED, _("请填写姓名"), "name")
    if not _NAME.fullmatch(called):
        raise MemberError(Code.INVALID, _("姓名不正确"), "name", _("请填写身份证上的姓名"))
    number = clean_id_number(id_number)
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        found = latest(member)
        if found is not None and found.state == CheckState.SUBMITTED:
            return found
        if found is not None and found.state == CheckState.PASSED:
            raise MemberError(Code.INVALID, _("您已通过实名认证"), None, _("更正姓名请持证件到网点办理"))
        if member.checks.filter(asked_at__gt=now() - timedelta(days=1)).count() >= PER_DAY:
            raise MemberError(
                Code.TOO_OFTEN, _("今天核验的次数太多了"), "idNumber", _("请明天再试，或持证件到网点办理")
            )
        made = RealNameCheck.objects.create(
            member=member, number=external_number("R"), name=called, id_number=number
        )
        audit.record(SUBMITTED, member, after={"number": made.number})
        dispatch(made.pk)
    return made


def dispatch(pk: int) -> None:
    """Have a check carried out, after the commit of the surrounding transaction."""
    from ..tasks import check_real_name

    check_real_name.delay(pk)


def latest(member: Member) -> RealNameCheck | None:
    """What was asked last of a member. One statement."""
    return RealNameCheck.objects.filter(member=member).order_by("-pk").first()


def state_of(check: RealNameCheck | None) -> tuple[VerifyState, str]:
    """How a member's real name stands, and what to read about it."""
    if check is None:
        return VerifyState.NONE, ""
    if check.state == CheckState.REFUSED:
        return VerifyState.NONE, str(WHY.get(check.failure, OTHER))
    return VerifyState(check.state), ""


def is_verified(member: Member) -> bool:
    """Whether a member's name is the register's: he does not change it by himself then. One statement."""
    return RealNameCheck.objects.filter(member=member, state=CheckState.PASSED).exists()


def provider() -> PersonRegister:
    """The register in force (setting `O2O_REALNAME`). Raises CheckNotConfigured."""
    found: PersonRegister = import_string(settings.O2O_REALNAME["REGISTER"])()
    return found


def carry_out(pk: int) -> CheckState | None:
    """Ask, or ask what became of it; None when somebody else does, or it is over. No lock is held meanwhile."""
    moment = now()
    rows = RealNameCheck.objects.filter(pk=pk, state=CheckState.SUBMITTED)
    free = Q(tried_at__isnull=True) | Q(tried_at__lte=moment - LOST_AFTER)
    check = rows.first()
    if check is None or not rows.filter(free).update(tried_at=moment, attempts=F("attempts") + 1):
        return None
    try:
        said = provider().find(check.number) if check.attempts else None
        if said is None:
            if check.asked_at <= moment - GIVEN_UP_AFTER:
                return _decide(check, None, "NO_ANSWER")
            said = provider().check(check.number, check.name, check.id_number)
    except CheckRefused as error:
        return _decide(check, None, error.detail)
    except (CheckUnknown, CheckNotConfigured) as error:
        logger.warning("real name check %s: %s", check.number, error.detail)
        if check.asked_at <= moment - 2 * GIVEN_UP_AFTER:
            return _decide(check, None, "NO_ANSWER")
        return CheckState.SUBMITTED
    return _decide(check, said, "")


def waiting() -> list[int]:
    """Checks that nobody has taken up, or that have no answer yet."""
    moment = now()
    rows = RealNameCheck.objects.filter(state=CheckState.SUBMITTED).filter(
        Q(tried_at__isnull=True, asked_at__lte=moment - STALE_AFTER) | Q(tried_at__lte=moment - LOST_AFTER)
    )
    return list(rows.order_by("pk").values_list("pk", flat=True)[:100])


def _decide(asked: RealNameCheck, said: Verdict | None, failure: str) -> CheckState:
    """Write what the register said, once. Locks: the member, then the check."""
    with transaction.atomic():
        [member] = lock_rows(Member.objects.filter(pk=asked.member_id), no_key=True)
        [check] = lock_rows(RealNameCheck.objects.filter(pk=asked.pk))
        if check.state != CheckState.SUBMITTED:
            return CheckState(check.state)
        if said is Verdict.MATCHED and member.status in (MemberStatus.ACTIVE, MemberStatus.CLOSING):
            try:
                with transaction.atomic():
                    _take_over(member, check)
            except MemberError:  # proved a name, not that the other's account is his
                failure, said = "IDENTITY_TAKEN", None
        elif said is Verdict.MATCHED:
            failure, said = "NOT_ACTIVE", None
        if said is Verdict.MATCHED:
            move_locked(check, "succeed", actor="system")
            publish(RealNamePassed(member_id=member.pk, user_id=member.user_id), key=f"member:{member.pk}")
        elif said is Verdict.MISMATCHED:
            move_locked(check, "mismatch", actor="system")
        else:
            move_locked(check, "refuse", actor="system", failure=failure)
        audit.record(DECIDED, member, after={"state": str(check.state), "failure": failure}, actor="system")
    return CheckState(check.state)


def _take_over(member: Member, check: RealNameCheck) -> None:
    """The register's word counts: identity, name, birthday and gender, and passengers with these papers."""
    identity = write_identity(member, Value(IdentityKind.ID_NUMBER, "", check.id_number), verified=True)
    release_others(member, identity)
    user = member.user
    user.first_name, user.last_name = check.name, ""
    user.save(update_fields=["first_name", "last_name"])
    profile_of(member)
    male = int(check.id_number[16]) % 2 == 1
    MemberProfile.objects.filter(pk=member.pk).update(
        birthday=birth_in(DocumentKind.ID_CARD, check.id_number),
        gender=Gender.MALE if male else Gender.FEMALE,
        updated_at=now(),
    )
    for one in Passenger.objects.filter(member=member, paper=PaperKind.ID_CARD):
        if (one.name, one.number) == (check.name, check.id_number):
            Passenger.objects.filter(pk=one.pk).update(verified=VerifyState.PASSED)
