"""Photographs from outside: looked at, turned upright, made smaller, encoded anew, without what the camera noted."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import DomainError


class PhotoErrorCode(StrEnum):
    """Why a photograph was refused; plugins that take photographs have the same words among their codes."""

    PHOTO_INVALID = "PHOTO_INVALID"
    PHOTO_TOO_LARGE = "PHOTO_TOO_LARGE"


class PhotoError(DomainError):
    """A photograph that cannot be taken in."""


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

    Raises PhotoError: larger than 8 MB, no picture, more than 40 megapixels.
    """
    if upload.size > MAX_BYTES:
        raise PhotoError(PhotoErrorCode.PHOTO_TOO_LARGE, _("照片不能超过 8 MB"), field)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(upload.read()), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise PhotoError(PhotoErrorCode.PHOTO_TOO_LARGE, _("照片像素过大，请缩小后上传"), field)
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _not_a_picture(field) from error
    except Image.DecompressionBombWarning as error:
        raise PhotoError(PhotoErrorCode.PHOTO_TOO_LARGE, _("照片像素过大，请缩小后上传"), field) from error
    upright.thumbnail((MAX_EDGE, MAX_EDGE))
    out = io.BytesIO()
    # A picture made of pixels alone: position, time and camera stay behind.
    Image.frombytes("RGB", upright.size, upright.tobytes()).save(out, "JPEG", quality=82)
    return Clean(out.getvalue(), *upright.size)


def clean_photos(uploads: Sequence[Any], field: str = "photos") -> list[Clean]:
    """Several; at most six. Raises PhotoError."""
    if len(uploads) > MAX_COUNT:
        raise PhotoError(PhotoErrorCode.PHOTO_INVALID, _("最多上传 6 张照片"), field)
    return [clean_photo(one, field) for one in uploads]


def _not_a_picture(field: str) -> PhotoError:
    return PhotoError(
        PhotoErrorCode.PHOTO_INVALID, _("照片无法识别"), field, _("请上传 JPG、PNG 或 WebP 格式的照片")
    )
