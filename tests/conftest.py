"""What every test gets: a database copied from the template, and no network but this machine."""

import gc
import secrets
import ssl
from collections.abc import Iterator
from functools import cache

import pytest
import wechatpayv3.utils
from _pytest.runner import runtestprotocol
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis
from pytest_django.plugin import DjangoDbBlocker

import plugins.wechat_pay.checks
from saleor_o2o.embedded.template import test_database as database_from_template
from saleor_o2o.kernel.stack import with_room

from .wiping import Sweeper, wipe

# how long an example takes is a matter of the machine, never of a test
hypothesis.register_profile("untimed", deadline=None)
hypothesis.load_profile("untimed")


#: New containers after which Python looks for cycles among the young ones; a page makes its usual 700 many times.
YOUNG = 20_000

# modules are no garbage: while they are read, looking for it finds nothing
gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let the collector pass over what was there before the first test: seven hundred thousand objects."""
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test as pytest does, with room for deep calls: without it half of the suite's time is the kernel's."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    with_room(runtestprotocol, item, nextitem=nextitem)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """After tests marked as transactions: empty the tables with rows, not all four hundred."""
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda _test: wipe()
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(scope="session", autouse=True)
def authorities_once() -> Iterator[None]:
    """Read the certificate authorities once a process: each call of httpx would read them anew, in 20 ms."""
    stock = ssl.create_default_context
    ssl.create_default_context = cache(stock)
    yield
    ssl.create_default_context = stock


@pytest.fixture(scope="session", autouse=True)
def merchant_keys_once() -> Iterator[None]:
    """Parse a merchant's key once a process: its primes are tested each time, for 50 ms, twice in a test that pays."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(load_pem_private_key)
        for module in (wechatpayv3.utils, plugins.wechat_pay.checks):
            patch.setattr(module, "load_pem_private_key", once)
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Replace Django's test database, which would be migrated anew, by a copy of the template.

    Its name is drawn anew: runs side by side on one cluster do not meet.
    """
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")

    def say(text: str) -> None:
        if reporter is not None:
            reporter.write_line(text)

    connection = connections["default"]
    original = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        manager = database_from_template(f"test_{original}_", secrets.token_hex(6), say)
        name = manager.__enter__()
        connection.close()
        connection.settings_dict["NAME"] = name
    sweeper = Sweeper(django_db_blocker)
    request.config.pluginmanager.register(sweeper)
    yield
    request.config.pluginmanager.unregister(sweeper)
    with django_db_blocker.unblock():
        connections.close_all()
        connection.settings_dict["NAME"] = original
        manager.__exit__(None, None, None)
