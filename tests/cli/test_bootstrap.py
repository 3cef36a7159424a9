"""The launcher and its bootstrap, with a pip that does nothing and Pythons that are not there."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from saleor_o2o.cli import bootstrap
from saleor_o2o.embedded.paths import PROJECT_ROOT

OWN = Path("/usr/bin/python3.11")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder with a space, with an empty lock and a command line that echoes."""
    root = tmp_path / "my project"
    (root / "saleor_o2o" / "cli").mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / "o2o", root / "o2o")
    shutil.copy(PROJECT_ROOT / "saleor_o2o" / "cli" / "bootstrap.py", root / "saleor_o2o" / "cli")
    (root / "saleor_o2o" / "__init__.py").touch()
    (root / "saleor_o2o" / "__main__.py").write_text("import sys; print('ran', *sys.argv[1:])\n")
    (root / "requirements.lock").write_text("# nothing\n")
    return root


def _launch(
    project: Path, *arguments: str, cwd: Path = Path("/"), **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(project / "o2o"), *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "O2O_PYTHON": sys.executable, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment as somebody makes it by hand."""
    made = tmp_path_factory.mktemp("bootstrap") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
    return made


def _given(project: Path, environment: Path) -> None:
    shutil.copytree(environment, project / ".venv", symlinks=True)


def test_two_launchers_install_once_and_the_next_start_does_not(project: Path, tmp_path: Path) -> None:
    # given
    venv = tmp_path / "env elsewhere"
    environment = {"PATH": "/usr/bin:/bin", "O2O_PYTHON": sys.executable, "O2O_VENV": str(venv)}
    command = [str(project / "o2o"), "demo", "--port", "1"]

    # when
    both = [
        subprocess.Popen(
            command, cwd="/", env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=110) for process in both]
    third = _launch(project, "test", "a b", O2O_VENV=str(venv))

    # then
    assert [output for output, _ in answers] == ["ran demo --port 1\n"] * 2
    assert sum("环境就绪" in errors for _, errors in answers) == 1
    assert (third.returncode, third.stdout, third.stderr) == (0, "ran test a b\n", "")
    assert not (project / ".venv").exists()


def test_a_folder_of_the_same_name_does_not_shadow_ours(
    project: Path, tmp_path: Path, empty_environment: Path
) -> None:
    # given
    _given(project, empty_environment)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "saleor_o2o").mkdir(parents=True)
    (elsewhere / "saleor_o2o" / "__main__.py").write_text("print('shadow')\n")

    # when
    result = _launch(project, cwd=elsewhere)

    # then
    assert result.stdout == "ran\n"


def test_what_is_read_is_compiled_once_whatever_the_image_says(
    project: Path, empty_environment: Path
) -> None:
    # given
    _given(project, empty_environment)
    (project / "saleor_o2o" / "__main__.py").write_text(
        "import os; print('PYTHONDONTWRITEBYTECODE' in os.environ)\n"
    )

    # when
    result = _launch(project, PYTHONDONTWRITEBYTECODE="1")

    # then neither this process nor those that it starts compile anew each time
    assert result.stdout == "False\n"
    assert list((project / "saleor_o2o" / "__pycache__").glob("__init__.*.pyc"))


def test_a_failed_install_leaves_no_stamp_and_is_told(project: Path, empty_environment: Path) -> None:
    # given
    _given(project, empty_environment)
    (project / "requirements.lock").write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")

    # when
    failed = _launch(project, PIP_NO_INDEX="1", PIP_CONFIG_FILE="/dev/null")

    # then
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "no-such-package" in failed.stderr
    assert "安装未完成,完整日志" in failed.stderr
    assert not (project / ".venv" / bootstrap.STAMP).exists()
    assert (project / ".venv" / bootstrap.BEGUN).exists()


def test_what_an_interrupted_install_left_is_thrown_away(project: Path) -> None:
    # given
    venv = project / ".venv"
    venv.mkdir()
    (venv / bootstrap.BEGUN).touch()
    (venv / "half").touch()

    # when
    result = _launch(project)

    # then
    assert result.stdout == "ran\n"
    assert not (venv / "half").exists()
    assert not (venv / bootstrap.BEGUN).exists()


def test_an_environment_that_somebody_made_is_not_emptied(project: Path, empty_environment: Path) -> None:
    # given
    _given(project, empty_environment)
    (project / ".venv" / "theirs").touch()

    # when
    result = _launch(project)

    # then
    assert result.stdout == "ran\n"
    assert (project / ".venv" / "theirs").exists()


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with what the launcher needs and no Python."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("dirname", "readlink", "cat"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


def test_a_missing_python_is_named(project: Path, tools: Path) -> None:
    # when
    result = subprocess.run(
        ["/bin/sh", str(project / "o2o")],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )

    # then
    assert result.returncode == 1
    assert "需要 Python 3.11、3.12 或 3.13" in result.stderr
    assert "Python 3.11, 3.12 or 3.13 is needed" in result.stderr


def test_a_python_without_venv_is_named(project: Path, tools: Path) -> None:
    # given
    fake = tools / "python3.11"
    fake.write_text('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; *print*) echo 3.11;; esac\nexit 0\n')
    fake.chmod(0o755)

    # when
    result = subprocess.run(
        ["/bin/sh", str(project / "o2o")],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )

    # then
    assert result.returncode == 1
    assert "找到了 Python 3.11,但缺少 venv/ensurepip" in result.stderr
    assert "apt-get install python3.11-venv" in result.stderr


def test_the_distributions_python_comes_before_one_built_by_hand(project: Path, tools: Path) -> None:
    # given: both are 3.11, and one says who it is where it is asked to start
    if not OWN.exists() or subprocess.run([OWN, "-I", "-c", "import ensurepip"], check=False).returncode:
        pytest.skip("the distribution has no Python 3.11")
    (project / "saleor_o2o" / "cli" / "bootstrap.py").write_text("import sys; print(sys.executable)\n")
    by_hand = tools / "python3.11"
    by_hand.write_text('#!/bin/sh\ncase "$*" in *bootstrap*) echo by hand;; esac\nexit 0\n')
    by_hand.chmod(0o755)

    def starts(path: str) -> str:
        ran = subprocess.run(
            [str(project / "o2o")], env={"PATH": path}, capture_output=True, text=True, check=True
        )
        return ran.stdout.strip()

    # then
    assert starts(f"{tools}:/usr/bin:/bin") == str(OWN)
    assert starts(str(tools)) == "by hand"


def test_the_stamp_changes_with_the_lock(project: Path) -> None:
    # given
    before = bootstrap.expected_stamp(project)

    # when
    (project / "requirements.lock").write_text("# other\n")

    # then
    assert bootstrap.expected_stamp(project) != before
    assert not bootstrap.is_current(project / ".venv", before)
