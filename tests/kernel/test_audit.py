from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.audit import Action, action, action_label, record, snapshot
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.redaction import register_sensitive
from saleor_o2o.kernel.request import bind_request

from .models import Box, Secret


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Action:
    monkeypatch.setattr(audit, "_actions", {})
    return action("kernel_tests.box.changed", "修改箱子")


@pytest.mark.django_db
def test_a_line_says_who_did_what_and_only_what_differs(changed: Action) -> None:
    # given
    box = Box.objects.create(stock=1)

    # when
    with bind_request(request_id="req-1", actor="user:3", ip="10.1.2.3"):
        record(
            changed,
            box,
            before={"stock": 1, "price": Decimal("1.00"), "gone": 1},
            after={"stock": 2, "price": Decimal("1.00"), "added": None},
            org_path="/1/2/",
        )

    # then
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.request_id, entry.ip) == (
        "kernel_tests.box.changed",
        "user:3",
        "req-1",
        "10.1.2.3",
    )
    assert (entry.subject_type, entry.subject_id) == ("o2o_kernel_tests.box", str(box.pk))
    assert (entry.before, entry.after) == ({"stock": 1, "gone": 1}, {"stock": 2, "added": None})
    assert entry.org_path == "/1/2/"


@pytest.mark.django_db
def test_personal_data_and_secrets_are_hidden(changed: Action) -> None:
    # given
    register_sensitive("kernel_tests_pin")

    # when
    entry = record(
        changed,
        after={
            "phone": "13812340000",
            "id_number": "500103199001011234",
            "api_v3_key": "k",
            "kernel_tests_pin": 1234,
            "note": "请打 13812340000",
            "nested": {"password": "p", "rows": [{"token": "t", "stock": 1}]},
        },
    )

    # then
    assert entry.after == {
        "phone": "138****0000",
        "id_number": "500***********1234",
        "api_v3_key": "***",
        "kernel_tests_pin": "***",
        "note": "请打 138****0000",
        "nested": {"password": "***", "rows": [{"token": "***", "stock": 1}]},
    }
    assert (entry.actor, entry.subject_type, entry.org_path) == ("system", "", None)


@pytest.mark.django_db
def test_encrypted_fields_show_that_they_changed_and_nothing_else(changed: Action) -> None:
    # given
    secret = Secret.objects.create(phone="13812340000", papers={"no": "1"})
    before = snapshot(secret)

    # when
    secret.phone = "13900000000"
    entry = record(changed, secret, before=before, after=snapshot(secret))

    # then
    assert (entry.before, entry.after) == ({"phone": "***"}, {"phone": "***"})
    assert "138" not in repr(before)
    assert set(snapshot(secret, ["id", "phone_index"])) == {"id", "phone_index"}


@pytest.mark.django_db
@pytest.mark.parametrize("tamper", ["update", "delete", "save"])
def test_lines_can_neither_be_changed_nor_deleted(changed: Action, tamper: str) -> None:
    entry = record(changed)
    entry.actor = "user:666"
    attempts = {
        "update": lambda: AuditEntry.objects.update(actor="user:666"),
        "delete": entry.delete,
        "save": entry.save,
    }
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        attempts[tamper]()
    assert AuditEntry.objects.get().actor == "system"


@pytest.mark.django_db
def test_actions_are_registered_once_and_only_they_are_recorded(changed: Action) -> None:
    for bad in ("kernel_tests.box.changed", "nodots", "Kernel.Box"):
        with pytest.raises(ValueError, match="audit action"):
            action(bad, "x")
    with pytest.raises(ValueError, match="not registered"):
        record(Action("kernel_tests.unknown", "x"))
    assert action_label("kernel_tests.box.changed") == "修改箱子"
    assert action_label("from.a.removed.plugin") == "from.a.removed.plugin"
