"""Plugin configurations are read once in a request, and anew after one was saved."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.plugins.manager import get_plugins_manager

from saleor_o2o.plugin_configurations import read_once

DUMMY = "mirumee.payments.dummy"


def reads(captured: CaptureQueriesContext) -> int:
    return sum('FROM "plugins_pluginconfiguration"' in query["sql"] for query in captured.captured_queries)


@pytest.mark.django_db
def test_many_managers_of_one_request_read_once() -> None:
    # when
    with CaptureQueriesContext(connection) as captured, read_once():
        for _ in range(5):
            get_plugins_manager()

    # then
    assert reads(captured) == 1


@pytest.mark.django_db
def test_outside_of_a_request_every_manager_reads() -> None:
    # when
    with CaptureQueriesContext(connection) as captured:
        get_plugins_manager()
        get_plugins_manager()

    # then
    assert reads(captured) == 2


@pytest.mark.django_db
def test_after_saving_the_new_values_are_seen_in_the_same_request() -> None:
    with read_once():
        # given
        manager = get_plugins_manager()
        assert manager.get_plugin(DUMMY).active is True

        # when
        manager.save_plugin_configuration(DUMMY, {"active": False})

        # then
        assert get_plugins_manager().get_plugin(DUMMY).active is False


@pytest.mark.django_db
def test_what_one_manager_changes_in_place_the_next_does_not_see() -> None:
    # given
    get_plugins_manager().save_plugin_configuration(DUMMY, {"active": True})
    with read_once():
        first = get_plugins_manager().get_plugin(DUMMY)

        # when somebody shows it and hides its values, as stock does
        for item in first.configuration:
            item["value"] = "****"

        # then
        assert "****" not in {item["value"] for item in get_plugins_manager().get_plugin(DUMMY).configuration}
