"""`./o2o journey`: play business flows against the running demo, or a platform of their own."""

import argparse
import os
from contextlib import ExitStack

from saleor_o2o.embedded import var_dir

from . import running
from .environment import NOWHERE, embedded_environment, python, run_foreground, settings_module
from .errors import CommandError
from .platform import say, temporary_platform

#: Seconds between two rounds of the jobs of the minute on a platform that is there for journeys: they wait for jobs
#: most of their time. Which jobs run, and how, is as everywhere.
PACE = "5"


def run(arguments: list[str]) -> int:
    """Play the named journeys; answers the runner's exit code."""
    parser = argparse.ArgumentParser(prog="./o2o journey", description="演练业务流程")
    parser.add_argument("names", nargs="*", metavar="名称", help="流程名称")
    parser.add_argument("--all", action="store_true", help="全部流程")
    parser.add_argument("--list", action="store_true", help="列出流程")
    parser.add_argument("--base-url", help="在这个已运行的平台上演练")
    parser.add_argument("--sandbox-url", default="http://127.0.0.1:8100", help="该平台的沙箱")
    parser.add_argument("--fresh", action="store_true", help="即使演示平台在运行,也启动临时平台")
    options = parser.parse_args(arguments)
    if options.list:
        for name, title in journeys().items():
            say(f"  {name:<20}{title}")
        return 0
    if not options.names and not options.all:
        parser.error("请给出流程名称,或 --all;--list 查看全部")
    known = journeys()
    unknown = [name for name in options.names if name not in known]
    if unknown:
        raise CommandError(f"没有流程 {'、'.join(unknown)}。现有:{'、'.join(known) or '无'}")
    names = list(known) if options.all else options.names
    with ExitStack() as stack:
        base_url, sandbox_url = options.base_url, options.sandbox_url
        found = None if options.fresh else running.find(var_dir())
        if base_url:
            # a platform elsewhere: what it stands on is not ours to reach
            environment = {name: os.environ.get(name, url) for name, url in NOWHERE.items()}
        elif found is not None:
            say(f"使用运行中的平台 {found.base_url}")
            base_url, sandbox_url = found.base_url, found.sandbox_url
            environment = stack.enter_context(embedded_environment("development"))
        else:
            say("没有运行中的平台:启动一个临时平台…")
            platform = stack.enter_context(temporary_platform(extra={"O2O_BEAT_PACE": PACE}))
            base_url, sandbox_url = platform.base_url, platform.sandbox_url
            environment = platform.environment
        # in a process of its own: this one has read settings that point nowhere
        return run_foreground(python("-m", "saleor_o2o.cli.play", base_url, sandbox_url, *names), environment)


def journeys() -> dict[str, str]:
    """Answer the declared journeys, name and title; connects to nothing."""
    before = dict(os.environ)
    for name, url in NOWHERE.items():
        os.environ.setdefault(name, url)
    settings_module()
    try:
        from django.conf import settings

        declared = settings.DECLARED
    finally:
        os.environ.clear()
        os.environ.update(before)
    return {name: spec.title for plugin in declared for name, spec in plugin.journeys.items()}
