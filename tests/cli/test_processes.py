"""Children of the supervisor: started, watched, restarted, stopped with all they started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from saleor_o2o.cli import running
from saleor_o2o.cli.environment import run_foreground
from saleor_o2o.cli.errors import CommandError
from saleor_o2o.cli.processes import Child, Supervisor
from saleor_o2o.embedded.paths import PROJECT_ROOT


def _child(folder: Path, script: str) -> Child:
    return Child(
        title="小程序",
        command=["/bin/sh", "-c", script],
        environment={},
        log=folder / "child.log",
        ready=lambda logged: "ready" in logged,
    )


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _eventually(question: object, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    made = _child(tmp_path, "sleep 100 & echo $! ready; wait")
    yield made
    made.stop()


def test_a_child_is_ready_when_it_says_so_and_leaves_nothing(child: Child) -> None:
    # given
    child.start()
    child.wait_ready(10)
    grandchild = int(child.logged().split()[0])

    # when
    child.stop()

    # then
    assert child.process is None
    assert _eventually(lambda: _gone(grandchild))


def test_a_child_that_dies_at_the_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    # given
    child = _child(tmp_path, "echo the reason; exit 7")

    # when
    child.start()

    # then
    with pytest.raises(CommandError, match=r"小程序启动失败\(退出码 7\)[\s\S]*the reason"):
        child.wait_ready(10)
    child.stop()


def test_a_silent_child_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    # given
    child = _child(tmp_path, "exec sleep 100")
    child.start()

    # when, then
    with pytest.raises(CommandError, match="没有就绪"):
        child.wait_ready(0.3)
    child.stop()


def test_a_dead_child_is_restarted_ever_later_and_then_given_up(tmp_path: Path) -> None:
    # given
    child = _child(tmp_path, "exit 1")
    said: list[str] = []
    supervisor = Supervisor([child], said.append)
    child.start()
    now = 0.0

    # when
    with pytest.raises(CommandError, match="反复退出"):
        for _ in range(100):
            if child.process is not None:
                child.process.wait()
            supervisor.look(now)
            now += 10
    child.stop()

    # then
    waits = [line.split(",")[1] for line in said]
    assert waits == ["1 秒后重启", "2 秒后重启", "5 秒后重启", "10 秒后重启", "30 秒后重启"]


def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only the Linux kernel tells children of their parent's death")
    # given
    script = (
        "import time; from pathlib import Path; from saleor_o2o.cli.processes import Child\n"
        f"child = Child('x', ['sleep', '100'], {{}}, Path({str(tmp_path / 'x.log')!r}), lambda _: True)\n"
        "child.start(); print(child.process.pid, flush=True); time.sleep(100)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-P", "-c", script],
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())

    # when
    parent.kill()
    parent.wait()
    parent.stdout.close()

    # then
    assert _eventually(lambda: _gone(pid))


def test_an_exit_code_is_handed_on_as_a_shell_does() -> None:
    assert run_foreground(["/bin/sh", "-c", "exit 5"], {}) == 5
    assert run_foreground(["/bin/sh", "-c", "kill -TERM $$"], {}) == 128 + signal.SIGTERM


def test_a_demo_is_found_while_it_runs_and_only_then(tmp_path: Path) -> None:
    # given
    note = running.Running(os.getpid(), "http://127.0.0.1:8000", "http://127.0.0.1:8100")
    assert running.find(tmp_path) is None

    # when
    with running.claimed(tmp_path) as ours:
        assert ours is True
        assert running.find(tmp_path) is None  # still starting
        running.announce(tmp_path, note)

        # then
        assert running.find(tmp_path) == note
        with running.claimed(tmp_path) as second:
            assert second is False
        assert running.find(tmp_path) == note
    assert running.find(tmp_path) is None
