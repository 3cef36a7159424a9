"""Pictures from outside: looked at, turned upright, made smaller, encoded anew, without what the camera noted."""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from .error_codes import CashierErrorCode as Code
from .errors import CashierError

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_EDGE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")


def clean_picture(upload: Any, field: str) -> bytes:
    """Return an uploaded file (with `size` and `read()`) as a JPEG of at most 1600 pixels an edge.

    Raises CashierError PICTURE_UNUSABLE: larger than 8 MB, no picture, more than 40 megapixels.
    """
    if getattr(upload, "size", MAX_BYTES + 1) > MAX_BYTES:
        raise CashierError(Code.PICTURE_UNUSABLE, field=field)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(upload.read()), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise CashierError(Code.PICTURE_UNUSABLE, field=field)
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise CashierError(Code.PICTURE_UNUSABLE, field=field) from error
    upright.thumbnail((MAX_EDGE, MAX_EDGE))
    out = io.BytesIO()
    # A picture made of pixels alone: position, time and camera stay behind.
    Image.frombytes("RGB", upright.size, upright.tobytes()).save(out, "JPEG", quality=82)
    return out.getvalue()
