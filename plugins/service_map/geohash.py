"""Geohash: a position as a short text; neighbours mostly share its beginning."""

from __future__ import annotations

_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"


def encode(lng: float, lat: float, length: int = 9) -> str:
    """Return the geohash of a position in degrees; nine letters are a field of five metres."""
    box = {"lng": (-180.0, 180.0), "lat": (-90.0, 90.0)}
    place = {"lng": lng, "lat": lat}
    letters: list[str] = []
    bits, number, axis = 0, 0, "lng"
    while len(letters) < length:
        low, high = box[axis]
        middle = (low + high) / 2
        upper = place[axis] >= middle
        number = number * 2 + upper
        box[axis] = (middle, high) if upper else (low, middle)
        axis = "lat" if axis == "lng" else "lng"
        bits += 1
        if bits == 5:
            letters.append(_ALPHABET[number])
            bits = number = 0
    return "".join(letters)


def bounds(code: str) -> tuple[float, float, float, float]:
    """Return the field that a geohash names: west, south, east, north. Raises ValueError for another letter."""
    low_high = {"lng": [-180.0, 180.0], "lat": [-90.0, 90.0]}
    axis = "lng"
    for letter in code:
        number = _ALPHABET.index(letter)
        for bit in (16, 8, 4, 2, 1):
            edge = low_high[axis]
            middle = (edge[0] + edge[1]) / 2
            edge[0 if number & bit else 1] = middle
            axis = "lat" if axis == "lng" else "lng"
    (west, east), (south, north) = low_high["lng"], low_high["lat"]
    return west, south, east, north
