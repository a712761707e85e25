"""`manage.py up`: a whole installation on one machine, from an empty directory to a site that answers."""

import argparse
import errno
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Never

from portal.embedded import demo, feed, programs, stand_in
from portal.embedded.door import open_door, readiness
from portal.embedded.environment import open_data, settle_environment, trim_logs
from portal.embedded.orphans import MARK, end_orphans
from portal.embedded.prepare import fingerprint
from portal.embedded.refusal import CannotStart
from portal.embedded.servers import NAMES, Servers, open_servers, start_servers
from portal.embedded.spawn import spawn
from portal.embedded.supervise import Supervisor, say

# All of it ends within 10 s of a Ctrl-C: our own processes first, then the servers below them.
GRACE = 8
READY_WITHIN = 90.0
MOST_WEB = 64
OWNER = "DATABASE_OWNER_URL"
# A slow machine shows its first page while the demo's past is still coming in.
HISTORY_WITHIN = 30.0


@dataclass(frozen=True)
class Options:
    data: Path
    port: int
    demo: bool
    web_processes: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def declare_options(parser: argparse.ArgumentParser) -> None:
    """The options of `manage.py up`."""
    parser.add_argument("--demo", action="store_true", help="with demo merchants, people and payments")
    parser.add_argument("--port", type=int, default=None, help="the site's port (PORT, else 8000)")
    parser.add_argument("--data", type=Path, default=None, help="the data directory (COUNTERFOIL_DATA, else .data)")


def main(arguments: Sequence[str]) -> int:
    """Runs until asked to stop. 0 after a clean stop, 2 when it could not start."""
    parser = argparse.ArgumentParser(prog="manage.py up", description="Starts Counterfoil and all that it needs.")
    declare_options(parser)
    return run(parser.parse_args(arguments))


def run(typed: argparse.Namespace) -> int:
    """The same for options that are parsed already."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        launch(read_options(typed))
    except KeyboardInterrupt:
        return 0
    except CannotStart as reason:
        say(str(reason))
        return 2
    except OSError as reason:
        say(sentence_for(reason))
        return 2


def interrupt(number: int, frame: object) -> Never:
    raise KeyboardInterrupt


def read_options(typed: argparse.Namespace) -> Options:
    """What was typed, else what the environment says. Raises CannotStart for a port that is none."""
    named = os.environ.get("PORT") or "8000"
    port = typed.port if typed.port is not None else int(named) if named.isdigit() else 0
    if not 1 <= port <= 65535:
        raise CannotStart("The port must be a number between 1 and 65535: correct --port or PORT.")
    data = typed.data or os.environ.get("COUNTERFOIL_DATA") or programs.ROOT / ".data"
    return Options(data=Path(data).resolve(), port=port, demo=typed.demo, web_processes=web_processes())


def web_processes() -> int:
    """As many as WEB_CONCURRENCY says, else one for each core, up to four. Raises CannotStart."""
    named = os.environ.get("WEB_CONCURRENCY")
    if not named:
        return min(available_cores(), 4)
    if not named.isdigit() or not 1 <= int(named) <= MOST_WEB:
        raise CannotStart(f"The number of web processes must be between 1 and {MOST_WEB}: correct WEB_CONCURRENCY.")
    return int(named)


def available_cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sentence_for(reason: OSError) -> str:
    """An error of the operating system, for the person who typed the command."""
    where = reason.filename or "The data directory"
    if reason.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk of {where} is full: free some space, or name a directory on another disk with --data."
    return f"{where} cannot be used ({reason.strerror}): name another directory with --data."


def launch(options: Options) -> Never:
    """Starts everything, prints the address, and watches until KeyboardInterrupt."""
    # Told to the process that migrates, while all others inherit what is left.
    owner = os.environ.pop(OWNER, "")
    # Both are held until this process ends.
    lock = open_data(options.data)
    door = open_door(options.port)
    supervisor = Supervisor()
    try:
        end_orphans(options.data)
        logs = options.data / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        trim_logs(logs)
        servers = open_servers(options.data, found=os.environ)
        start_servers(servers, supervisor, data=options.data, logs=logs)
        processor = start_processor(supervisor, options, logs) if options.demo else None
        environment = make_environment(options, servers.addresses, processor)
        make_ready(options, environment, logs, owner=owner_of(servers, options, named=owner))
        start_site(supervisor, options, environment, logs, door.fileno())
        if options.demo:
            feed_demo(supervisor, options, environment, logs)
        print(f"ready {options.url}", flush=True)
        supervisor.watch()
    finally:
        supervisor.stop(within=GRACE + 0.5, last=NAMES)
        door.close()
        lock.close()


def start_processor(supervisor: Supervisor, options: Options, logs: Path) -> stand_in.StandIn:
    """Starts the processor that the demo's merchants are connected to."""
    processor = stand_in.open_stand_in(options.data)
    log = logs / "simulator.log"
    supervisor.start(stand_in.program(processor, data=options.data, environment=dict(os.environ), log=log))
    return processor


