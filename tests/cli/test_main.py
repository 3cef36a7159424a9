"""The command line: what is typed, what is answered."""

import os
from pathlib import Path

import pytest

from saleor_o2o.cli import bench, lint, main, test
from saleor_o2o.cli.errors import CommandError
from saleor_o2o.cli.lock import check
from saleor_o2o.embedded.paths import PROJECT_ROOT


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the signals and the environment of the test run alone."""
    monkeypatch.setattr(main, "stop_on_signals", lambda: None)
    monkeypatch.setattr(main, "read_dot_env", lambda: None)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    # when
    code = main.main(["--help"])

    # then
    shown = capsys.readouterr().out
    assert code == 0
    assert [name for name in main.COMMANDS if f"  {name}" not in shown] == []


def test_every_command_has_a_module_and_its_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in sorted(set(main.COMMANDS) - {"manage"}):
        try:
            code = main.main([name, "--help"])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        assert (name, code) == (name, 0)
        assert capsys.readouterr().out


def test_an_unknown_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    # when
    code = main.main(["dmeo"])

    # then
    assert code == 2
    assert "没有命令 dmeo,是不是 demo?" in capsys.readouterr().err


def test_a_command_that_cannot_go_on_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    # when
    code = main.main(["bench", "no-such-benchmark"])

    # then
    assert code == 1
    assert "错误:没有性能测试 no-such-benchmark" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], False),
        (["-q", "tests/cli"], False),
        (["tests/cli/test_main.py"], True),
        (["tests/cli/test_main.py::test_x"], True),
        (["tests/cli/test_main.py", "tests/cli/test_bootstrap.py"], False),
        (["-n4"], True),
        (["-n", "0"], True),
        (["--pdb"], True),
        (["-k", "name"], False),
    ],
)
def test_a_second_process_is_used_where_it_gains(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: bool
) -> None:
    # given
    monkeypatch.chdir(PROJECT_ROOT)

    # when, then
    assert test._serial(arguments) is expected


def test_paths_are_those_of_the_folder_we_are_called_from(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    here = Path(__file__)
    monkeypatch.chdir(here.parent)

    # when, then
    assert test._translated(f"{here.name}::test_x") == f"{here}::test_x"
    assert test._translated("-k") == "-k"


def test_lint_runs_every_tool() -> None:
    # when
    titles = [item.title for item in lint.checks(fix=False, audit=True)]

    # then
    assert titles == [
        "mypy",
        "import-linter",
        "迁移完整(本项目)",
        "schema.graphql 一致",
        "ruff check",
        "ruff format",
        "pip-audit",
    ]


def test_lint_shows_every_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    made = [
        lint.Check("好", ["/bin/sh", "-c", "exit 0"]),
        lint.Check("坏一", ["/bin/sh", "-c", "echo why one; exit 3"]),
        lint.Check("坏二", ["/bin/sh", "-c", "echo why two; exit 4"]),
        lint.Check("网络", ["/bin/sh", "-c", "exit 5"], warn_only=True),
    ]
    monkeypatch.setattr(lint, "checks", lambda *, fix, audit: made)

    # when
    code = lint.run([])

    # then
    shown = capsys.readouterr().out
    assert code == 1
    assert "why one" in shown
    assert "why two" in shown
    assert "警告  网络" in shown
    assert "未通过:" in shown
    assert set(shown.splitlines()[-1].removeprefix("未通过:").split("、")) == {"坏一", "坏二"}


def test_the_lock_of_the_project_is_clean() -> None:
    check((PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://mirror.example/simple",
        "-i https://mirror.example/simple",
        "--extra-index-url mirror",
        "--find-links /somewhere",
        "thing @ file:///somewhere/thing.whl",
        "thing @ git+https://example.com/thing",
    ],
)
def test_a_lock_with_an_address_is_refused(line: str) -> None:
    # given
    text = f"django==5.2.1 \\\n    --hash=sha256:aa\n{line}\n"

    # when, then
    with pytest.raises(CommandError, match="第 3 行含有地址"):
        check(text)


def test_a_lock_without_a_hash_is_refused() -> None:
    with pytest.raises(CommandError, match=r"没有哈希:django==5\.2\.1"):
        check("amqp==5.0 \\\n    --hash=sha256:aa\ndjango==5.2.1\n")


def test_benchmarks_are_the_modules_with_a_main(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # given
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "orders.py").write_text('"""Orders a second.\n\nMore."""\ndef main(argv): return 0\n')
    (folder / "helpers.py").write_text('"""Not one."""\n')
    monkeypatch.setattr(bench, "PROJECT_ROOT", tmp_path)

    # when, then
    assert bench.benchmarks() == {"orders": "Orders a second."}


def test_the_launcher_runs_from_anywhere() -> None:
    launcher = PROJECT_ROOT / "o2o"
    assert os.access(launcher, os.X_OK)
    assert launcher.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
