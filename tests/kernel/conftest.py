"""Tables of the tests, and a database in which threads see each other's commits."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from saleor_o2o.kernel.events import registry
from saleor_o2o.kernel.models import AuditEntry, EventDelivery, EventRecord, IdempotencyRecord, StateMove

from .models import MODELS

TABLES = (*MODELS, AuditEntry, EventDelivery, EventRecord, IdempotencyRecord, StateMove)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Add the tests' own tables to the database."""
    with django_db_blocker.unblock():
        existing = connection.introspection.table_names()
        with connection.schema_editor() as editor:
            for model in MODELS:
                if model._meta.db_table not in existing:
                    editor.create_model(model)


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Real commits, on the kernel's tables only: `transaction=True` would empty all of Saleor's each time."""
    with django_db_blocker.unblock():
        yield
        names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in TABLES)
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        connection.close()


@pytest.fixture
def receivers(monkeypatch: pytest.MonkeyPatch) -> dict:
    """Receivers registered in the test are gone after it; so is the plugin gate."""
    own: dict = {}
    monkeypatch.setattr(registry, "_receivers", own)
    monkeypatch.setattr(registry, "_plugin_is_on", registry._plugin_is_on)
    return own
