"""A channel's code, its address and its QR code."""

from __future__ import annotations

import io

import segno
from django.conf import settings

from saleor_o2o.kernel.numbering import number_kind, short_code

APPLICATION = number_kind("shop_application", "WD")


def new_code() -> str:
    """A new channel's code: eight characters that survive handwriting; the column is unique."""
    return short_code(8)


def address_of(code: str) -> str:
    """Where a channel's QR code leads."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/channels/s/{code}"


def qr_svg(code: str, scale: int = 8) -> bytes:
    """The QR code of a channel's address as SVG, error correction M: it is printed and put behind glass."""
    out = io.BytesIO()
    segno.make(address_of(code), error="m", micro=False).save(out, kind="svg", scale=scale, border=2)
    return out.getvalue()


def qr_png(code: str, scale: int = 12) -> bytes:
    """The same as PNG, for printing."""
    out = io.BytesIO()
    segno.make(address_of(code), error="m", micro=False).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()
