"""A voucher as a PDF file: A5, for a printer or to be kept on a phone.

The font is a name that readers know (`STSong-Light`, one of the fonts that PDF readers bring for Chinese), so that no
font has to be installed where the platform runs, and the file stays at a few kilobytes.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import segno
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor, black
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from ..models import Voucher
from .printing import Paper, paper_of

FONT = "STSong-Light"
MARGIN = 14 * mm
SIDE = 60 * mm
#: What the library leaves free inside a frame.
PADDING = 6
WIDTH = A5[0] - 2 * MARGIN - 2 * PADDING
LABELS = 24 * mm
_GREY, _RED = HexColor("#555555"), HexColor("#b91c1c")
pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def _style(size: int, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        f"s{size}", fontName=FONT, fontSize=size, leading=size * 1.5, wordWrap="CJK", **more
    )


_TITLE, _WORDS, _NOTE = _style(17, spaceAfter=4 * mm), _style(11), _style(9, textColor=_GREY)
_LABEL = _style(11, textColor=_GREY)
_CODE = _style(20, alignment=1)
_VOID = _style(18, alignment=1, textColor=_RED)


class _Square(Flowable):
    """A QR code, drawn as vectors: sharp on any printer."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=2))
        self.width = self.height = SIDE
        self.hAlign = "CENTER"

    def draw(self) -> None:
        """Modules side by side are one bar."""
        step = SIDE / len(self.rows)
        self.canv.setFillColor(black)
        for y, row in enumerate(self.rows):
            start = None
            for x, dark in enumerate([*row, 0]):
                if dark and start is None:
                    start = x
                elif not dark and start is not None:
                    self.canv.rect(
                        start * step, SIDE - (y + 1) * step, (x - start) * step, step, stroke=0, fill=1
                    )
                    start = None


def pdf_of(voucher: Voucher) -> bytes:
    """The file of one voucher; it says what the printed page says."""
    paper = paper_of(voucher)
    out = BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A5, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=f"{voucher.title} {voucher.number}", author="", creator="", invariant=1,
    )  # fmt: skip
    document.build(_story(paper))
    return out.getvalue()


def _story(paper: Paper) -> list[Flowable]:
    rows = [
        [Paragraph(escape(label), _LABEL), Paragraph(escape(words), _WORDS)] for label, words in paper.rows
    ]
    facts = Table(rows, colWidths=[LABELS, WIDTH - LABELS], hAlign="LEFT")
    facts.setStyle(
        TableStyle([
            ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ])
    )  # fmt: skip
    story: list[Flowable] = [Paragraph(escape(paper.title), _TITLE), facts, Spacer(1, 4 * mm)]
    if paper.void:
        story.append(Paragraph(escape(str(_("已作废"))), _VOID))
    for one in paper.codes:
        if one.qr:
            story.append(_Square(one.qr))
        story.append(Paragraph(escape(one.shown), _CODE))
    story.append(Spacer(1, 4 * mm))
    story += [Paragraph(escape(note), _NOTE) for note in paper.notes]
    return story
