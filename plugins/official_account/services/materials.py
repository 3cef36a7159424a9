"""Pictures that WeChat keeps: checked here, uploaded by a task, found again when an answer is lost, deleted."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.kernel.sweeping import drive_each

from .. import audits
from ..client import call
from ..errors import Code, OfficialAccountError, WechatRefused, WechatSilent
from ..models import Account, Material, MaterialState, Reply
from ..permissions import CONTENT, require_at

#: Bytes that WeChat takes as a picture, and the kinds: Pillow's name → the ending.
MOST_BYTES = 10 * 1024 * 1024
KINDS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "BMP": "bmp"}
#: Pixels beyond which a picture is not opened.
MOST_PIXELS = 60_000_000
THUMB = 240
#: Tries against silence before a person is told; pictures that WeChat tells of at once, and how many pages are read.
MAX_ATTEMPTS, PAGE, MOST_PAGES = 5, 20, 250
#: Pages searched for a picture whose answer was lost: the newest come first.
SEARCHED = 3
BUSY = (MaterialState.UPLOADING, MaterialState.DELETING)
NO_SUCH_MEDIA = 40007


@transaction.atomic
def add_material(user: Any, account_pk: int, name: str, content: bytes) -> Material:
    """Take a picture in; a task uploads it. Locks: the account.

    Raises NotAllowed, OfficialAccountError PICTURE_INVALID, PICTURE_TOO_LARGE, PICTURE_TWICE, ACCOUNT_RETIRED, INVALID.
    """
    [account] = lock_rows(Account.objects.filter(pk=account_pk).select_related("unit"), no_key=True)
    require_at(user, CONTENT, account.unit)
    if not account.is_active:
        raise OfficialAccountError(Code.ACCOUNT_RETIRED, _("公众号已停用"), "account", _("请先恢复使用"))
    if not name.strip():
        raise OfficialAccountError(Code.INVALID, _("请填写名称"), "name")
    kind, thumb = checked_picture(content)
    try:
        with transaction.atomic():
            row = Material.objects.create(
                account=account, name=name.strip()[:60], digest=hashlib.sha256(content).hexdigest(), kind=kind,
                size=len(content), content=content, thumb=thumb, made_by=user, next_at=now(),
            )  # fmt: skip
    except IntegrityError as error:
        raise OfficialAccountError(
            Code.PICTURE_TWICE, _("这张图片已经上传过"), "file", _("请直接使用原来那张")
        ) from error
    audit.record(audits.MATERIAL_ADDED, row, after={"name": row.name, "size": row.size})
    pk = row.pk
    transaction.on_commit(lambda: _start(pk), robust=True)
    return row


def checked_picture(content: bytes) -> tuple[str, bytes]:
    """The ending that a picture deserves by its content, whatever it was called, and a small one for pages."""
    if len(content) > MOST_BYTES:
        raise OfficialAccountError(
            Code.PICTURE_TOO_LARGE, _("图片有 %(size).1f MB，微信最大 10 MB") % {"size": len(content) / 1024**2},
            "file", _("请压缩后再上传"),
        )  # fmt: skip
    try:
        with Image.open(io.BytesIO(content)) as picture:
            kind = KINDS.get(picture.format or "")
            if kind is None or picture.width * picture.height > MOST_PIXELS:
                raise ValueError(picture.format)
            small = picture.convert("RGB")
            small.thumbnail((THUMB, THUMB))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=80)
    except Exception as error:
        raise OfficialAccountError(
            Code.PICTURE_INVALID, _("这不是微信支持的图片"), "file", _("请用 JPG、PNG、GIF 或 BMP 图片")
        ) from error
    return kind, out.getvalue()


def ask_remove(user: Any, material_pk: int) -> None:
    """Have a picture deleted, at WeChat too; not while a rule answers with it. Locks: account, picture.

    Raises NotAllowed, IllegalMove, OfficialAccountError MATERIAL_USED.
    """
    with transaction.atomic():
        row = _mine(user, material_pk)
        used = (
            Reply.objects.filter(account_id=row.account_id, media_id=row.media_id)
            .exclude(media_id="")
            .first()
        )
        if used is not None:
            raise OfficialAccountError(
                Code.MATERIAL_USED, _("自动回复“%(rule)s”正在使用这张图片") % {"rule": used}, None,
                _("请先修改那条回复"),
            )  # fmt: skip
        move_locked(row, "remove")
        audit.record(audits.MATERIAL_REMOVED, row, before={"name": row.name})
        transaction.on_commit(lambda: _start(material_pk), robust=True)


def ask_again(user: Any, material_pk: int) -> None:
    """Try once more to upload. Locks: account, picture. Raises NotAllowed, IllegalMove."""
    with transaction.atomic():
        row = _mine(user, material_pk)
        move_locked(row, "again")
        transaction.on_commit(lambda: _start(material_pk), robust=True)


def drive(material_pk: int) -> None:
    """Upload or delete; repeating it changes nothing: what a lost answer left at WeChat is found by its name.

    Calls WeChat: no transaction may be open. Locks afterwards: the picture.
    """
    row = _taken(material_pk)
    if row is None:
        return
    uploading = row.state == MaterialState.UPLOADING
    try:
        told = _uploaded(row) if uploading else _deleted(row)
    except WechatRefused as refused:
        words = refused.in_words
        _settle(
            material_pk,
            row.state,
            lambda found: move_locked(found, "fail" if uploading else "keep", words=words),
        )
    except WechatSilent as silence:
        _later(material_pk, row.state, silence)
    else:
        if uploading:
            _settle(material_pk, row.state, lambda found: move_locked(found, "take", **told))
        else:
            _settle(material_pk, row.state, lambda found: move_locked(found, "vanish"))


def drive_due(limit: int = 50) -> int:
    """Pictures whose task was lost or which WeChat did not answer; returns how many."""
    due = Material.objects.filter(state__in=BUSY, next_at__lte=now()).order_by("next_at")
    return drive_each(due.values_list("pk", flat=True)[:limit], drive)


def sync_materials(account: Account) -> tuple[int, int]:
    """Bring in what was uploaded in WeChat's console, and forget what was deleted there: how many of each.

    Calls WeChat: no transaction may be open. Raises WechatRefused, WechatSilent; nothing is forgotten then.
    """
    begun, seen, new = now(), set(), 0
    for page in range(MOST_PAGES):
        items = _listed(account, page)
        for one in items:
            seen.add(str(one["media_id"])[:128])
            new += _known_here(account, one)
        if len(items) < PAGE:
            break
    else:  # more than we read: nothing is known of the rest
        return new, 0
    gone = account.materials.filter(state=MaterialState.READY, created_at__lt=begun).exclude(
        media_id__in=seen
    )
    with transaction.atomic():
        rows = lock_rows(gone)
        for row in rows:
            move_locked(row, "vanish")
    return new, len(rows)


def _known_here(account: Account, told: dict[str, Any]) -> int:
    media_id, name = str(told["media_id"])[:128], str(told.get("name") or "")
    if account.materials.filter(media_id=media_id).exists():
        return 0
    waiting = account.materials.filter(state=MaterialState.UPLOADING)
    if any(one.file_name == name for one in waiting):  # its own task finds it by its name
        return 0
    try:
        with transaction.atomic():
            row = Material.objects.create(account=account, name=name[:60] or media_id[:20], next_at=None)
            [row] = lock_rows(Material.objects.filter(pk=row.pk))
            move_locked(row, "take", media_id=media_id, url=str(told.get("url") or ""))
    except IntegrityError:  # somebody else has just found it
        return 0
    return 1


def _taken(material_pk: int) -> Material | None:
    with transaction.atomic():
        [row] = lock_rows(Material.objects.filter(pk=material_pk).select_related("account"))
        if row.state not in BUSY or row.next_at is None or row.next_at > now():
            return None
        # whoever dies now leaves it to the sweep, which looks whether it has arrived
        row.attempts, row.next_at = row.attempts + 1, now() + timedelta(seconds=15 * 2 ** (row.attempts + 1))
        row.save(update_fields=["attempts", "next_at"])
    return row


def _listed(account: Account, page: int) -> list[dict[str, Any]]:
    """A page of what WeChat has, the newest first."""
    told = call(account, lambda api: api.material.batchget("image", page * PAGE, PAGE))
    return [one for one in told.get("item", ()) if isinstance(one, dict) and one.get("media_id")]


def _uploaded(row: Material) -> dict[str, str]:
    if row.attempts > 1:
        for page in range(SEARCHED):
            for one in _listed(row.account, page):
                if one.get("name") == row.file_name:
                    return {"media_id": str(one["media_id"]), "url": str(one.get("url") or "")}
    content = bytes(row.content or b"")
    kinds = {"jpg": "image/jpeg"}
    file = (row.file_name, content, kinds.get(row.kind, f"image/{row.kind}"))
    made = call(row.account, lambda api: api.material.add("image", file))
    if not made.get("media_id"):
        raise WechatSilent("NO_MEDIA_ID")
    return {"media_id": str(made["media_id"]), "url": str(made.get("url") or "")}


def _deleted(row: Material) -> dict[str, str]:
    if row.media_id:
        try:
            call(row.account, lambda api: api.material.delete(row.media_id))
        except WechatRefused as refused:
            if refused.errcode != NO_SUCH_MEDIA:
                raise
    return {}


def _mine(user: Any, material_pk: int) -> Material:
    account_pk = Material.objects.values_list("account_id", flat=True).get(pk=material_pk)
    [account] = lock_rows(Account.objects.filter(pk=account_pk).select_related("unit"), no_key=True)
    require_at(user, CONTENT, account.unit)
    return lock_rows(Material.objects.filter(pk=material_pk))[0]


def _settle(material_pk: int, state: str, do: Any) -> None:
    with transaction.atomic():
        [row] = lock_rows(Material.objects.filter(pk=material_pk))
        if row.state == state:  # another worker has been told the same
            do(row)


def _later(material_pk: int, state: str, silence: WechatSilent) -> None:
    with transaction.atomic():
        [row] = lock_rows(Material.objects.filter(pk=material_pk))
        if row.state != state:
            return
        if row.attempts >= MAX_ATTEMPTS:
            move_locked(row, "fail" if state == MaterialState.UPLOADING else "keep", words=silence.in_words)
            return
        row.result = silence.in_words[:160]
        row.save(update_fields=["result"])


def _start(material_pk: int) -> None:
    from ..tasks import move_material

    move_material.delay(material_pk)
