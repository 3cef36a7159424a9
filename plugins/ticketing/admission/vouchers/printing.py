"""A voucher on paper: a page that a browser prints, or a PDF file; found by links that are good for an hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO

import segno
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..models import Voucher
from ..trade_words import words_of
from .entry import EntryCode, entry_of
from .validity import valid_words

GOOD = 3600
_SALT = "ticketing.voucher_print"


@dataclass(frozen=True, slots=True)
class Paper:
    """What a voucher's paper says: `void` where it lets nobody in; else its codes, some without a picture."""

    title: str
    rows: tuple[tuple[str, str], ...]
    void: bool
    codes: tuple[EntryCode, ...] = field(repr=False)
    notes: tuple[str, ...]


def paper_of(voucher: Voucher) -> Paper:
    """The words of one voucher. A rotating code is not printed: only the short code, which a clerk types. What a
    supplier's gate lets in by is printed as the supplier's."""
    entry = entry_of(voucher)
    people = _("有效期内不限次数，每日一次") if voucher.unlimited else str(voucher.uses)
    notes = [
        _("凭景区的入园码（二维码或数字）入园，一码一用，请勿转发、拍照外传。")
        if entry.theirs
        else _("凭二维码或入场码入场，一码一用，请勿转发、拍照外传。")
    ]
    if voucher.on_paper:
        notes = [_("先到换票窗口凭本码或证件换取纸票，凭纸票入场；本页不能入场。")]
    if voucher.rotating and not entry.theirs and voucher.void_at is None:
        notes.insert(0, _("本场使用动态二维码，请打开手机上的订单出示；纸上的入场码由检票员输入。"))
    if voucher.needs_document:
        notes.append(_("入场须出示购票时登记的证件。"))
    return Paper(
        voucher.title,
        (
            *((str(label), str(words)) for label, words in words_of(voucher.ticket_order)),
            (_("有效期"), valid_words(voucher)),
            *entry.words, (_("人次"), people), (_("凭证号"), voucher.number),
        ),
        voucher.void_at is not None,
        entry.codes,
        tuple(notes),
    )  # fmt: skip


def print_url(voucher: Voucher) -> str:
    """The address of the page: it says neither the code nor whose it is."""
    return _url("ticketing_voucher_print", voucher)


def pdf_url(voucher: Voucher) -> str:
    """The address of the file, as the page's."""
    return _url("ticketing_voucher_pdf", voucher)


def _url(name: str, voucher: Voucher) -> str:
    token = signing.dumps(voucher.pk, salt=_SALT)
    return f"{settings.PUBLIC_URL}{reverse(name, args=[token])}"


def qr_svg(text: str, scale: int = 4) -> str:
    """A QR code as SVG, dark on white."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", scale=scale, border=2, xmldecl=False, svgns=True
    )
    return out.getvalue().decode()


@require_safe
def print_page(request: HttpRequest, token: str) -> HttpResponse:
    """The page."""
    return _private(HttpResponse(render(_found(token))))


@require_safe
def pdf_file(request: HttpRequest, token: str) -> HttpResponse:
    """The file."""
    return _private(as_file(_found(token)))


def as_file(voucher: Voucher) -> HttpResponse:
    """The file of a voucher as an answer, named by its number."""
    from .pdf import pdf_of  # the library is read when somebody wants a file

    headers = {"Content-Disposition": f'inline; filename="{voucher.number}.pdf"'}
    return HttpResponse(pdf_of(voucher), content_type="application/pdf", headers=headers)


def _found(token: str) -> Voucher:
    try:
        pk = signing.loads(token, salt=_SALT, max_age=GOOD)
    except signing.BadSignature:
        raise Http404 from None
    voucher = Voucher.objects.select_related("ticket_order__supplier", "product").filter(pk=pk).first()
    if voucher is None:
        raise Http404
    return voucher


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"], answer["Referrer-Policy"] = "no-store", "no-referrer"
    return answer


def render(voucher: Voucher) -> str:
    """The page of one voucher."""
    paper = paper_of(voucher)
    # segno's own drawing of a code: squares, whatever the code says
    codes = [(one.shown, mark_safe(qr_svg(one.qr)) if one.qr else "") for one in paper.codes]  # noqa: S308
    return render_to_string("o2o_admission/voucher_print.html", {"paper": paper, "codes": codes})
