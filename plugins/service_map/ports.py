"""What the platform asks a map provider, whoever it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .errors import MapError, MapErrorCode


def _again(seconds: int) -> str:
    return gettext("请 %(seconds)d 秒后再试") % {"seconds": seconds}


class TooOften(MapError):
    """One asker asks more often than a person does. `retry_after` is in seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(MapErrorCode.TOO_OFTEN, _("查询太频繁了"), hint=_again(seconds))
        self.retry_after = seconds


class ProviderDown(MapError):
    """No usable answer: unreachable, too slow, or broken. Asking again later is harmless."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            MapErrorCode.PROVIDER_DOWN, _("地图服务暂时不可用"), hint=_("请稍后再试，或在地图上直接选点")
        )
        #: A short code for logs: never the address, never the key.
        self.detail = detail


class ProviderLimit(MapError):
    """The provider's quota or rate is used up."""

    def __init__(self, detail: str, *, for_the_day: bool, seconds: int = 0) -> None:
        super().__init__(
            MapErrorCode.PROVIDER_LIMIT,
            _("地图服务今日的查询次数已用完") if for_the_day else _("地图服务查询太频繁"),
            hint=_again(seconds) if seconds else (_("请明天再试") if for_the_day else _("请稍后再试")),
        )
        self.retry_after = seconds
        self.detail = detail
        self.for_the_day = for_the_day


class NotConfigured(MapError):
    """There is no key, or the provider refuses ours."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            MapErrorCode.NOT_CONFIGURED, _("地图服务没有配置好"), hint=_("请联系系统管理员检查地图服务的 Key")
        )
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Located:
    """Where an address is (GCJ-02). `level` says how exactly it was matched, `confidence` is between 0 and 1."""

    lng: float
    lat: float
    level: str
    confidence: float
    address: str
    district: str
    region_code: str

    def as_json(self) -> dict[str, Any]:
        """Plain values, for the cache."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Described:
    """What stands at a position: the address as people write it."""

    address: str
    district: str
    township: str
    region_code: str

    def as_json(self) -> dict[str, Any]:
        """Plain values, for the cache."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that the provider knows near a position."""

    name: str
    address: str
    lng: float
    lat: float
    metres: int

    def as_json(self) -> dict[str, Any]:
        """Plain values, for the cache."""
        return asdict(self)


class MapProvider(Protocol):
    """A provider of maps. All positions are GCJ-02. Every method raises ProviderDown, ProviderLimit, NotConfigured."""

    def geocode(self, address: str, district: str = "") -> Located | None:
        """Where an address is; None when the provider does not know it."""
        ...

    def reverse(self, lng: float, lat: float) -> Described | None:
        """What stands at a position; None for nothing."""
        ...

    def search(self, lng: float, lat: float, keyword: str, metres: int) -> list[Spot]:
        """Places around a position, nearest first."""
        ...
