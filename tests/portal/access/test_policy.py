"""The policy table says what the guards do."""

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse

from portal.access.policy import POLICY
from portal.accounts.urls import urlpatterns

OURS = [name for name in POLICY if name.startswith(("account_", "me:", "dev:")) or name == "start"]


def _views(patterns, prefix=""):
    for entry in patterns:
        if hasattr(entry, "url_patterns"):
            yield from _views(entry.url_patterns, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        else:
            yield prefix + entry.name, entry.callback


def test_every_address_of_people_has_a_row_and_its_guard_agrees():
    views = dict(_views(urlpatterns))
    assert {name: getattr(view, "guard", None) for name, view in views.items()} == {
        name: POLICY.get(name) for name in views
    }
    assert set(views) == set(OURS)


@pytest.mark.parametrize("name", ["account_email", "account_set_password", "account_change_password"])
def test_pages_of_allauth_that_we_do_not_use_have_no_address(name):
    assert get_resolver()
    with pytest.raises(NoReverseMatch):
        reverse(name)
