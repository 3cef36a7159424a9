"""Pictures of codes on tickets."""

from __future__ import annotations

from typing import Any

import segno
from django.utils.safestring import mark_safe


def qr(text: str) -> Any:
    """A QR code that is as large as where it stands, as SVG for a page.

    `text`: a code of ours or a supplier's; the picture is squares, whatever it says.
    """
    return mark_safe(segno.make(text, error="m", micro=False).svg_inline(omitsize=True, border=2))  # noqa: S308
