"""Background tasks: named on purpose, known to the worker, and scheduled only if they exist."""

from __future__ import annotations

import ast

from django.conf import settings

from .sources import ROOT, name_of, python_files, tree_of


def _declared() -> dict[str, str]:
    """Name → file of every task of ours; an unnamed one is listed under its place."""
    found = {}
    for path in python_files("saleor_o2o", "plugins"):
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                call = decorator if isinstance(decorator, ast.Call) else None
                name = name_of(call.func if call else decorator)
                if name.rsplit(".", 1)[-1] not in ("shared_task", "task"):
                    continue
                given = {keyword.arg: keyword.value for keyword in call.keywords} if call else {}
                literal = given.get("name")
                value = (
                    literal.value if isinstance(literal, ast.Constant) else f"unnamed {path}:{node.lineno}"
                )
                found[str(value)] = str(path)
    return found


def test_every_task_has_a_name_of_ours() -> None:
    # when
    declared = _declared()

    # then: a name that survives moving the code
    assert len(declared) >= 10
    assert [name for name in declared if not name.startswith(("saleor_o2o.", "o2o_", "plugins."))] == []


def test_worker_knows_every_task() -> None:
    # given
    from saleor_o2o.celery import app

    # then
    assert set(_declared()) - set(app.tasks) == set()


def test_tasks_live_where_the_worker_looks() -> None:
    # then
    assert {path for path in _declared().values() if not path.endswith("/tasks.py")} == set()


def test_schedule_names_existing_tasks_only() -> None:
    # given
    from saleor_o2o.celery import app

    schedule = settings.CELERY_BEAT_SCHEDULE

    # then
    assert {entry["task"] for entry in schedule.values()} - set(app.tasks) == set()
    assert all(entry["schedule"] >= 5 for entry in schedule.values())


def test_every_scheduled_job_is_documented() -> None:
    # given
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    # then
    assert [name for name in settings.CELERY_BEAT_SCHEDULE if f"`{name}`" not in text] == []
