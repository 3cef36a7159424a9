"""What people type, tidied and checked."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from ..errors import MapError, MapErrorCode

_SEPARATORS = re.compile(r"[,，、;；\n]+")


def tidy(value: Any, field: str, most: int, *, required: bool = False) -> str:
    """One line of text without needless blanks. Raises MapError REQUIRED, INVALID."""
    text = " ".join(str(value or "").split())
    if required and not text:
        raise MapError(MapErrorCode.REQUIRED, _("请填写此项"), field=field)
    if len(text) > most:
        raise MapError(MapErrorCode.INVALID, _("最多 %(most)s 个字") % {"most": most}, field=field)
    if not text.isprintable():
        raise MapError(MapErrorCode.INVALID, _("含有不可见的字符"), field=field)
    return text


def names_of(value: Any, field: str = "aliases") -> list[str]:
    """Names from a list or from `甲、乙`; each once, ten at most, two letters at least."""
    parts = _SEPARATORS.split(value) if isinstance(value, str) else list(value or ())
    names = list(dict.fromkeys(filter(None, (tidy(part, field, 60) for part in parts))))
    if len(names) > 10:
        raise MapError(MapErrorCode.INVALID, _("别名最多 10 个"), field=field)
    if any(len(name) < 2 for name in names):
        raise MapError(MapErrorCode.INVALID, _("别名至少两个字"), field=field)
    return names
