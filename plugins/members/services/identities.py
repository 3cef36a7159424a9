"""A member comes to be known by something, or no longer is."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..events import IdentityBound, IdentityReleased
from ..kinds import IdentityKind
from ..models import Member, MemberIdentity
from ..values import Value

BOUND = audit.action("members.identity_bound", _("绑定会员身份"))
RELEASED = audit.action("members.identity_released", _("解绑会员身份"))


def taken(value: Value) -> MemberError:
    """What to say when an identity is another member's; only to whoever showed that it is his."""
    return MemberError(
        Code.IDENTITY_TAKEN,
        _("该%(kind)s已绑定其他会员") % {"kind": value.kind.label},
        value.kind.value,
        _("如两个都是您的，可到网点合并会员"),
    )


def write_identity(member: Member, value: Value, *, verified: bool) -> MemberIdentity:
    """Give a member an identity; one that is the member's already stays, and becomes verified.

    The first mobile is the primary one. No lock: the unique index keeps two members from having the same; of two at
    the same moment one is refused. Raises MemberError IDENTITY_TAKEN.
    """
    moment = now() if verified else None
    there = _live(value)
    if there is None:
        try:
            with transaction.atomic():
                there = MemberIdentity.objects.create(
                    member=member, kind=value.kind, namespace=value.namespace, value=value.text,
                    value_index=value.index, verified_at=moment,
                    is_primary=value.kind == IdentityKind.MOBILE and not _has_primary(member),
                )  # fmt: skip
        except IntegrityError:
            there = _live(value)
            if there is None or there.member_id != member.pk:
                raise taken(value) from None
            return there
        audit.record(BOUND, member, after={"kind": str(value.kind), "namespace": value.namespace})
        publish(
            IdentityBound(member_id=member.pk, identity_id=there.pk, kind=str(value.kind)),
            key=f"member:{member.pk}",
        )
        return there
    if there.member_id != member.pk:
        raise taken(value)
    if moment is not None and there.verified_at is None:
        MemberIdentity.objects.filter(pk=there.pk).update(verified_at=moment)
        there.verified_at = moment
    return there


def bind(member: Member, value: Value, *, verified: bool = True) -> MemberIdentity:
    """Give a member an identity. Locks: the member. Raises MemberError IDENTITY_TAKEN, LockTimeout."""
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        return write_identity(member, value, verified=verified)


def replace_mobile(member: Member, value: Value) -> MemberIdentity:
    """Make a mobile that was shown to be the member's the primary one, in place of the one before.

    Locks: the member. Raises MemberError IDENTITY_TAKEN, LockTimeout.
    """
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        there = _live(value)
        if there is not None and there.member_id != member.pk:
            raise taken(value)
        for old in list(_mobiles(member).filter(is_primary=True).exclude(value_index=value.index)):
            _release(member, old)
        made = write_identity(member, value, verified=True)
        if not made.is_primary:
            MemberIdentity.objects.filter(pk=made.pk).update(is_primary=True)
            made.is_primary = True
    return made


def release(member: Member, identity_id: int) -> None:
    """A member is no longer known by an identity; the last one by which he could log in stays.

    Locks: the member. Raises MemberError NOT_FOUND, LAST_IDENTITY, LockTimeout.
    """
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        live = {one.pk: one for one in member.identities.filter(released_at__isnull=True)}
        wanted = live.get(identity_id)
        if wanted is None:
            raise MemberError(Code.NOT_FOUND, _("没有这个身份，或已解绑"))
        ways = (IdentityKind.MOBILE, IdentityKind.OPENID, IdentityKind.UNIONID)
        if not any(one.kind in ways for key, one in live.items() if key != identity_id):
            raise MemberError(
                Code.LAST_IDENTITY, _("这是您唯一的登录方式，不能解绑"), hint=_("请先绑定手机号")
            )
        _release(member, wanted)
        if wanted.is_primary:
            _promote(member)


def release_value(member: Member, value: Value) -> bool:
    """A member is no longer known by a value that is no login by itself (a card); False where he was not.

    Locks: the member. Raises LockTimeout.
    """
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        there = _live(value)
        if there is None or there.member_id != member.pk:
            return False
        _release(member, there)
    return True


def release_others(member: Member, kept: MemberIdentity) -> None:
    """Release what else a member has of a kind, in the transaction of the caller, who locked the member."""
    for old in list(member.identities.filter(kind=kept.kind, released_at__isnull=True).exclude(pk=kept.pk)):
        _release(member, old)


def _release(member: Member, identity: MemberIdentity) -> None:
    MemberIdentity.objects.filter(pk=identity.pk).update(released_at=now(), is_primary=False)
    audit.record(RELEASED, member, before={"kind": identity.kind, "namespace": identity.namespace})
    publish(
        IdentityReleased(member_id=member.pk, identity_id=identity.pk, kind=identity.kind),
        key=f"member:{member.pk}",
    )


def _promote(member: Member) -> None:
    other = _mobiles(member).order_by("pk").first()
    if other is not None:
        MemberIdentity.objects.filter(pk=other.pk).update(is_primary=True)


def _mobiles(member: Member) -> QuerySet[MemberIdentity]:
    return member.identities.filter(kind=IdentityKind.MOBILE, released_at__isnull=True)


def _has_primary(member: Member) -> bool:
    return bool(_mobiles(member).filter(is_primary=True).exists())


def _live(value: Value) -> MemberIdentity | None:
    return MemberIdentity.objects.filter(
        kind=value.kind, value_index=value.index, released_at__isnull=True
    ).first()
