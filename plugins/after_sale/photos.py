"""Photographs from outside: looked at, turned upright, made smaller, encoded anew, without what the camera noted."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import AfterSaleError, AfterSaleErrorCode

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_EDGE = 1280
MAX_COUNT = 6
FORMATS = ("JPEG", "PNG", "WEBP")


class Clean(NamedTuple):
    """A JPEG of ours."""

    content: bytes
    width: int
    height: int


def clean_photo(upload: Any, field: str = "photo") -> Clean:
    """Return an uploaded file (with `size` and `read()`) as a JPEG of at most 1280 pixels an edge.

    Raises AfterSaleError: larger than 8 MB, no picture, more than 40 megapixels.
    """
    if upload.size > MAX_BYTES:
        raise AfterSaleError(AfterSaleErrorCode.PHOTO_TOO_LARGE, _("照片不能超过 8 MB"), field)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(upload.read()), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise AfterSaleError(
                    AfterSaleErrorCode.PHOTO_TOO_LARGE, _("照片像素过大，请缩小后上传"), field
                )
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _not_a_picture(field) from error
    except Image.DecompressionBombWarning as error:
        raise AfterSaleError(
            AfterSaleErrorCode.PHOTO_TOO_LARGE, _("照片像素过大，请缩小后上传"), field
        ) from error
    upright.thumbnail((MAX_EDGE, MAX_EDGE))
    out = io.BytesIO()
    # A picture made of pixels alone: position, time and camera stay behind.
    Image.frombytes("RGB", upright.size, upright.tobytes()).save(out, "JPEG", quality=82)
    return Clean(out.getvalue(), *upright.size)


def clean_photos(uploads: Sequence[Any], field: str = "photos") -> list[Clean]:
    """Several; at most six. Raises AfterSaleError."""
    if len(uploads) > MAX_COUNT:
        raise AfterSaleError(AfterSaleErrorCode.PHOTO_INVALID, _("最多上传 6 张照片"), field)
    return [clean_photo(one, field) for one in uploads]


def _not_a_picture(field: str) -> AfterSaleError:
    return AfterSaleError(
        AfterSaleErrorCode.PHOTO_INVALID, _("照片无法识别"), field, _("请上传 JPG、PNG 或 WebP 格式的照片")
    )
