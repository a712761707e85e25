"""Rows that tests of billing start from."""

import itertools
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from billing.audit.actor import Actor
from billing.merchants.models import Merchant

TESTER = Actor("user", "7", "Tester")
numbers = itertools.count(1)


def make_merchant(**fields: Any) -> Merchant:
    number = next(numbers)
    values = {
        # Not the slugs of tests.portal.people: both may meet in one database.
        "slug": f"store-{number}",
        "name": f"Shop {number}",
        "timezone": "Europe/Paris",
        "default_currency": "EUR",
    }
    return Merchant.objects.create(**{**values, **fields})


def make_person(email: str = "") -> AbstractBaseUser:
    return get_user_model().objects.create(email=email or f"person{next(numbers)}@shop.example")
