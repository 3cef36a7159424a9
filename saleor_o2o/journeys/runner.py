"""Plays journeys by name and tells how each ended."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from saleor_o2o.composition import active, journeys
from sandbox.client import SandboxClient

from .world import World


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)


def main(names: Sequence[str], base_url: str, sandbox_url: str) -> int:
    """Play the named journeys one after the other; 0 when each went as told, 1 otherwise."""
    import django

    django.setup()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the story is told by its steps
    known = journeys(active())
    var = Path(os.environ.get("O2O_VAR_DIR") or settings.VAR_DIR)
    failed = []
    for name in names:
        say(f"\n▶ {name}：{known[name].title}")
        started = time.monotonic()
        with SandboxClient(sandbox_url) as sandbox:
            world = World(base_url, sandbox, var, say)
            try:
                import_string(known[name].play)(world)
            except Exception as error:  # noqa: BLE001 - told to the person; the exit code says the rest
                failed.append(name)
                say(f"  ✘ {type(error).__name__}: {error}")
            else:
                say(f"  ✔ 完成，{world.steps} 步，{time.monotonic() - started:.1f} 秒")
            finally:
                world.clean_up()
    say(f"\n{len(names) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0
