#!/usr/bin/env python
"""Django's command line. Outside a running installation it talks to the one of COUNTERFOIL_DATA."""

import os
import sys


def main() -> None:
    if sys.argv[1:2] == ["up"]:
        # Comes before Django: it makes the very environment that the settings are read from.
        from portal.embedded.up import main as up

        sys.exit(up(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
