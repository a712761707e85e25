"""What pages weigh on their way to a phone."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from tests.portal.fragments import row_of, rows_of
from tests.portal.payments import address, heavy, write_payments

pytestmark = pytest.mark.django_db
LONGEST_PAGE = 200_000
# CSS and scripts together, compressed as a browser gets them.
FIRST_LOAD = 150_000


def test_a_hundred_rows_fit_into_a_page(client: Client, shop: Merchant, account: ProviderAccount) -> None:
    write_payments(account, [heavy(number) for number in range(100)])
    page = client.get(address(shop), {"size": 100}, follow=True)
    assert len(rows_of(page)) == 100
    assert len(page.content) <= LONGEST_PAGE


def test_a_hundred_rows_with_every_column_fit_into_a_page(
    client: Client, shop: Merchant, account: ProviderAccount
) -> None:
    write_payments(account, [heavy(number) for number in range(100)])
    first = client.get(address(shop)).content.decode()
    columns = set(re.findall(r'name="columns" value="(\w+)"', first))
    assert len(columns) > 4
    page = client.get(address(shop), {"size": 100, "columns": sorted(columns)}, follow=True)
    assert len(rows_of(page)) == 100
    assert len(page.content) <= LONGEST_PAGE


def test_no_row_repeats_a_long_address(client: Client, shop: Merchant, account: ProviderAccount) -> None:
    write_payments(account, [{"metadata": {"key": "x" * 400}} for _ in range(2)])
    page = client.get(address(shop), {"metadata": f"key:{'x' * 400}"}, follow=True)
    assert len(rows_of(page)) == 2
    assert all("xxxx" not in row_of(page, public_id) for public_id in rows_of(page))


def test_styles_and_scripts_of_a_first_load_stay_light(client: Client, shop: Merchant) -> None:
    page = client.get(address(shop)).content.decode()
    linked = re.findall(r'<(?:link rel="stylesheet" href|script src)="/static/([^"]+)"', page)
    found = [finders.find(re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", name)) for name in linked]
    assert len(found) > 8
    assert all(found)
    assert sum(len(gzip.compress(Path(str(path)).read_bytes())) for path in found) <= FIRST_LOAD
