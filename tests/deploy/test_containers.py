"""docker-compose.yml and the Dockerfile name only what exists, and start what `make run` starts."""

import re
import shlex
from pathlib import Path

import jsonschema
import pytest
import yaml

from portal.embedded import postgres, programs
from tests.deploy.schemas import COMPOSE

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE_TEXT)["services"]
DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "deploy/Dockerfile").read_text())
OURS = ("migrate", "web", "worker", "asking", "sweep")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def test_compose_follows_its_schema():
    assert list(jsonschema.Draft202012Validator(COMPOSE).iter_errors(yaml.safe_load(COMPOSE_TEXT))) == []


def test_the_schema_refuses_what_it_does_not_know():
    broken = yaml.safe_load(COMPOSE_TEXT)
    broken["services"]["web"]["comand"] = ["python"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(COMPOSE).validate(broken)


def test_the_services_are_the_processes_of_the_product():
    assert set(SERVICES) == {"postgres", "valkey", *OURS}
    assert SERVICES["postgres"]["image"] == f"postgres:{postgres.MAJOR}"
    assert SERVICES["valkey"]["image"].startswith("valkey/valkey:")


def test_every_service_but_the_one_that_ends_has_a_health_check():
    disabled = {name for name, service in SERVICES.items() if service["healthcheck"].get("disable")}
    assert disabled == {"migrate"}


def test_commands_are_those_of_the_launcher():
    assert SERVICES["sweep"]["command"] == ["python", *programs.SWEEP]
    assert SERVICES["worker"]["command"][: len(programs.WORKER) + 1] == ["python", *programs.WORKER]
    assert SERVICES["asking"]["command"][: len(programs.ASKING_WORKER) + 1] == ["python", *programs.ASKING_WORKER]
    web = shlex.split(instructions("CMD")[-1].strip("[]").replace(",", " "))
    graceful = web.index("--timeout-graceful-shutdown") + 1
    expected = list(programs.WEB)
    expected[expected.index("--timeout-graceful-shutdown") + 1] = web[graceful]
    assert web[: len(expected) + 1] == ["python", *expected]
    assert "command" not in SERVICES["web"]


def test_management_commands_exist():
    from django.core.management import get_commands

    shell = " ".join(" ".join(map(str, service.get("command", []))) for service in SERVICES.values())
    checks = " ".join(" ".join(service["healthcheck"].get("test", [])) for service in SERVICES.values())
    named = set(re.findall(r"manage\.py (\w+)", shell + " " + checks + " " + DOCKERFILE))
    assert named >= {"migrate", "sweep", "check", "collectstatic"}
    assert named - set(get_commands()) == set()


def test_every_variable_of_compose_is_explained_and_every_secret_demanded():
    explained = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    used = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT))
    assert used - explained == set()
    demanded = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE_TEXT))
    passwords = {"COUNTERFOIL_DATABASE_PASSWORD", "COUNTERFOIL_OWNER_PASSWORD", "POSTGRES_PASSWORD"}
    assert demanded == {"SECRET_KEY", "COUNTERFOIL_FIELD_KEYS", *passwords}
    own = set(SERVICES["web"]["environment"])
    assert own - explained == set()


def test_who_migrates_alone_knows_the_owner_of_the_tables():
    knowing = {name for name in OURS if "COUNTERFOIL_OWNER_PASSWORD" in str(SERVICES[name]["environment"])}
    assert knowing == {"migrate"}
    urls = SERVICES["migrate"]["environment"]
    assert urls["DATABASE_OWNER_URL"].startswith(f"postgres://{postgres.OWNER}:")
    assert urls["DATABASE_URL"] == SERVICES["web"]["environment"]["DATABASE_URL"]
    assert urls["DATABASE_URL"].startswith(f"postgres://{postgres.APPLICATION}:")


def test_files_of_compose_exist():
    for service in SERVICES.values():
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).is_file()
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (
                (ROOT / source).exists()
                if source.startswith(".")
                else source in yaml.safe_load(COMPOSE_TEXT)["volumes"]
            )


def test_ports_agree():
    listens = re.search(r'"--port", "(\d+)"', DOCKERFILE)
    assert listens is not None
    assert instructions("EXPOSE") == [listens[1]]
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:${{PORT:-8000}}:{listens[1]}"]
    assert f"127.0.0.1:{listens[1]}/readyz" in instructions("HEALTHCHECK")[0]


def test_health_checks_ask_addresses_that_exist():
    from django.urls import resolve

    asked = set(re.findall(r"http://127\.0\.0\.1:\d+(/\w+)", COMPOSE_TEXT + DOCKERFILE))
    assert asked == {"/readyz"}
    assert resolve("/readyz").url_name == "readyz"


def test_the_image_copies_what_exists_and_runs_as_nobody_special():
    sources = [line.split()[0] for line in instructions("COPY") if not line.startswith("--from")]
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert set(sources) >= {"billing", "disputes", "reports", "portal", "templates", "locale", "static", "manage.py"}
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert set(sources) - allowed == set()
    assert len(instructions("FROM")) == 2
    assert instructions("USER") == ["counterfoil"]
    assert "useradd --system --uid 10001" in DOCKERFILE


def test_our_containers_hold_no_privileges():
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
