"""Giving coupons: counted under the template's lock, each gift once, whoever asks and however often."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import Deed, is_barred
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish_all
from saleor_o2o.kernel.numbering import next_numbers
from saleor_o2o.kernel.request import current

from ..choices import Mode, TemplateState
from ..error_codes import CouponErrorCode as Code
from ..errors import CouponError
from ..events import CouponGiven
from ..locks import lock_template
from ..models import Coupon, CouponGiving, CouponTemplate
from ..numbers import COUPON

MOST_PIECES = 20


@transaction.atomic
def give(
    template_id: int, member: Member, mode: Mode, key: str, *, pieces: int = 1, reason: str = ""
) -> list[Coupon]:
    """Give a member coupons of a template; the same key again gives nothing and answers with what it gave.

    Locks: the template's row, which counts. Raises CouponError: NOT_GIVEN_NOW (not published, its time is over, not for
    members of this unit), GONE, LIMIT_REACHED (all of `pieces` or none), QUANTITY_INVALID; LockTimeout.
    """
    if not 1 <= pieces <= MOST_PIECES:
        raise CouponError(Code.QUANTITY_INVALID)
    template = lock_template(template_id)
    if template is None:
        raise CouponError(Code.NOT_FOUND)
    gifts = [f"{key}:{number}" for number in range(pieces)]
    known = list(Coupon.objects.filter(gift_key__in=gifts, member=member).select_related("template"))
    if known:
        return known
    _check(template, member, pieces)
    moment = now()
    valid_from, valid_until = template.validity(moment)
    numbers = next_numbers(COUPON, [("", moment)] * pieces)
    coupons = Coupon.objects.bulk_create(
        Coupon(
            number=number, template=template, member=member, mode=mode, gift_key=gift, given_at=moment,
            given_by=current().actor, reason=reason, valid_from=valid_from, valid_until=valid_until,
        )
        for number, gift in zip(numbers, gifts, strict=True)
    )  # fmt: skip
    template.given += pieces
    template.save(update_fields=["given"])
    publish_all(
        [CouponGiven(coupon_id=one.pk, member_id=member.pk, mode=mode.value) for one in coupons],
        key=f"member:{member.pk}",
    )
    return coupons


def _check(template: CouponTemplate, member: Member, pieces: int) -> None:
    if is_barred(member.user, Deed.GIFTS):
        raise CouponError(Code.NOT_GIVEN_NOW, detail=_("这个账号已被限制领券"))
    if template.state != TemplateState.PUBLISHED:
        raise CouponError(Code.NOT_GIVEN_NOW)
    if not template.valid_days and template.valid_until is not None and template.valid_until <= now():
        raise CouponError(Code.NOT_GIVEN_NOW, detail=_("这种优惠券的使用时间已过"))
    if template.quantity is not None and template.given + pieces > template.quantity:
        raise CouponError(Code.GONE)
    if Coupon.objects.filter(template=template, member=member).count() + pieces > template.per_member:
        raise CouponError(Code.LIMIT_REACHED)
    paths = list(template.units.values_list("path", flat=True))
    if paths and not (member.home_unit and any(member.home_unit.path.startswith(path) for path in paths)):
        raise CouponError(Code.NOT_GIVEN_NOW, detail=_("这种优惠券只发给指定机构的会员"))


def running(mode: Mode) -> list[CouponGiving]:
    """The givings of a way that run now."""
    moment = now()
    rows = CouponGiving.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=moment),
        mode=mode, is_active=True, starts_at__lte=moment, template__state=TemplateState.PUBLISHED,
    )  # fmt: skip
    return list(rows.select_related("template", "channel").order_by("pk"))


def claim(giving_id: int, member: Member, key: str = "") -> list[Coupon]:
    """A member takes a coupon in the claim centre; a request key makes a repeated tap the same one.

    Raises CouponError NOT_FOUND for a giving that does not run, and what `give` raises.
    """
    giving = next((one for one in running(Mode.CLAIM) if one.pk == giving_id), None)
    if giving is None:
        raise CouponError(Code.NOT_GIVEN_NOW)
    count = Coupon.objects.filter(template=giving.template, member=member).count()
    gift = f"claim:{giving.pk}:{member.pk}:{key or f'n{count}'}"
    return give(giving.template_id, member, Mode.CLAIM, gift, pieces=giving.pieces)


def give_by(mode: Mode, member: Member, occasion: str, **fits: object) -> list[Coupon]:
    """What all running givings of a way have for a member on an occasion (`order:17`), each once.

    `total`: what the order cost; `channel`: whose code was scanned. One that is used up keeps no other back.
    """
    found: list[Coupon] = []
    for giving in running(mode):
        total, channel = fits.get("total"), fits.get("channel")
        if total is not None and total < giving.least:  # type: ignore[operator]
            continue
        if giving.channel_id is not None and giving.channel_id != channel:
            continue
        key = f"{mode.value}:{giving.pk}:{member.pk}:{occasion}"
        try:
            found += give(giving.template_id, member, mode, key, pieces=giving.pieces)
        except CouponError:  # gone, or the member has had it: nothing to be told about
            continue
    return found


def give_directly(
    template: CouponTemplate, members: Sequence[Member], key: str, reason: str, *, pieces: int = 1
) -> list[Coupon]:
    """The staff gives members coupons, all of them or none, once per key; in one transaction.

    Raises CouponError REASON_REQUIRED and what `give` raises.
    """
    if not reason.strip():
        raise CouponError(Code.REASON_REQUIRED, "reason")
    found: list[Coupon] = []
    with transaction.atomic():
        for member in members:
            gift = f"direct:{template.pk}:{member.pk}:{key}"
            try:
                found += give(
                    template.pk, member, Mode.DIRECT, gift, pieces=pieces, reason=reason.strip()[:200]
                )
            except CouponError as refusal:
                raise _about(member, refusal) from refusal
    return found


def _about(member: Member, refusal: CouponError) -> CouponError:
    """A refusal as whoever gives reads it: which member, and not in words for him."""
    why = _("已领满这种优惠券") if refusal.code == Code.LIMIT_REACHED else refusal.message
    told = _("会员 %(number)s：%(why)s") % {"number": member.number, "why": why}
    return CouponError(Code(refusal.code.value), "members", told, _("全部都没有发出"))
