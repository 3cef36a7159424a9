"""Plays journeys by name and tells how each ended."""

from __future__ import annotations

import logging
import os
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

from django.conf import settings
from django.utils.module_loading import import_string

from saleor_o2o.composition import active, journeys
from saleor_o2o.plugin import JourneySpec
from sandbox.client import SandboxClient

from .world import Differs, World


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)


def main(names: Sequence[str], base_url: str, sandbox_url: str) -> int:
    """Play the named journeys one after the other; 0 when each went as told, else 1.

    What stands apart is played beside the others, and told when it has ended, after them.
    """
    import django

    django.setup()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the story is told by its steps
    known = journeys(active())
    var = Path(os.environ.get("O2O_VAR_DIR") or settings.VAR_DIR)
    beside = [_Beside(name, known[name], base_url, sandbox_url, var) for name in names if known[name].apart]
    for one in beside:
        one.start()
    failed = []
    for name in names:
        if known[name].apart:
            continue
        with SandboxClient(sandbox_url) as sandbox:
            world = World(base_url, sandbox, var, say)
            try:
                if not _played(name, known[name], world):
                    failed.append(name)
            finally:
                world.clean_up()
    for one in beside:
        one.join()
        for line in one.told:
            say(line)
        if not one.well:
            failed.append(one.journey)
    say(f"\n{len(names) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def _played(name: str, spec: JourneySpec, world: World) -> bool:
    """Play one journey and tell how it ended; whether it went as told."""
    world.say(f"\n▶ {name}：{spec.title}")
    started = time.monotonic()
    try:
        import_string(spec.play)(world)
    except Exception as error:  # noqa: BLE001 - told to the person; the exit code says the rest
        world.say(f"  ✘ {type(error).__name__}: {error}")
        if not isinstance(error, Differs):  # which tells by itself what was expected
            world.say("".join(traceback.format_tb(error.__traceback__)))
        return False
    world.say(f"  ✔ 完成，{world.steps} 步，{time.monotonic() - started:.1f} 秒")
    return True


class _Beside(Thread):
    """A journey that stands apart, played while the others are; `told`: its lines."""

    def __init__(self, name: str, spec: JourneySpec, base_url: str, sandbox_url: str, var: Path) -> None:
        super().__init__()
        self.journey = name
        self.told: list[str] = []
        self.well = False
        self._spec = spec
        self._where = base_url, sandbox_url
        self._var = var

    def run(self) -> None:
        base_url, sandbox_url = self._where
        with SandboxClient(sandbox_url) as sandbox:
            world = World(base_url, sandbox, self._var, self.told.append)
            self.well = _played(self.journey, self._spec, world)
            world.http.close()  # faults in the sandbox are the others'
