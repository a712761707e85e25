"""`python -m simulator --port N --control-port M [--data DIR]`."""

import argparse
import tempfile
from pathlib import Path

from simulator.server import run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A Stripe that can be broken.")
    parser.add_argument("--port", type=int, required=True, help="Stripe's API and files, on loopback")
    parser.add_argument("--control-port", type=int, required=True, help="the control door, on loopback")
    parser.add_argument("--data", type=Path, help="folder of the books; without one they vanish at the end")
    parser.add_argument("--seed", default="1", help="decides every id and every draw of a new world")
    parser.add_argument("--frozen", action="store_true", help="begin with a clock that moves only when told")
    parser.add_argument("--durable", action="store_true", help="survive a power cut too, at the price of speed")
    given = parser.parse_args()
    options = {"port": given.port, "control_port": given.control_port, "seed": given.seed}
    options |= {"durable": given.durable, "follow": not given.frozen}
    if given.data:
        run(data=given.data, **options)
    else:
        with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
            run(data=Path(folder), **options)


if __name__ == "__main__":
    main()
