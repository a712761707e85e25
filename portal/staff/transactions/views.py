"""Payments of all merchants: the list, one payment, and their parts that refresh by themselves."""

from django.http import HttpResponse

from billing.access.verbs import P
from portal.access.guards import staff_view
from portal.staff.transactions.face import open_page
from portal.staff.transactions.listing import load_list
from portal.web.money_lists.answers import answer_list, answer_panel, answer_totals
from portal.web.people import answers
from portal.web.request import PersonRequest


@staff_view(P.OPS_PAYMENTS_VIEW)
def transactions(request: PersonRequest) -> HttpResponse:
    return answer_list(request, load_list(request))


@staff_view(P.OPS_PAYMENTS_VIEW)
def transactions_panel(request: PersonRequest) -> HttpResponse:
    return answer_panel(request, load_list(request))


@staff_view(P.OPS_PAYMENTS_VIEW)
def transactions_totals(request: PersonRequest) -> HttpResponse:
    return answer_totals(request, load_list(request))


@staff_view(P.OPS_PAYMENTS_VIEW)
def transaction(request: PersonRequest, payment: str) -> HttpResponse:
    return answers.answer_page(request, open_page(request, payment))


@staff_view(P.OPS_PAYMENTS_VIEW)
def transaction_panel(request: PersonRequest, payment: str, panel: str) -> HttpResponse:
    return answers.answer_panel(request, open_page(request, payment), panel)


@staff_view(P.OPS_CUSTOMER_REVEAL, methods=("POST",))
def transaction_reveal(request: PersonRequest, payment: str) -> HttpResponse:
    return answers.answer_reveal(request, open_page(request, payment))


@staff_view(P.OPS_NOTES_WRITE, methods=("GET", "POST"))
def transaction_note(request: PersonRequest, payment: str) -> HttpResponse:
    return answers.answer_note(request, open_page(request, payment))
