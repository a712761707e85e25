"""The list of what was not as the processor has it, at one address."""

import re
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.sync.models import Finding, FindingKind
from portal.web.counting import CountedPages, Found
from portal.web.json_text import hidden, redacted
from portal.web.kept_words import in_words
from portal.web.pagination import Order
from portal.web.payments.repairs import MONEY
from portal.web.providers.words import object_words
from portal.web.query_string import ListAddress
from portal.web.tables import ListTable, column
from reports.templatetags.money import amount_text

LIST_NAMES = ("kind", "size", "cursor")
# As tabs and in the words of a page's counts: events that were missing, and rows that were wrong.
GROUPS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "gaps": (_("Missing events"), (FindingKind.MISSING, FindingKind.FAILED)),
    "drift": (_("Different objects"), (FindingKind.ABSENT, FindingKind.DIFFERENT)),
}
# Fields that are amounts, of any kind of object.
_AMOUNTS = {*MONEY, "net", "subtotal", "tax", "total", "amount_due", "amount_paid", "amount_remaining"}
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)


class FindingTable(ListTable):
    status = column(_("Status"), "cf-col-state")
    what = column(_("What was wrong"), "cf-col-found")
    values = column(_("Here and there"), "cf-col-values")
    amount = column(_("Amount"), "cf-col-amount cf-num cf-num-money")
    cause = column(_("Cause and repair"))
    found = column(_("Found"), "cf-col-found-at cf-num", sorts=True)

    orders = {"found": Order(("found_at", "id"), ("moment", "number"))}
    usual = "-found"


@dataclass(frozen=True, slots=True)
class Row:
    """``ours`` and ``theirs`` are the two values of the finding's field, as far as the reader may know them, amounts as
    people write them: their currency stands beside."""

    finding: Finding
    object_type: str
    event_url: str
    ours: str
    theirs: str

    @property
    def cause(self) -> str:
        return in_words(self.finding.cause)

    @property
    def repair(self) -> str:
        return in_words(self.finding.repair)

    @property
    def value(self) -> str:
        return "repaired" if self.finding.repaired_at else "open"


@dataclass(frozen=True)
class FindingListing(CountedPages):
    address: ListAddress
    table: FindingTable
    filters: Found
    events_url: str
    by_person: bool

    @cached_property
    def rows(self) -> list[Row]:
        return [self._row(each) for each in self.page.rows]

    @property
    def noun(self) -> str:
        return ngettext("finding", "findings", self.counted)

    @property
    def group(self) -> str:
        asked = self.address.first("kind")
        return asked if asked in GROUPS else ""

    @property
    def tabs(self) -> list[tuple[str | Promise, str, bool]]:
        """Label and address of each group, and whether it is this one."""
        groups = [("", _("All")), *((name, label) for name, (label, _kinds) in GROUPS.items())]
        return [(label, self.address.having(kind=name), name == self.group) for name, label in groups]

    def _row(self, finding: Finding) -> Row:
        object_type = str(object_words(finding.object_type)) if finding.object_type else ""
        return Row(finding, object_type, self._event_url(finding), *self._values(finding))

    def _values(self, finding: Finding) -> tuple[str, str]:
        both = finding.ours, finding.theirs
        if finding.field in _AMOUNTS and finding.currency:
            return _amount(finding.ours, finding.currency), _amount(finding.theirs, finding.currency)
        if self.by_person:
            return both
        # What merchants write into metadata has no shape by which a person could be told from the rest.
        if finding.field == "metadata":
            return hidden(), hidden()
        ours, theirs = (str(redacted({finding.field: value}, personal=True)[finding.field]) for value in both)
        return ours, theirs

    def _event_url(self, finding: Finding) -> str:
        return f"{self.events_url}{finding.event.public_id}/" if self.events_url and finding.event else ""


def _amount(kept: str, currency: str) -> str:
    return amount_text(int(kept), currency) if _WHOLE.fullmatch(kept) else kept


def load_findings(
    path: str, query: QueryDict, findings: QuerySet[Finding], *, events_url: str, by_person: bool
) -> FindingListing:
    """``findings`` are what the reader may see; ``events_url`` is empty for who may not see events. ``by_person``:
    whether customers' personal data may be shown."""
    address = ListAddress(path, query, LIST_NAMES)
    findings = findings.select_related("event").defer("event__body")
    asked = address.first("kind")
    if asked in GROUPS:
        findings = findings.filter(kind__in=GROUPS[asked][1])
    return FindingListing(
        address,
        FindingTable(address),
        Found(findings),
        events_url,
        by_person,
    )
