"""Lists `up` among the commands; manage.py runs it before Django is set up."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.embedded.up import declare_options, run


class Command(BaseCommand):
    help = "Starts Counterfoil and all that it needs on this machine, and keeps it running."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        declare_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run(argparse.Namespace(**options)))
