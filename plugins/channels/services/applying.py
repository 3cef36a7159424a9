"""Somebody wants to open a micro-shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.photos import clean_photos
from saleor_o2o.kernel.request import current

from .. import audits, codes
from ..errors import ChannelError, ChannelErrorCode
from ..identity import clean_id_number, clean_mobile, id_index, mobile_index
from ..limits import hit
from ..models import Application, Channel, PhotoKind
from ..types import ChannelStatus, ChannelType
from .visits import keep_photos

#: The text people agree to; a new text gets a new version.
CONSENT_VERSION = "2026-01"
PER_ADDRESS = (20, 3600)
PER_MOBILE = (5, 86400)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the form says, as typed."""

    name: str
    id_number: str
    mobile: str
    community: str
    branch_code: str
    premises: str = ""
    remark: str = ""
    consent: bool = False
    user: Any = None


def apply(applicant: Applicant, photos: Sequence[Any]) -> Application:
    """Write an application, or return the open one of the same person with the same telephone (sent twice).

    Raises ChannelError with the field at fault; TOO_MANY_REQUESTS by address and by telephone; ALREADY_APPLIED for a
    person whose shop or application is open under another telephone, or whose shop is already open.
    """
    hit("apply-ip", current().ip or "-", *PER_ADDRESS)
    name = _text(applicant.name, "name", 60, _("请填写姓名"))
    number = clean_id_number(applicant.id_number)
    mobile = clean_mobile(applicant.mobile)
    community = _text(applicant.community, "community", 60, _("请填写社区（小区）名称"))
    premises = _text(applicant.premises, "premises", 200)
    remark = _text(applicant.remark, "remark", 300)
    if not applicant.consent:
        raise ChannelError(ChannelErrorCode.CONSENT_REQUIRED, _("请阅读并同意个人信息处理授权书"), "consent")
    unit = branch_of_code(applicant.branch_code)
    already = _open_one(number, mobile)
    if already is not None:
        return already
    hit("apply-mobile", mobile, *PER_MOBILE)
    if not photos:
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请上传经营场所照片"), "photos")
    cleaned = clean_photos(photos)
    channel = Channel(
        code=codes.new_code(), type=ChannelType.MICRO_SHOP, name=f"{community}微店"[:60], unit=unit,
        owner_name=name, owner_mobile=mobile, owner_mobile_index=mobile_index(mobile), owner_id_number=number,
        owner_id_index=id_index(number), owner_user=applicant.user, address=premises,
    )  # fmt: skip
    try:
        with transaction.atomic():
            channel.save()
            application = Application.objects.create(
                channel=channel, number=next_number(codes.APPLICATION), community=community, premises=premises,
                remark=remark, consent_version=CONSENT_VERSION,
            )  # fmt: skip
            keep_photos(channel, cleaned, PhotoKind.PREMISES)
            audit.record(
                audits.APPLIED, channel, after={"number": application.number, "unit": unit.code},
                org_path=unit.path,
            )  # fmt: skip
    except IntegrityError as error:  # the same form, sent twice at once
        twin = _open_one(number, mobile)
        if twin is None:
            raise error
        return twin
    return application


def application_of(number: str, mobile: str) -> Application:
    """An application for its applicant, who knows its number and the telephone. Raises ChannelError NOT_FOUND."""
    hit("look-ip", current().ip or "-", 60, 3600)
    found = (
        Application.objects.select_related("channel__unit")
        .filter(number=number.strip().upper(), channel__owner_mobile_index=mobile_index(clean_mobile(mobile)))
        .first()
    )
    if found is None:
        raise ChannelError(ChannelErrorCode.NOT_FOUND, _("没有找到申请"), hint=_("请核对申请编号和手机号"))
    return found


def branch_of_code(code: str) -> OrgUnit:
    """The branch an applicant chose. Raises ChannelError: REQUIRED, UNIT_CLOSED."""
    if not code.strip():
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请选择附近的支局"), "branch_code")
    unit = OrgUnit.objects.filter(code=code.strip(), level=Level.BRANCH, status=UnitStatus.ACTIVE).first()
    if unit is None:
        raise ChannelError(ChannelErrorCode.UNIT_CLOSED, _("该支局不存在或未营业"), "branch_code")
    return unit


def _open_one(number: str, mobile: str) -> Application | None:
    channel = (
        Channel.objects.select_related("application", "unit")
        .filter(type=ChannelType.MICRO_SHOP, owner_id_index=id_index(number))
        .exclude(status=ChannelStatus.LEFT)
        .first()
    )
    if channel is None:
        return None
    application: Application | None = getattr(channel, "application", None)
    same = channel.owner_mobile_index == mobile_index(mobile)
    if application is None or not same or channel.status not in (ChannelStatus.APPLIED, ChannelStatus.REVIEW):
        raise ChannelError(
            ChannelErrorCode.ALREADY_APPLIED, _("该证件号已有办理中的申请或微店"),
            hint=_("请凭申请编号查询进度，或到支局咨询"),
        )  # fmt: skip
    return application


def _text(value: str, field: str, most: int, required: str = "") -> str:
    text = " ".join(value.replace("\x00", "").split())
    if required and not text:
        raise ChannelError(ChannelErrorCode.REQUIRED, required, field)
    if len(text) > most:
        raise ChannelError(ChannelErrorCode.INVALID, _("内容过长，最多 %(most)s 字") % {"most": most}, field)
    return text
