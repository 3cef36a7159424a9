"""Nobody writes migrations into the installed wheel."""

from pathlib import Path

import pytest
import saleor
from django.core.management import call_command


@pytest.mark.django_db
def test_makemigrations_leaves_the_wheel_alone(capsys: pytest.CaptureFixture[str]) -> None:
    # given
    wheel = Path(saleor.__file__).parent
    before = sorted(wheel.glob("*/migrations/*.py"))

    # when
    call_command("makemigrations", interactive=False)

    # then nothing was written there, although stock's models differ from their migrations
    assert sorted(wheel.glob("*/migrations/*.py")) == before
    assert "o2o" not in capsys.readouterr().out
