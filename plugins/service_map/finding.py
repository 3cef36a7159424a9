"""Who serves an address: from data at hand, sharpened by the map provider where it answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .errors import MapError, MapErrorCode
from .lookup import locate
from .ports import NotConfigured, ProviderDown, ProviderLimit
from .serving import Basis, Serving, serve_at, unit_of_address

#: Below this an answer of the provider says no more than the county.
USABLE = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """The serving unit, and what the asker should know about how it was found."""

    serving: Serving
    note: str = ""


def serving_of_address(district: str, street: str, asker: str = "") -> Answer:
    """The unit that serves an address as written. May ask the provider: never call it under a lock.

    A community or town that we know is enough; else the provider is asked for the position; where it does not answer,
    the county is the answer, with a note. `asker` is counted (`kernel.pace.asker_of`).

    Raises MapError REQUIRED, NOT_SERVED.
    """
    if not district.strip():
        raise MapError(MapErrorCode.REQUIRED, _("请填写区县"), field="district")
    known = unit_of_address(district, street)
    if known is not None and known.basis is not Basis.COUNTY:
        return Answer(known)
    note = ""
    if street.strip():
        try:
            found = locate(street[:200], district[:40], asker=asker)
        except (ProviderDown, ProviderLimit, NotConfigured) as error:
            note = _("%(problem)s，先按行政区划回答") % {"problem": error.message}
        else:
            served = serve_at(found.lng, found.lat) if found and found.confidence >= USABLE else None
            if served is not None:
                return Answer(served)
    if known is not None:
        return Answer(known, note)
    raise MapError(
        MapErrorCode.NOT_SERVED, _("这个地址不在服务范围内"), field="district",
        hint=_("请核对区县名称，如：渝中区"),
    )  # fmt: skip
