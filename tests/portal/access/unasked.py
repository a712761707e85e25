"""Fields that no form has, under the names of all columns of all models, and where their values turn up afterwards."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from billing.merchants.models import Membership, Merchant
from portal.accounts.user import User
from portal.web.pan import contains_card_number

TEXT, NUMBER, MOMENT = "unasked-5f1d9c", 918_273_645, "2001-02-03T04:05:06+00:00"
KEY = UUID("5f1d9c00-0bad-4bad-8bad-0badc0ffee00")
# How far chains of the trail are verified, which whoever verifies one notes down for all.
_OF_ALL = {"audit_chain_check"}
# How each of them would stand in a row.
_SIGNS = [TEXT, str(NUMBER), "2001-02-03", str(KEY)]


def unasked(own: Mapping[str, Any], theirs: Mapping[type[models.Model], models.Model]) -> dict[str, str]:
    """By the names of columns that are none of the form's ``own`` fields; what refers to another row is ``theirs``, of
    another merchant, where there is one."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            for name in {field.name, field.attname} - own.keys():
                found[name] = _value(field, theirs)
    return found


def _value(field: Any, theirs: Mapping[type[models.Model], models.Model]) -> str:
    if field.is_relation:
        row = theirs.get(field.related_model)
        value = str(row.pk if row is not None else NUMBER)
        # Now and then a UUID passes for a card number, which no form takes.
        return str(KEY) if contains_card_number(value) else value
    match field:
        case models.BooleanField():
            return "true"
        case models.IntegerField() | models.DecimalField() | models.FloatField():
            return str(NUMBER)
        case models.DateField():
            return MOMENT
        case models.UUIDField():
            return str(KEY)
    # The most that a role can be; of any other text the sign.
    return {"role": "owner", "staff_role": "admin"}.get(field.name, TEXT)


def turned_up() -> list[str]:
    """Tables with a row in which one of the values stands."""
    return [name for name, rows in _rows("TRUE").items() if any(sign in row for row in rows for sign in _SIGNS)]


def out_of_reach(own: Merchant) -> dict[str, Any]:
    """What a form of that merchant's test mode has nothing to do with: rows of others and of live mode, and who is
    what."""
    others = _rows(f"merchant_id <> {own.pk}", "merchant_id")
    rows: dict[str, Any] = {name: found for name, found in others.items() if name not in _OF_ALL}
    rows |= {f"{name}, live": found for name, found in _rows("livemode", "livemode").items()}
    rows["people"] = sorted(User.objects.values_list("public_id", "email", "password", "staff_role", "disabled_at"))
    rows["members"] = sorted(Membership.objects.values_list("pk", "merchant_id", "user_id", "role"))
    return rows


def _rows(condition: str, column: str = "") -> dict[str, list[str]]:
    """By table, of those that have the column, each row as a text."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if column and column not in {field.attname for field in model._meta.concrete_fields}:
                continue
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT kept::text FROM {table} AS kept WHERE {condition} ORDER BY 1")
            found[model._meta.db_table] = [row for (row,) in cursor.fetchall()]
    return found
