"""The Makefile, the set-up script and continuous integration name only what exists."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import yaml

from tests.deploy.schemas import WORKFLOW

ROOT = Path(__file__).resolve().parent.parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
SETUP = (ROOT / "deploy/setup.sh").read_text()
WORKFLOW_TEXT = (ROOT / ".github/workflows/ci.yml").read_text()


def make(*arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_make_alone_lists_every_command():
    listed = set(re.findall(r"^  make (\S+)", make(), re.MULTILINE))
    declared = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    assert listed == declared - {"setup-runtime"}
    assert listed >= {"setup", "run", "test", "lint", "clean"}


def test_the_two_commands_do_what_their_names_say():
    assert "deploy/setup.sh runtime" in make("-n", "run")
    assert "manage.py up --demo" in make("-n", "run")
    tests = make("-n", "test")
    assert tests.index("deploy/setup.sh all") < tests.index("ruff check") < tests.index("pytest")


def test_files_that_the_makefile_names_exist():
    named = set(re.findall(r"(?<![\w./-])((?:deploy/)?[\w.-]+\.(?:sh|py|txt|toml))\b", MAKEFILE))
    assert named >= {"deploy/setup.sh", "manage.py", "requirements.txt", "requirements-dev.txt", "pyproject.toml"}
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_scripts_can_be_run_and_are_sound():
    for script in (".ci/run", "deploy/setup.sh", "deploy/database.sh"):
        assert os.access(ROOT / script, os.X_OK), script
        shell = "bash" if "bash" in (ROOT / script).read_text().splitlines()[0] else "sh"
        subprocess.run([shell, "-n", str(ROOT / script)], check=True)


def test_files_and_modules_that_the_set_up_names_exist():
    for name in set(re.findall(r"requirements[\w-]*\.txt", SETUP)):
        assert (ROOT / name).exists()
    for module in set(re.findall(r"-m (tests\.\w+)", SETUP)):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists()


def test_an_old_python_is_refused_with_one_sentence(tmp_path):
    """A checkout without environment, on a machine whose only Python says that it is too old."""
    shutil.copytree(ROOT / "deploy", tmp_path / "checkout/deploy")
    commands = tmp_path / "bin"
    commands.mkdir()
    for tool in ("sh", "dirname", "id", "cat"):
        (commands / tool).symlink_to(shutil.which(tool))
    old = commands / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        [str(tmp_path / "checkout/deploy/setup.sh"), "runtime"],
        env={"PATH": str(commands)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "counterfoil: Counterfoil needs Python 3.11 or later and found Python 3.9.2: install it, "
        "or name one with PYTHON=/path/to/python3.\n"
    )


def test_continuous_integration_runs_make_test():
    assert re.search(r"^make test$", (ROOT / ".ci/run").read_text(), re.MULTILINE)


def test_the_workflow_follows_its_schema():
    workflow = yaml.safe_load(WORKFLOW_TEXT)
    # YAML 1.1 reads the word `on` as true.
    workflow["on"] = workflow.pop(True)
    assert list(jsonschema.Draft202012Validator(WORKFLOW).iter_errors(workflow)) == []


def test_the_workflow_names_what_exists():
    steps = [step for job in yaml.safe_load(WORKFLOW_TEXT)["jobs"].values() for step in job["steps"]]
    runs = " ".join(step.get("run", "") for step in steps)
    assert ".ci/run" in runs
    for file in (".ci/run", *re.findall(r"--file (\S+)", runs), "requirements-dev.txt"):
        assert (ROOT / file).exists()
    for variable in {name for step in steps for name in step.get("env", {})}:
        assert variable in (ROOT / ".env.example").read_text()


def test_everybody_installs_the_same_system_libraries():
    libraries = set(re.findall(r"\"(lib[a-z0-9.-]+-(?:0|subset0)|fonts-[\w-]+)\"", SETUP))
    assert libraries == {"libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"}
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    for library in libraries:
        assert library in WORKFLOW_TEXT
        assert library in dockerfile
