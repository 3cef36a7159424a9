"""Pictures: checked before they are sent, uploaded once, found again after a lost answer, deleted on both sides."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from saleor.account.models import User

from plugins.official_account.client import call
from plugins.official_account.errors import OfficialAccountError
from plugins.official_account.models import Account, Fan, Material, Reply
from plugins.official_account.services import materials, replies, talking
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import NotAllowed
from sandbox.client import SandboxClient

from .line import Line

pytestmark = pytest.mark.django_db


def picture(kind: str = "PNG", colour: str = "red", size: tuple[int, int] = (300, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def kept(control: SandboxClient) -> list[dict[str, Any]]:
    return control.call("GET", "/official_account/materials")["materials"]


def ready(editor: User, account: Account, name: str = "海报", **more: Any) -> Material:
    made = materials.add_material(editor, account.pk, name, picture(**more))
    materials.drive(made.pk)
    return Material.objects.get(pk=made.pk)


@pytest.mark.parametrize(
    ("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("BMP", "bmp")]
)
def test_uploaded_once_and_kept_small(
    account: Account, control: SandboxClient, editor: User, kind: str, ending: str
) -> None:
    # when
    made = ready(editor, account, kind=kind)
    materials.drive(made.pk)

    # then
    [there] = kept(control)
    assert (made.state, made.media_id, made.content) == ("ready", there["media_id"], None)
    assert (there["name"], there["size"]) == (f"o2o-{made.pk}-{made.digest[:8]}.{ending}", made.size)
    assert Image.open(io.BytesIO(bytes(made.thumb))).size == (240, 160)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "PICTURE_INVALID"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PICTURE_INVALID"),
        (b"GIF89a" + b"\0" * 20, "PICTURE_INVALID"),
        (picture()[:60], "PICTURE_INVALID"),
        (picture("TIFF"), "PICTURE_INVALID"),
        (b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024), "PICTURE_TOO_LARGE"),
    ],
)
def test_what_is_no_picture_for_wechat(
    account: Account, control: SandboxClient, editor: User, content: bytes, code: str
) -> None:
    # when
    with pytest.raises(OfficialAccountError) as refusal:
        materials.add_material(editor, account.pk, "海报", content)

    # then
    assert (refusal.value.code.value, refusal.value.field) == (code, "file")
    assert Material.objects.count() == 0 and kept(control) == []


def test_the_same_picture_is_not_taken_twice(account: Account, control: SandboxClient, editor: User) -> None:
    # given
    ready(editor, account)

    # then
    with pytest.raises(OfficialAccountError) as refusal:
        materials.add_material(editor, account.pk, "又一张", picture())
    assert refusal.value.code.value == "PICTURE_TWICE"


def test_a_lost_answer_is_found_again(account: Account, control: SandboxClient, editor: User) -> None:
    # given: WeChat has it, its answer is lost
    made = materials.add_material(editor, account.pk, "海报", picture())
    control.fault("material_add", "answer_lost", system="official_account")
    materials.drive(made.pk)
    assert Material.objects.get().result == "暂时连不上微信（HTTP_502）。请过几分钟再试"

    # when
    Material.objects.update(next_at=now())
    assert materials.drive_due() == 1

    # then
    [there] = kept(control)
    made = Material.objects.get(pk=made.pk)
    assert (made.state, made.media_id) == ("ready", there["media_id"])


def test_silence_and_refusal_are_told_and_can_be_tried_again(
    account: Account, control: SandboxClient, editor: User, abroad: User
) -> None:
    # given
    made = materials.add_material(editor, account.pk, "海报", picture())
    control.fault("material_add", "http_500", system="official_account", times=None)
    for _number in range(7):
        Material.objects.update(next_at=now())
        materials.drive_due()
    made = Material.objects.get(pk=made.pk)
    assert (made.state, made.attempts) == ("failed", 5)

    # when
    control.clear_faults()
    with pytest.raises(NotAllowed):
        materials.ask_again(abroad, made.pk)
    materials.ask_again(editor, made.pk)
    materials.drive(made.pk)

    # then
    made = Material.objects.get(pk=made.pk)
    assert (made.state, len(kept(control))) == ("ready", 1)
    control.fault("material_add", "error", system="official_account", code="40009")
    other = materials.add_material(editor, account.pk, "另一张", picture(colour="blue"))
    materials.drive(other.pk)
    other = Material.objects.get(pk=other.pk)
    assert (other.state, other.result) == ("failed", "图片太大（40009）。图片最大 10 MB")


def test_deleted_on_both_sides_unless_in_use(
    account: Account, control: SandboxClient, editor: User, abroad: User
) -> None:
    # given
    made = ready(editor, account)
    values = {
        "trigger": "exact",
        "words": ["海报"],
        "form": "image",
        "media_id": made.media_id,
        "is_active": True,
    }
    rule = replies.save_reply(editor, account.pk, values)
    with pytest.raises(NotAllowed):
        materials.ask_remove(abroad, made.pk)
    with pytest.raises(OfficialAccountError) as refusal:
        materials.ask_remove(editor, made.pk)
    assert refusal.value.code.value == "MATERIAL_USED"

    # when
    replies.delete_reply(editor, rule.pk)
    materials.ask_remove(editor, made.pk)
    materials.drive(made.pk)

    # then: and the same picture may come again
    made = Material.objects.get(pk=made.pk)
    assert (made.state, made.thumb, kept(control)) == ("gone", None, [])
    assert ready(editor, account).state == "ready"


def test_what_the_console_did_is_brought_in(account: Account, control: SandboxClient, editor: User) -> None:
    # given: more than a page uploaded in WeChat's console, one of ours deleted there
    mine = ready(editor, account)
    call(account, lambda api: api.material.delete(mine.media_id))
    for number in range(23):
        call(
            account,
            lambda api, n=number: api.material.add("image", (f"console{n}.png", picture(), "image/png")),
        )

    # when
    first, second = materials.sync_materials(account), materials.sync_materials(account)

    # then
    assert (first, second) == ((23, 1), (0, 0))
    mine = Material.objects.get(pk=mine.pk)
    assert mine.state == "gone"
    assert set(Material.objects.filter(state="ready").values_list("name", flat=True)) == {
        f"console{number}.png" for number in range(23)
    }


def test_a_foreign_picture_is_not_answered_with(
    account: Account, control: SandboxClient, editor: User
) -> None:
    # when
    values = {
        "trigger": "exact",
        "words": ["海报"],
        "form": "image",
        "media_id": "made-up",
        "is_active": True,
    }
    with pytest.raises(OfficialAccountError) as refusal:
        replies.save_reply(editor, account.pk, values)

    # then
    assert (refusal.value.field, Reply.objects.count()) == ("media_id", 0)


def test_sent_in_a_talk_and_shown_on_the_telephone(line: Line, account: Account, editor: User) -> None:
    # given
    from tests.orgs import person

    made = ready(editor, account)
    line.does("follow")
    line.does("picture")
    fan = Fan.objects.get()
    clerk = person(account.unit, "clerk", ["wechat_talk.view", "wechat_talk.answer"])

    # when
    message = talking.say(clerk, fan.pk, "image", {"material": made.pk}, "k1")
    talking.drive(message.pk)

    # then
    shown = line.messages()[-1]
    assert (shown["kind"], shown["media_id"]) == ("image", made.media_id)
    browser = Client()
    browser.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    thumb = browser.get(reverse("admin:o2o_official_account_material_thumb", args=[made.pk]))
    assert (thumb.status_code, thumb["Content-Type"]) == (200, "image/jpeg")
    assert browser.get(reverse("admin:o2o_official_account_material_changelist")).status_code == 403


def test_pages_of_pictures(account: Account, control: SandboxClient, editor: User, abroad: User) -> None:
    # given
    browser, stranger = Client(), Client()
    browser.force_login(editor, backend="django.contrib.auth.backends.ModelBackend")
    stranger.force_login(abroad, backend="django.contrib.auth.backends.ModelBackend")

    def at(name: str, *args: Any) -> str:
        return reverse(f"admin:o2o_official_account_material_{name}", args=args)

    def sent(content: bytes) -> Any:
        file = SimpleUploadedFile("海报.png", content, "image/png")
        return browser.post(at("upload"), {"account": account.pk, "name": "端午海报", "file": file})

    # when
    wrong, right = sent(b"no picture"), sent(picture())
    made = Material.objects.get()
    materials.drive(made.pk)
    synced = browser.post(at("sync"), {"account": account.pk})

    # then
    assert wrong.status_code == 200 and "这不是微信支持的图片" in wrong.content.decode()
    assert "端午海报" in wrong.content.decode() and "multipart/form-data" in wrong.content.decode()
    assert (right.status_code, synced.status_code) == (302, 302)
    for name in ("change", "thumb"):
        assert browser.get(at(name, made.pk)).status_code == 200
        assert stranger.get(at(name, made.pk)).status_code == 404
    assert stranger.post(at("remove", made.pk), {"do": "1"}).status_code == 404
    assert browser.get(at("changelist")).status_code == 200
    assert browser.post(at("remove", made.pk), {"do": "1"}).status_code == 302
