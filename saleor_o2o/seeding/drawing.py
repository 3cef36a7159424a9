"""Puts the drawn pictures where the shop looks for them; a picture that is there is not drawn again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from .catalogue import CategoryData, CollectionData, Produce, categories, collections, produce
from .context import SeedContext
from .pictures import banner, produce_picture

#: Where drawn pictures are kept for the next platform on this machine that is seeded; empty: nowhere.
KEPT = "O2O_PICTURES_DIR"

#: Part of the names: raise it when the drawing changes, so that old pictures and thumbnails are not reused.
EDITION = 1


def picture_name(item: Produce) -> str:
    """The file of a produce's picture."""
    return f"products/seed-{EDITION}/{item.slug}.jpg"


def category_banner_name(data: CategoryData) -> str:
    """The file behind a category's head."""
    return f"category-backgrounds/seed-{EDITION}/{data.slug}.jpg"


def collection_banner_name(data: CollectionData) -> str:
    """The file behind a collection's head."""
    return f"collection-backgrounds/seed-{EDITION}/{data.slug}.jpg"


def draw_missing(context: SeedContext) -> None:
    """Draw what is not in the media storage, two at a time (Pillow lets other threads run)."""
    todo = [(name, draw) for name, draw in _pictures() if not default_storage.exists(name)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_save, todo))
    context.count("图片", len(todo))


def _save(job: tuple[str, Callable[[], bytes]]) -> None:
    name, draw = job
    default_storage.save(name, ContentFile(_drawn(name, draw)))


def _drawn(name: str, draw: Callable[[], bytes]) -> bytes:
    """The picture as it was drawn for another platform here, or drawn now."""
    folder = getattr(settings, KEPT, "")
    if not folder:
        return draw()
    kept = Path(folder, name)
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_name(f".{kept.name}.{os.getpid()}")
        fresh.write_bytes(draw())
        fresh.replace(kept)  # whole or not at all: platforms are seeded side by side
    return kept.read_bytes()


def _pictures() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for item in produce():
        yield picture_name(item), _job(produce_picture, item.slug, item.motif, item.colour)
    for top in categories():
        yield category_banner_name(top), _job(banner, top.slug, top.motif, top.colour)
    for data in collections():
        yield collection_banner_name(data), _job(banner, data.slug, data.motif, data.colour)


def _job(draw: Callable[[str, str, str], bytes], *what: str) -> Callable[[], bytes]:
    return lambda: draw(*what)
