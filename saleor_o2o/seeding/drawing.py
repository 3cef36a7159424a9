"""Puts the drawn pictures where the shop looks for them; a picture that is there is not drawn again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from .catalogue import CategoryData, CollectionData, Produce, categories, collections, produce
from .context import SeedContext
from .pictures import banner, produce_picture

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
    default_storage.save(name, ContentFile(draw()))


def _pictures() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for item in produce():
        yield picture_name(item), _job(produce_picture, item.slug, item.motif, item.colour)
    for top in categories():
        yield category_banner_name(top), _job(banner, top.slug, top.motif, top.colour)
    for data in collections():
        yield collection_banner_name(data), _job(banner, data.slug, data.motif, data.colour)


def _job(draw: Callable[[str, str, str], bytes], *what: str) -> Callable[[], bytes]:
    return lambda: draw(*what)
