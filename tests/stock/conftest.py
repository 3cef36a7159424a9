"""A small shop, its users, and callers of the GraphQL view; every test fails on an unhandled exception."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from graphql_jwt.shortcuts import get_token
from PIL import Image

from .graphql_api import Api
from .world import World, make_world


class Unhandled(logging.Handler):
    """Collects what the view logs as an exception nobody expected."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def unhandled() -> Iterator[list[logging.LogRecord]]:
    """Fail a test in which the view met an exception that is no answer; a test may clear the list."""
    handler = Unhandled()
    names = ("saleor.graphql.errors.unhandled", "celery.app.trace", "django.request")
    for name in names:
        logging.getLogger(name).addHandler(handler)
    yield handler.records
    for name in names:
        logging.getLogger(name).removeHandler(handler)
    bad = [record for record in handler.records if record.levelno >= logging.ERROR]
    assert not bad, [logging.Formatter().format(record) for record in bad]


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Any) -> World:
    """The shop; files go to a folder of the test's own."""
    settings.MEDIA_ROOT = str(tmp_path)
    return make_world()


@pytest.fixture(scope="session")
def schema() -> Any:
    """The composed schema."""
    from saleor_o2o.graphql.schema import schema

    return schema


@pytest.fixture
def api(schema: Any, world: World) -> Api:
    """The superuser."""
    return Api(schema, get_token(world.admin))


@pytest.fixture
def shopper(schema: Any, world: World) -> Api:
    """A customer without any permission."""
    return Api(schema, get_token(world.customer))


@pytest.fixture
def anyone(schema: Any, world: World) -> Api:
    """Nobody in particular."""
    return Api(schema)


@pytest.fixture
def picture() -> SimpleUploadedFile:
    """A small real JPEG."""
    return make_picture()


def make_picture(name: str = "orange.jpg", size: tuple[int, int] = (300, 200)) -> SimpleUploadedFile:
    """A JPEG of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (255, 140, 0)).save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/jpeg")
