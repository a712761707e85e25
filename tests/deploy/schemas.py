"""What docker-compose.yml and the CI workflow may hold: the parts of their formats that this project uses."""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
WORDS = {"type": "array", "items": TEXT, "minItems": 1}
DURATION = {"type": "string", "pattern": "^[0-9]+s$"}


def closed(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def mapped(pattern: str, value: dict[str, Any]) -> dict[str, Any]:
    """An object whose keys all match."""
    return {"type": "object", "patternProperties": {pattern: value}, "additionalProperties": False, "minProperties": 1}


HEALTHCHECK = {
    "oneOf": [
        closed({"disable": {"const": True}}, ("disable",)),
        closed(
            {
                "test": {
                    "type": "array",
                    "prefixItems": [{"enum": ["CMD", "CMD-SHELL"]}],
                    "items": TEXT,
                    "minItems": 2,
                },
                "interval": DURATION,
                "timeout": DURATION,
                "start_period": DURATION,
                "retries": {"type": "integer", "minimum": 1},
            },
            ("test", "interval", "timeout", "retries"),
        ),
    ]
}
SERVICE = closed(
    {
        "build": closed({"context": TEXT, "dockerfile": TEXT}, ("context", "dockerfile")),
        "image": TEXT,
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "init": {"type": "boolean"},
        "read_only": {"type": "boolean"},
        "cap_drop": WORDS,
        "security_opt": WORDS,
        "tmpfs": WORDS,
        "shm_size": {"type": "string", "pattern": "^[0-9]+mb$"},
        "command": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "environment": mapped("^[A-Z][A-Z0-9_]*$", {"type": "string"}),
        "ports": {"type": "array", "items": {"type": "string", "pattern": r"^127\.0\.0\.1:.+:[0-9]+$"}},
        "volumes": {"type": "array", "items": {"type": "string", "pattern": "^[^:]+:/[^:]+(:ro)?$"}},
        "depends_on": mapped(
            "^[a-z]+$",
            closed(
                {"condition": {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}},
                ("condition",),
            ),
        ),
        "healthcheck": HEALTHCHECK,
        "stop_grace_period": DURATION,
    },
    ("image", "restart", "healthcheck"),
)
COMPOSE = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": mapped("^[a-z]+$", SERVICE),
        "volumes": mapped("^[a-z]+$", {"type": "null"}),
    },
    "patternProperties": {"^x-": {}},
    "additionalProperties": False,
    "required": ["name", "services", "volumes"],
}
STEP = {
    "oneOf": [
        closed(
            {"uses": {"type": "string", "pattern": "^actions/[a-z-]+@v[0-9]+$"}, "with": mapped(".", TEXT)}, ("uses",)
        ),
        closed({"name": TEXT, "run": TEXT, "env": mapped("^[A-Z_]+$", TEXT)}, ("name", "run")),
    ]
}
WORKFLOW = closed(
    {
        "name": TEXT,
        "on": closed({"push": closed({"branches": WORDS}), "pull_request": {"type": "null"}}),
        "permissions": closed({"contents": {"const": "read"}}, ("contents",)),
        "concurrency": closed({"group": TEXT, "cancel-in-progress": {"type": "boolean"}}),
        "jobs": mapped(
            "^[a-z]+$",
            closed(
                {
                    "runs-on": {"type": "string", "pattern": "^ubuntu-[0-9.]+$"},
                    "timeout-minutes": {"type": "integer", "maximum": 60},
                    "steps": {"type": "array", "items": STEP, "minItems": 1},
                },
                ("runs-on", "timeout-minutes", "steps"),
            ),
        ),
    },
    ("name", "on", "permissions", "jobs"),
)
