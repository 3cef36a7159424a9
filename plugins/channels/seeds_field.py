"""The example city's field work: what lies in the micro-shops, who went there, what the owners have learnt.

For the first shops only: enough for every page to show something, with each kind of line once.
"""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from PIL import Image, ImageDraw

from plugins.org_hierarchy.interfaces import OrgUnit, Staff, StaffStatus
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.photos import clean_photos

from .models import (
    Channel,
    Course,
    Device,
    DeviceKind,
    Exam,
    Material,
    MaterialMovement,
    PhotoKind,
    Visit,
    VisitKind,
    VisitResult,
)
from .services.devices import move_device
from .services.materials import give_back, issue, receive, use, void
from .services.visits import keep_photos
from .types import ChannelStatus, ChannelType

#: How the agreements of the seeded shops begin.
AGREEMENT = "WD-SEED-"
SHOPS = 12
#: Receipts that each branch receives; every branch has numbers of its own.
RECEIPTS = 500
FIRST_RECEIPT = 500_100_001
FINDINGS = (
    (VisitResult.GOOD, "货架整齐，收款码和监督电话都在明处；店主反映脐橙回购多，想加一档 2.5 千克装。"),
    (VisitResult.TROUBLE, "打印机卡纸，小票看不清；已约定周内换机，换机前手写小票。"),
    (VisitResult.GOOD, "现场抽查 3 单代客下单，金额、小票、登记一致。"),
)


class _Upload(io.BytesIO):
    """What `clean_photos` reads."""

    @property
    def size(self) -> int:
        return len(self.getvalue())


def seed_field(context: Any) -> None:
    """Write what is missing; a second run changes nothing. Called in the seed's transaction."""
    shops = list(
        Channel.objects.select_related("unit")
        .filter(type=ChannelType.MICRO_SHOP, status=ChannelStatus.ACTIVE, agreement_no__startswith=AGREEMENT)
        .order_by("unit__code", "code")[:SHOPS]
    )
    if not shops:
        return
    if not Device.objects.filter(serial=_serial(DeviceKind.PRINTER, 0)).exists():
        context.count("渠道设备", _devices(shops))
    if not MaterialMovement.objects.exists():
        context.count("物料流水", _materials(shops))
    if not Exam.objects.filter(channel=shops[0]).exists():
        context.count("培训考试", _exams(shops))
    if not Visit.objects.filter(channel=shops[0]).exists():
        context.count("渠道拜访", _visits(shops))


def _devices(shops: list[Channel]) -> int:
    """A printer for each, here and there a terminal; one away to be mended, one in store."""
    made = 0
    for number, shop in enumerate(shops):
        kinds = [(DeviceKind.PRINTER, "58 毫米热敏")] + [(DeviceKind.POS, "扫码收款终端")] * (number % 3 == 0)
        for kind, model in kinds:
            device = Device.objects.create(
                serial=_serial(kind, number), kind=kind, model=model, unit=shop.unit
            )
            made += 1
            if number == SHOPS - 1:
                continue
            move_device(device, "hand_out", channel=shop, reason="开店领用")
            if number == 1:
                move_device(device, "send_to_repair", reason="卡纸")
    return made


def _serial(kind: str, number: int) -> str:
    return f"{kind.upper()}-{number:04d}"


def _materials(shops: list[Channel]) -> int:
    paper = Material.objects.get(code="ticket-paper")
    receipt = Material.objects.get(code="receipt")
    units: dict[int, OrgUnit] = {shop.unit_id: shop.unit for shop in shops}
    for number, unit in enumerate(units.values()):
        receive(paper, unit, 60, reason="县中心配送")
        receive(receipt, unit, RECEIPTS, first=FIRST_RECEIPT + number * RECEIPTS, reason="县中心配送")
    for shop in shops:
        issue(paper, shop, 3, reason="月度领用")
        issue(receipt, shop, 20, reason="月度领用")
        use(paper, shop, 1)
        use(receipt, shop, 6)
    void(receipt, shops[0], 1, reason="打印错位")
    give_back(receipt, shops[1], 10, reason="店主暂停收现金")
    return MaterialMovement.objects.count()


def _exams(shops: list[Channel]) -> int:
    """Everybody passed; some at the second try. The last one still has a course before him."""
    courses = list(Course.objects.filter(required_for__contains=[ChannelType.MICRO_SHOP]).order_by("code"))
    rows = []
    for number, shop in enumerate(shops):
        for position, course in enumerate(courses):
            if number == SHOPS - 1 and position == len(courses) - 1:
                continue
            scores = [68, 88] if (number + position) % 5 == 2 else [82 + (number * 5 + position * 3) % 17]
            for attempt, score in enumerate(scores):
                rows.append(
                    Exam(
                        channel=shop, course=course, score=score, passed=score >= course.pass_mark,
                        taken_on=today() - timedelta(days=40 - attempt * 7 - number), examiner="system",
                    )
                )  # fmt: skip
    return len(Exam.objects.bulk_create(rows))


def _visits(shops: list[Channel]) -> int:
    """One made with a photograph, one planned, for each shop whose branch has somebody to go."""
    made = 0
    for number, shop in enumerate(shops):
        visitor = Staff.objects.filter(unit=shop.unit, status=StaffStatus.ACTIVE).order_by("pk").first()
        if visitor is None:
            continue
        result, findings = FINDINGS[number % len(FINDINGS)]
        day = now() - timedelta(days=number + 1)
        visit = Visit.objects.create(
            channel=shop, kind=VisitKind.ROUTINE, planned_on=day.date(), visitor=visitor, done_at=day,
            result=result, findings=findings,
        )  # fmt: skip
        keep_photos(shop, clean_photos([_picture(number)]), PhotoKind.VISIT, visit)
        follow = VisitKind.PROBLEM if result == VisitResult.TROUBLE else VisitKind.ROUTINE
        Visit.objects.create(
            channel=shop, kind=follow, planned_on=today() + timedelta(days=number % 6), visitor=visitor
        )
        made += 2
    return made


def _picture(number: int) -> _Upload:
    """A drawn shop front: nobody's shop, nobody's face."""
    picture = Image.new("RGB", (960, 640), (214, 228, 236))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((120, 180, 840, 640), fill=(236, 226, 208))
    draw.rectangle((120, 180, 840, 270), fill=(0, 112, 74))
    draw.rectangle((170, 330, 460, 560), fill=(168, 204, 214), outline=(90, 90, 90), width=6)
    draw.rectangle((560, 330, 740, 640), fill=(140, 104, 72))
    for step in range(5):
        left = 185 + step * 54
        tone = (240 - step * 20, 150 + (number * 9) % 60, 60)
        draw.ellipse((left, 500, left + 48, 548), fill=tone)
    held = _Upload()
    picture.save(held, "JPEG", quality=85)
    held.seek(0)
    return held