def make_environment(options: Options, addresses: dict[str, str], processor: stand_in.StandIn | None) -> dict[str, str]:
    """What the processes of this installation see."""
    given = {
        **addresses,
        "COUNTERFOIL_PUBLIC_URL": options.url,
        "COUNTERFOIL_DEMO": "1" if options.demo else "0",
        "COUNTERFOIL_MAIL_DIR": str(options.data / "mail"),
        "COUNTERFOIL_STATIC_ROOT": str(options.data / "static"),
    }
    if processor:
        given["COUNTERFOIL_PROCESSOR_BASES"] = processor.base
    settled = settle_environment(options.data, found=os.environ, given=given)
    return {**os.environ, **settled, "COUNTERFOIL_DATA": str(options.data), MARK: str(options.data)}


def owner_of(servers: Servers, options: Options, *, named: str) -> str:
    """The address of the tables' owner: our own server's, else the one that was `named`; "" for none of its own."""
    if servers.cluster:
        return servers.cluster.owner_url
    if options.demo and not named:
        say(f"{OWNER} is not set: one role of the database migrates and serves pages, as only a demo may.")
    return named


def make_ready(options: Options, environment: dict[str, str], logs: Path, *, owner: str) -> None:
    """Migrates and seeds in a process of its own, where something changed since the last start."""
    stamp = options.data / "prepared"
    current = fingerprint(
        environment["DATABASE_URL"], str(options.demo), environment.get("COUNTERFOIL_PROCESSOR_BASES", "")
    )
    # Somebody else may have changed or restored a database that is not ours.
    embedded = "DATABASE_URL" not in os.environ
    if embedded and stamp.exists() and stamp.read_text() == current:
        return
    log = logs / "prepare.log"
    arguments = ("-m", "portal.embedded.prepare", *(["--demo"] if options.demo else []))
    process = spawn(programs.python("prepare", arguments, environment={**environment, OWNER: owner}, log=log))
    try:
        code = process.wait()
    finally:
        process.kill()
    if code:
        raise CannotStart(f"The database could not be prepared: {last_line(log)} (more in {log}).")
    stamp.write_text(current)


def start_site(supervisor: Supervisor, options: Options, environment: dict[str, str], logs: Path, door: int) -> None:
    """Starts Counterfoil's own processes; the web processes listen on the file descriptor `door`."""
    metrics = options.data / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    environment = {**environment, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    # A process of ours for each, so that the kernel ends it with its launcher: uvicorn's own workers would stay.
    web = (*programs.WEB, "--workers", "1", "--fd", str(door))
    first, *more = ("web" if number == 1 else f"web-{number}" for number in range(1, options.web_processes + 1))

    def start_web(name: str) -> None:
        log = logs / f"{name}.log"
        supervisor.start(programs.python(name, web, environment=environment, log=log, pass_fds=(door,)))

    start_web(first)
    # The site first: on two cores three interpreters that start at once keep each other waiting.
    wait_until_ready(supervisor, options, logs)
    for name in more:
        start_web(name)
    others = (
        ("worker", (*programs.WORKER, "--concurrency", "2")),
        ("asking", (*programs.ASKING_WORKER, "--concurrency", "2")),
        ("sweep", programs.SWEEP),
    )
    for name, arguments in others:
        supervisor.start(programs.python(name, arguments, environment=environment, log=logs / f"{name}.log"))


def wait_until_ready(supervisor: Supervisor, options: Options, logs: Path) -> None:
    """Returns when /readyz answers 200. Raises CannotStart when a process keeps dying or time is over."""
    deadline = time.monotonic() + READY_WITHIN
    while (answer := readiness(options.url, within=2)) != "":
        supervisor.look()
        for child in supervisor.children:
            if child.deaths >= 3:
                raise CannotStart(
                    f"{child.program.name} cannot run: {last_line(child.program.log)} (more in {child.program.log})."
                )
        if time.monotonic() > deadline:
            raise CannotStart(f"The site is not ready after {READY_WITHIN:.0f} s: {answer} (logs in {logs}).")
        time.sleep(0.05)


def feed_demo(supervisor: Supervisor, options: Options, environment: dict[str, str], logs: Path) -> None:
    """Starts the demo's feed, waits a while for the past that it brings first, and tells how to sign in."""
    log = logs / "feed.log"
    arguments = ("-m", "portal.embedded.feed", "--url", options.url)
    supervisor.start(programs.python("feed", arguments, environment=environment, log=log))
    deadline = time.monotonic() + HISTORY_WITHIN
    while not feed.history_is_written(options.data) and time.monotonic() < deadline:
        supervisor.look()
        time.sleep(0.05)
    print(demo.how_to_sign_in(options.data, options.url), flush=True)


def last_line(log: Path) -> str:
    """The last thing that a process wrote."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
