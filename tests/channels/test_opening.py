"""A micro-shop from application to business, and every step that is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saleor.account.models import User

from plugins.approvals.interfaces import approve, open_request, reject, withdraw
from plugins.channels.approval import submit_channel
from plugins.channels.errors import ChannelError, ChannelErrorCode
from plugins.channels.models import Application, Channel, Course, Photo, Shop, Visit, VisitKind, VisitResult
from plugins.channels.services.applying import Applicant, apply
from plugins.channels.services.channels import save_channel
from plugins.channels.services.moves import change_state
from plugins.channels.services.training import missing_courses, record_exam
from plugins.channels.services.visits import plan_visit, record_visit
from plugins.channels.types import ChannelStatus, ChannelType
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.states import IllegalMove, history
from tests.orgs import again, person
from tests.stock.world import World

from . import shops

APPLY = """mutation($input: ShopApplyInput!, $photo: Upload!) { shopApply(input: $input, photos: [$photo]) {
  application { number status statusText branch community } errors { field code message } } }"""


def applicant(**changes: Any) -> Applicant:
    values: dict[str, Any] = {
        "name": "王小店", "id_number": shops.id_number(), "mobile": shops.mobile(), "community": "民生社区",
        "branch_code": "B111", "premises": "民生路 1 号", "consent": True, **changes,
    }  # fmt: skip
    return Applicant(**values)


@pytest.fixture
def applied(org: dict[str, OrgUnit]) -> Channel:
    return apply(applicant(), [shops.upload()]).channel


def visited(channel: Channel, liaison: User, result: str = VisitResult.RECOMMEND) -> Visit:
    return record_visit(channel, liaison.o2o_staff, VisitKind.OPENING, result, "临街，常住 800 户")


def signed(channel: Channel) -> None:
    channel = Channel.objects.get(pk=channel.pk)
    channel.agreement_no, channel.agreement_from = "XY-2026-001", today()
    channel.agreement_to = today() + timedelta(days=365)
    save_channel(channel)


def test_from_application_to_business(
    org: dict[str, OrgUnit], world: World, liaison: User, county: User
) -> None:
    # given: a template with goods, a course that must be passed
    shops.template(shops.pool(world.variant, "41.00", "45.00"))
    course = Course.objects.create(code="basics", name="微店入门", required_for=[ChannelType.MICRO_SHOP])

    # when: somebody applies over the API
    form = {
        "name": "王小店", "idNumber": shops.id_number(), "mobile": shops.mobile(), "community": "民生社区",
        "branchCode": "B111", "consent": True,
    }  # fmt: skip
    made = shops.send(APPLY, {"input": form, "photo": None}, {"photo": shops.upload()})["shopApply"]

    # then
    assert made["errors"] == []
    assert made["application"]["status"] == "APPLIED" and made["application"]["branch"] == "甲县一支局"
    channel = Channel.objects.get()
    assert (channel.unit, channel.type) == (org["B111"], ChannelType.MICRO_SHOP)
    assert bytes(Photo.objects.get().content)[:2] == b"\xff\xd8"

    # when: the branch visits and submits, the county approves
    visited(channel, liaison)
    request = submit_channel(channel, liaison, "建议开店")
    approve(request, county, "同意")

    # then: in training, with a shop of the template's goods, the price moved into the band
    channel = Channel.objects.get()
    assert channel.status == ChannelStatus.TRAINING
    offer = Shop.objects.get().offers.get()
    assert (str(offer.price), offer.goods.variant) == ("41.00", world.variant)
    assert Shop.objects.get().name == "民生社区邮政微店"
    assert Application.objects.get().decision == "同意"

    # when: not yet trained, not yet signed
    for code, settle in (
        (ChannelErrorCode.TRAINING_MISSING, lambda: record_exam(channel, course, 85)),
        (ChannelErrorCode.AGREEMENT_MISSING, lambda: signed(channel)),
    ):
        with pytest.raises(ChannelError) as refusal:
            change_state(channel, "begin_trial", reason="")
        assert refusal.value.code == code
        settle()
    change_state(channel, "begin_trial", reason="")
    change_state(channel, "confirm", reason="试营一月，达标")

    # then
    channel = Channel.objects.get()
    assert (channel.status, channel.opened_on) == (ChannelStatus.ACTIVE, today())
    assert [one.transition for one in history(channel)] == ["submit", "admit", "begin_trial", "confirm"]
    assert AuditEntry.objects.filter(action="channels.moved", subject_id=str(channel.pk)).count() == 4


@pytest.mark.parametrize("kind", [ChannelType.STATION, ChannelType.AGENT])
def test_who_sells_in_his_own_name_gets_goods(
    org: dict[str, OrgUnit], world: World, liaison: User, county: User, kind: ChannelType
) -> None:
    # given: written down by the staff, visited
    shops.template(shops.pool(world.variant, "41.00", "45.00"))
    channel = shops.channel(org["B111"], type=kind, name="一号村邮站", status=ChannelStatus.APPLIED)
    visited(channel, liaison)

    # when
    approve(submit_channel(channel, liaison), county, "同意")

    # then: the template's goods under the name it signed with
    shop = Shop.objects.get(channel=channel)
    assert (shop.name, shop.offers.get().goods.variant) == ("一号村邮站", world.variant)


def test_nobody_submits_what_nobody_recommended(applied: Channel, liaison: User) -> None:
    # when / then
    with pytest.raises(ChannelError) as refusal:
        submit_channel(applied, liaison)
    assert refusal.value.code == ChannelErrorCode.VISIT_MISSING

    # given: the later visit counts
    visited(applied, liaison)
    visited(applied, liaison, VisitResult.REJECT)
    with pytest.raises(ChannelError) as refusal:
        submit_channel(applied, liaison)
    assert refusal.value.code == ChannelErrorCode.VISIT_MISSING
    assert Channel.objects.get().status == ChannelStatus.APPLIED


def test_the_county_says_no_and_the_same_person_may_apply_again(
    applied: Channel, liaison: User, county: User
) -> None:
    # given
    visited(applied, liaison)
    request = submit_channel(applied, liaison)

    # when
    reject(request, county, "同一小区已有微店")

    # then
    assert Channel.objects.get().status == ChannelStatus.LEFT
    assert Application.objects.get().decision == "同一小区已有微店"
    again_applied = apply(applicant(), [shops.upload()])
    assert again_applied.channel_id != applied.pk


def test_whoever_submits_does_not_decide_and_may_take_it_back(applied: Channel, liaison: User) -> None:
    # given
    visited(applied, liaison)
    request = submit_channel(applied, liaison)

    # when / then
    from plugins.approvals.interfaces import ApprovalError

    with pytest.raises(ApprovalError):
        approve(request, again(liaison))
    withdraw(request, liaison, "补充照片")
    assert Channel.objects.get().status == ChannelStatus.APPLIED
    assert open_request(applied) is None


def test_the_same_form_twice_is_one_application(org: dict[str, OrgUnit]) -> None:
    # when
    first = apply(applicant(), [shops.upload()])
    second = apply(applicant(name="王小店 "), [shops.upload()])

    # then
    assert first.number == second.number
    assert Channel.objects.count() == Application.objects.count() == 1


def test_the_same_person_under_another_telephone_is_refused(org: dict[str, OrgUnit]) -> None:
    # given
    apply(applicant(), [shops.upload()])

    # when / then
    with pytest.raises(ChannelError) as refusal:
        apply(applicant(mobile="13900000009"), [shops.upload()])
    assert refusal.value.code == ChannelErrorCode.ALREADY_APPLIED


BAD = {
    "id check digit": ({"id_number": shops.id_number()[:-1] + "5"}, "ID_NUMBER_INVALID", "id_number"),
    "id too short": ({"id_number": "50010319900101"}, "ID_NUMBER_INVALID", "id_number"),
    "id full-width digits": ({"id_number": "５" * 18}, "ID_NUMBER_INVALID", "id_number"),
    "no such birthday": ({"id_number": shops.id_number(born="19900231")}, "ID_NUMBER_INVALID", "id_number"),
    "a child": ({"id_number": shops.id_number(born=f"{today().year - 10}0101")}, "UNDER_AGE", "id_number"),
    "landline": ({"mobile": "02312345678"}, "MOBILE_INVALID", "mobile"),
    "no name": ({"name": "  "}, "REQUIRED", "name"),
    "long name": ({"name": "王" * 61}, "INVALID", "name"),
    "no community": ({"community": ""}, "REQUIRED", "community"),
    "no consent": ({"consent": False}, "CONSENT_REQUIRED", "consent"),
    "no branch": ({"branch_code": ""}, "REQUIRED", "branch_code"),
    "unknown branch": ({"branch_code": "B999"}, "UNIT_CLOSED", "branch_code"),
    "an outlet": ({"branch_code": "O1111"}, "UNIT_CLOSED", "branch_code"),
}


@pytest.mark.parametrize(("changes", "code", "field"), BAD.values(), ids=BAD.keys())
def test_bad_forms_name_the_field_and_leave_nothing(
    org: dict[str, OrgUnit], changes: dict[str, Any], code: str, field: str
) -> None:
    # when
    with pytest.raises(ChannelError) as refusal:
        apply(applicant(**changes), [shops.upload()])

    # then
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not Channel.objects.exists()


PHOTOS = {
    "none": ([], "REQUIRED"),
    "text": ([shops.upload(b"not a picture")], "PHOTO_INVALID"),
    "half a picture": ([shops.upload(shops.picture(400, 300)[:200])], "PHOTO_INVALID"),
    "svg": ([shops.upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>")], "PHOTO_INVALID"),
    "too large": ([shops.upload(b"0" * (8 * 1024 * 1024 + 1))], "PHOTO_TOO_LARGE"),
    "too many": ([shops.upload() for _ in range(7)], "PHOTO_INVALID"),
    "too many pixels": ([shops.upload(shops.picture(8000, 6000))], "PHOTO_TOO_LARGE"),
}


@pytest.mark.parametrize(("photos", "code"), PHOTOS.values(), ids=PHOTOS.keys())
def test_bad_photos_are_refused(org: dict[str, OrgUnit], photos: list[Any], code: str) -> None:
    # when / then
    with pytest.raises(DomainError) as refusal:
        apply(applicant(), photos)
    assert refusal.value.code == code
    assert not Channel.objects.exists()


def test_a_photo_loses_what_the_camera_noted(org: dict[str, OrgUnit]) -> None:
    # given: a large photo with a position in it
    import io

    from PIL import Image

    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "somebody's camera"
    Image.new("RGB", (3000, 1500)).save(out, "JPEG", exif=exif)

    # when
    apply(applicant(), [shops.upload(out.getvalue())])

    # then
    kept = Photo.objects.get()
    assert (kept.width, kept.height) == (1280, 640)
    assert not Image.open(io.BytesIO(bytes(kept.content))).getexif()


def test_who_somebody_is_stands_encrypted(applied: Channel) -> None:
    # given
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT owner_mobile, owner_id_number FROM o2o_channels_channel")
        [row] = cursor.fetchall()

    # then
    assert shops.mobile() not in row[0] and shops.id_number() not in row[1]
    assert Channel.objects.get().masked_owner == "王** 138****0001"
    assert Channel.objects.get().masked_id_number.startswith("500***")
    lines = str(list(AuditEntry.objects.values_list("after", flat=True)))
    assert shops.mobile() not in lines and shops.id_number() not in lines


def test_too_many_applications_from_one_place(org: dict[str, OrgUnit]) -> None:
    # given
    from saleor_o2o.kernel.request import bind_request

    with bind_request(ip="10.0.0.1"):
        for _ in range(20):
            with pytest.raises(ChannelError) as refusal:
                apply(applicant(name=""), [])
            assert refusal.value.code == ChannelErrorCode.REQUIRED

        # when / then
        with pytest.raises(ChannelError) as refusal:
            apply(applicant(), [shops.upload()])
    assert refusal.value.code == ChannelErrorCode.TOO_MANY_REQUESTS


def test_a_visit_says_what_it_found(applied: Channel, liaison: User) -> None:
    # given
    staff = liaison.o2o_staff
    cases = (
        (VisitKind.OPENING, VisitResult.RECOMMEND, " ", "REQUIRED"),
        (VisitKind.OPENING, VisitResult.GOOD, "好", "INVALID"),
        (VisitKind.ROUTINE, VisitResult.RECOMMEND, "好", "INVALID"),
        ("other", VisitResult.GOOD, "好", "INVALID"),
        (VisitKind.ROUTINE, VisitResult.GOOD, "好" * 501, "INVALID"),
    )
    for kind, result, findings, code in cases:
        # when / then
        with pytest.raises(ChannelError) as refusal:
            record_visit(applied, staff, kind, result, findings)
        assert refusal.value.code == code
    assert not Visit.objects.exists()


def test_a_planned_visit_is_fulfilled_once(applied: Channel, liaison: User) -> None:
    # given
    plan = plan_visit(applied, VisitKind.OPENING, today(), liaison.o2o_staff)
    arguments = (applied, liaison.o2o_staff, VisitKind.OPENING, VisitResult.RECOMMEND, "好")
    record_visit(*arguments, plan=plan)

    # when / then
    assert Visit.objects.get().done_at is not None
    with pytest.raises(ChannelError):
        record_visit(*arguments, plan=Visit.objects.get())
    with pytest.raises(ChannelError):
        plan_visit(applied, VisitKind.ROUTINE, today() - timedelta(days=1))


def test_whoever_goes_there_has_done_what_was_planned(applied: Channel, liaison: User) -> None:
    # given: two plans to look at the applicant, and one of another kind
    staff = liaison.o2o_staff
    later = plan_visit(applied, VisitKind.OPENING, today() + timedelta(days=3), staff)
    sooner = plan_visit(applied, VisitKind.OPENING, today(), staff)
    routine = plan_visit(applied, VisitKind.ROUTINE, today(), staff)

    # when: written down on the channel's page, without naming a plan
    made = record_visit(applied, staff, VisitKind.OPENING, VisitResult.RECOMMEND, "好")

    # then
    assert (made.pk, made.planned_on) == (sooner.pk, today())
    waiting = Visit.objects.filter(done_at__isnull=True)
    assert set(waiting.values_list("pk", flat=True)) == {later.pk, routine.pk}

    # when: nothing of the kind is planned
    record_visit(applied, staff, VisitKind.PROBLEM, VisitResult.GOOD, "已改")
    # then
    assert Visit.objects.count() == 4


def test_plans_that_nobody_can_fulfil_do_not_wait(applied: Channel, liaison: User) -> None:
    # given: to look at an applicant, to go to a shop
    from plugins.channels.todo import todo

    shop = shops.channel(applied.unit)
    plan_visit(applied, VisitKind.OPENING, today(), liaison.o2o_staff)
    plan_visit(shop, VisitKind.ROUTINE, today(), liaison.o2o_staff)
    assert [one.title for one in todo(liaison)] == [
        "走访开店申请：民生社区微店", "拜访：民生社区微店", f"拜访：{shop.name}",
    ]  # fmt: skip

    # when: the one was decided, the other has left
    Channel.objects.filter(pk=applied.pk).update(status=ChannelStatus.TRAINING)
    Channel.objects.filter(pk=shop.pk).update(status=ChannelStatus.LEFT)

    # then
    assert todo(again(liaison)) == []


def test_a_station_that_applies_waits_for_its_visit_too(org: dict[str, OrgUnit], liaison: User) -> None:
    # given: written down by the staff; the company's own machine needs nobody to look
    from plugins.channels.todo import todo

    shops.channel(org["B111"], type=ChannelType.STATION, name="一号村邮站", status=ChannelStatus.APPLIED)
    shops.channel(org["B111"], type=ChannelType.KIOSK, name="一号机", status=ChannelStatus.APPLIED)

    # then
    assert [one.title for one in todo(liaison)] == ["走访开店申请：一号村邮站"]


def test_failed_examinations_do_not_count(org: dict[str, OrgUnit]) -> None:
    # given
    channel = shops.channel(org["B111"], status=ChannelStatus.TRAINING)
    course = Course.objects.create(code="basics", name="微店入门", required_for=[ChannelType.MICRO_SHOP])
    Course.objects.create(code="old", name="旧课", required_for=[ChannelType.MICRO_SHOP], is_active=False)

    # when
    record_exam(channel, course, 79)

    # then
    assert missing_courses(channel) == [course]
    record_exam(channel, course, 80)
    assert missing_courses(channel) == []
    for score in (-1, 101):
        with pytest.raises(ChannelError):
            record_exam(channel, course, score)


MOVES = ("submit", "send_back", "admit", "refuse", "begin_trial", "confirm", "pause", "resume", "leave")
TABLE = {
    ("applied", "submit"): "review", ("applied", "refuse"): "left",
    ("review", "send_back"): "applied", ("review", "admit"): "training", ("review", "refuse"): "left",
    ("training", "begin_trial"): "trial", ("training", "leave"): "left",
    ("trial", "confirm"): "active", ("trial", "pause"): "paused", ("trial", "leave"): "left",
    ("active", "pause"): "paused", ("active", "leave"): "left",
    ("paused", "resume"): "active", ("paused", "leave"): "left",
}  # fmt: skip


@pytest.mark.parametrize("state", ChannelStatus.values)
def test_every_move_from_every_state(org: dict[str, OrgUnit], state: str) -> None:
    # given: the company's own kind, which needs neither visit nor papers
    for name in MOVES:
        channel = shops.channel(org["B111"], type=ChannelType.KIOSK, status=state, owner_id_index="")
        if (state, name) in TABLE:
            # when / then
            change_state(channel, name, reason="测试")
            assert Channel.objects.get(pk=channel.pk).status == TABLE[state, name]
        else:
            with pytest.raises(IllegalMove):
                change_state(channel, name, reason="测试")
            assert Channel.objects.get(pk=channel.pk).status == state


def test_a_pause_during_the_trial_ends_in_the_trial(org: dict[str, OrgUnit]) -> None:
    # given
    channel = shops.channel(org["B111"], status=ChannelStatus.TRIAL)

    # when
    change_state(channel, "pause", reason="店主生病")
    change_state(channel, "resume", reason="")

    # then
    assert Channel.objects.get().status == ChannelStatus.TRIAL


@pytest.mark.parametrize("name", ["pause", "leave"])
def test_a_reason_is_asked_for(org: dict[str, OrgUnit], name: str) -> None:
    # when / then
    with pytest.raises(ChannelError) as refusal:
        change_state(shops.channel(org["B111"]), name, reason=" ")
    assert (refusal.value.code, refusal.value.field) == (ChannelErrorCode.REQUIRED, "reason")


def test_what_waits_for_the_liaison(applied: Channel, liaison: User, abroad: User) -> None:
    # given
    from plugins.channels.todo import todo

    plan_visit(shops.channel(applied.unit), VisitKind.ROUTINE, today(), liaison.o2o_staff)

    # then
    assert [one.title for one in todo(liaison)] == ["走访开店申请：民生社区微店", "拜访：测试微店2"]
    assert todo(abroad) == []

    # when
    visited(applied, liaison)

    # then
    assert [one.title for one in todo(again(liaison))] == ["拜访：测试微店2"]


def test_who_sits_above_hears_of_late_visits(
    org: dict[str, OrgUnit], applied: Channel, liaison: User
) -> None:
    # given: a shop to visit, a visit planned for today
    from plugins.channels.todo import todo

    county = person(org["C11"], "over", ["channel.view", "channel.visit"])
    plan_visit(shops.channel(applied.unit), VisitKind.ROUTINE, today(), liaison.o2o_staff)

    # then
    assert todo(county) == []

    # when
    with frozen(now() + timedelta(days=4)):
        late = [one.title for one in todo(again(county))]

    # then
    assert late == ["走访开店申请：民生社区微店", "拜访：测试微店2"]


def test_whoever_leaves_hands_over_his_shops(applied: Channel, liaison: User, county: User) -> None:
    # given
    from plugins.channels.holdings import _held

    Channel.objects.update(liaison=liaison.o2o_staff)
    [held] = _held(liaison.o2o_staff, "channels.liaison", "liaison", "店主联络")

    # when
    assert held.hand is not None
    held.hand(county.o2o_staff, "调离")

    # then
    assert Channel.objects.get().liaison == county.o2o_staff
    assert _held(liaison.o2o_staff, "channels.liaison", "liaison", "店主联络") == []
