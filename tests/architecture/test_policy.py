"""Every address of the site stands in the policy table, and its view's guard agrees."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from portal.access.policy import POLICY, Row


def addresses(
    patterns: Iterable[URLPattern | URLResolver], space: str = ""
) -> Iterator[tuple[str, Callable[..., Any]]]:
    """URL name with its namespace, empty when it has none, and the view behind it."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, inner)
        else:
            yield (f"{space}{pattern.name}" if pattern.name else ""), pattern.callback


def contradictions(patterns: Iterable[URLPattern | URLResolver], policy: Mapping[str, Row]) -> list[str]:
    found = []
    seen = set()
    for name, view in addresses(patterns):
        seen.add(name)
        row = policy.get(name)
        if not name:
            found.append(f"{view}: its address has no name")
        elif row is None:
            found.append(f"{name}: has no row in the policy table")
        elif getattr(view, "guard", None) != row:
            found.append(f"{name}: the table says {row}, the view is guarded by {getattr(view, 'guard', None)}")
    return found + [f"{name}: has a row but no address" for name in sorted(policy.keys() - seen)]


def test_every_address_is_guarded_as_the_table_says() -> None:
    assert contradictions(get_resolver().url_patterns, POLICY) == []


def test_kinds_of_rows_and_verbs_fit() -> None:
    merchant_verbs = frozenset().union(*(role.verbs for role in MerchantRole))
    staff_verbs = frozenset().union(*(role.verbs for role in StaffRole))
    allowed = {"merchant": merchant_verbs, "staff": staff_verbs, "person": {None}, "public": {None}}
    assert [name for name, row in POLICY.items() if row.verb not in allowed[row.kind]] == []


def test_whatever_only_reads_does_not_also_write() -> None:
    assert [name for name, row in POLICY.items() if not set(row.methods) <= {"GET", "HEAD", "POST"}] == []


def test_contradictions_are_found() -> None:
    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def guarded(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    guarded.guard = Row("staff", P.OPS_HOME)  # type: ignore[attr-defined]
    patterns = [
        path("nameless/", bare),
        path("unknown/", guarded, name="unknown"),
        path("bare/", bare, name="bare"),
        path("weaker/", guarded, name="weaker"),
        path("fine/", guarded, name="fine"),
    ]
    policy = {
        "bare": Row("public", None),
        "weaker": Row("staff", P.OPS_STAFF_MANAGE),
        "fine": Row("staff", P.OPS_HOME),
        "gone": Row("public", None),
    }
    findings = contradictions(patterns, policy)
    assert len(findings) == 5
    assert not any(finding.startswith("fine") for finding in findings)
