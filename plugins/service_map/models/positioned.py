"""What every row with a position keeps: GCJ-02, and what it was given in."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Datum, check_position

from ..geohash import encode


class Positioned(models.Model):
    """A position in GCJ-02 degrees, the numbers and datum it came in, and its geohash."""

    lng = models.FloatField(_("经度"), help_text=_("度，GCJ-02"))
    lat = models.FloatField(_("纬度"), help_text=_("度，GCJ-02"))
    source_datum = models.CharField(_("原始坐标系"), max_length=8, choices=Datum.choices, default=Datum.GCJ02)
    source_lng = models.FloatField(_("原始经度"))
    source_lat = models.FloatField(_("原始纬度"))
    geohash = models.CharField(_("Geohash"), max_length=12, editable=False)

    class Meta:
        abstract = True

    def put_at(self, lng: Any, lat: Any, datum: str = Datum.GCJ02) -> None:
        """Set the position, in whatever datum it is given. Raises OrgError(POSITION_INVALID). Does not save."""
        self.lng, self.lat = check_position(lng, lat, datum)
        self.source_lng, self.source_lat, self.source_datum = float(lng), float(lat), datum
        self.geohash = encode(self.lng, self.lat)

    @property
    def position(self) -> str:
        """`106.577033, 29.557236`."""
        return f"{self.lng:.6f}, {self.lat:.6f}"


#: The columns that `put_at` writes.
POSITION_FIELDS = ("lng", "lat", "source_datum", "source_lng", "source_lat", "geohash")
