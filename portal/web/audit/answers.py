"""The audit log as both faces answer it."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext

from billing import clock
from billing.audit.check import ask_for_check
from billing.audit.heads import signed_line
from billing.audit.models import AuditEvent
from billing.audit.verify import Head
from portal.web import list_answers
from portal.web.audit.detail import detail_context
from portal.web.audit.export import TooManyRows, export_audit
from portal.web.audit.listing import AuditListing, list_context
from portal.web.request import PersonRequest, PublicRequest

LIST = "components/audit/list.html"
# Chains of a few thousand rows are verified while somebody waits.
_PATIENCE_SECONDS = 2.0


def answer_list(request: PublicRequest, listing: AuditListing) -> HttpResponse:
    return list_answers.answer_list(request, LIST, listing, list_context)


def answer_chain(request: PublicRequest, listing: AuditListing) -> HttpResponse:
    """How far the chain was verified, for a page that waits for a check."""
    if not request.htmx:
        return redirect(f"{listing.address}#chain")
    return render(request, f"{LIST}#chain", list_context(listing))


def answer_row(request: PublicRequest, event: AuditEvent, listing: AuditListing) -> HttpResponse:
    """``listing`` is the list without filters."""
    return render(request, "components/audit/detail.html", detail_context(request, event, listing))


def answer_verify(request: PersonRequest, listing: AuditListing) -> HttpResponse:
    ask_for_check(chains=listing.chains, by=request.actor, seconds=_PATIENCE_SECONDS)
    if listing.verification.under_way:
        messages.info(request, gettext("The check goes on by itself. This page tells when it is done."))
    return redirect(f"{listing.address}#chain")


def answer_export(request: PersonRequest, listing: AuditListing, *, name: str) -> HttpResponseBase:
    """``name`` is a part of the file's."""
    if not listing.is_valid:
        return _refuse_export(request, listing)
    try:
        exported = export_audit(listing=listing, by=request.actor)
    except TooManyRows:
        return _refuse_export(request, listing, is_too_long=True)
    response = FileResponse(exported.file, as_attachment=True, filename=_file_name(name, "csv"))
    response["Content-Type"] = "text/csv; charset=utf-8"
    return response


def answer_heads(request: PublicRequest, listing: AuditListing, *, name: str) -> HttpResponse:
    """The heads of chains that hold, as far as they were verified, signed."""
    checks = listing.verification.verified
    line = signed_line([Head(each.merchant_id, each.verified_seq, each.verified_hash) for each in checks])
    file = _file_name(f"{name}-heads", "jsonl")
    return HttpResponse(
        line, content_type="application/jsonl", headers={"Content-Disposition": f'attachment; filename="{file}"'}
    )


def _refuse_export(request: PublicRequest, listing: AuditListing, **why: Any) -> HttpResponse:
    """The list, with what has to change first; 422."""
    return render(request, LIST, list_context(listing, **why), status=422)


def _file_name(name: str, ending: str) -> str:
    return f"{slugify(name)}-{clock.now():%Y%m%dT%H%M%SZ}.{ending}"
