"""Every component in its real templates and scripts, without data: ``python -m tests.browser.gallery PORT``.

Only tests open it. It needs no database: who looks and where is made up by the views.
"""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import include, path

from reports.render.svg import Bars, ColumnChart, LineChart
from reports.status import FAMILY_ICONS, STATUSES

NOW = datetime(2026, 11, 20, 13, 32, tzinfo=UTC)


class RefundForm(forms.Form):
    amount = forms.CharField(help_text="Refundable now: 20,600 JPY")
    reason = forms.ChoiceField(choices=[("", "Choose a reason"), ("request", "Customer request")])
    notify = forms.BooleanField(label="Send the customer an e-mail", required=False, help_text="In their language.")
    how = forms.ChoiceField(
        label="How much", choices=[("all", "Full remaining"), ("part", "Partial")], widget=forms.RadioSelect
    )
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)


class SignInForm(forms.Form):
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


def show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """The template as Inès sees it, with the theme and the shortcuts that the address asks for."""
    request.user = SimpleNamespace(  # type: ignore[assignment]
        is_authenticated=True,
        public_id="usr_1",
        label="Inès Laurent",
        email="ines@shop.example",
        theme="system",
        shortcuts_enabled=request.GET.get("shortcuts") != "off",
        staff_role="",
        timezone="",
    )
    merchant = SimpleNamespace(
        pk=1,
        name="Acme Outdoor",
        slug="acme",
        zone=ZoneInfo("Europe/Paris"),
        timezone="Europe/Paris",
        _connections=[SimpleNamespace(simulated=True, livemode=True)],
    )
    membership = SimpleNamespace(get_role_display=lambda: "Owner", role="owner", merchant=merchant, merchant_id=1)
    facts = {
        "merchant": merchant,
        "livemode": True,
        "membership": membership,
        "memberships": [membership],
        # What waits for approval would be counted, and there is no database.
        "can": lambda verb: verb != "approvals.decide",
    }
    for name, value in facts.items():
        setattr(request, name, value)
    places = [{"name": "Acme Outdoor", "url": "/m/acme/live/", "current": True, "initials": "AO"}]
    if "idle" in request.GET:
        context["session_seconds"] = request.GET["idle"]
    return render(request, template, {"places": places, **context}, status=status)


def components(request: HttpRequest, **kwargs: str) -> HttpResponse:
    form = RefundForm({"amount": "", "reason": "", "how": "all"})
    rows = [
        (kind, [next((value for value, status in known.items() if status.family == each), "") for each in FAMILY_ICONS])
        for kind, known in STATUSES.items()
    ]
    changed = [("Refunded", "4,200 JPY", "12,800 JPY"), ("You asked for", "", "20,600 JPY")]
    facts = {"form": form, "rows": rows, "families": FAMILY_ICONS, "changed": changed, "notes": _notes_of_staff()}
    return show(request, "gallery/components.html", **facts)


def _notes_of_staff() -> Any:
    # Models can be imported only once the settings are there.
    from billing.notes.models import Audience, Note
    from portal.web.notes import NoteForm, NoteRow, NotesPanel, Thread

    texts = {Audience.STAFF: "Third shop with this phone number.", Audience.MERCHANT_AND_STAFF: "We asked the bank."}
    facts = {"author_kind": "staff", "author_label": "Sam Okafor", "created_at": NOW}
    rows = [NoteRow(Note(audience=audience, text=text, **facts), text) for audience, text in texts.items()]
    urls = {"thread_url": "#", "whole_url": "#earlier", "post_url": "#"}
    form = NoteForm(for_staff=True)
    return NotesPanel(Thread(rows, 5), topic="cst:cst_1", triggers="live", form=form, refusal="", **urls)


def transactions(request: HttpRequest, **kwargs: str) -> HttpResponse:
    states = ["succeeded", "failed", "refunded", "disputed", "held_for_review", "authorised", "cancelled"]
    rows = [
        {
            "id": f"pay_{number}",
            "status": states[number % len(states)],
            "amount": 12840 * (number + 1),
            "currency": ("EUR", "JPY", "KWD")[number % 3],
            "reference": f"AO-{48317 - number}",
            "at": NOW - timedelta(minutes=17 * number),
        }
        for number in range(16)
    ]
    page = {"next_url": "?after=16", "previous_url": "?before=0", "first_url": "?", "number": 2}
    chips = [{"label": "Method", "value": "Visa", "remove_url": "?"}]
    name = "gallery/list.html#results" if request.headers.get("HX-Request") else "gallery/list.html"
    return show(request, name, rows=rows, page=page, chips=chips, asked=time.time_ns())


def transaction(request: HttpRequest, **kwargs: str) -> HttpResponse:
    days = [f"{day} Nov" for day in range(1, 31)]
    volume = ColumnChart("Volume", "Best day 30 Nov.", days, list(range(30)), str, "Now", list(range(30)), "Before")
    return show(
        request,
        "gallery/detail.html",
        at=NOW,
        facts=[("Customer", "Haruto Mori", ""), ("Attempts", "2", "1 declined")],
        volume=volume,
        rate=LineChart("Success rate, %", "About 94 %.", days, [94.0] * 30),
        risk=Bars("Risk 38 of 100", "The amount raises it.", [("Amount above usual", [22]), ("Known card", [-14])]),
        ages=Bars("Age of open work", "12 open.", [("Disputes", [3, 5, 4, 1])], ["0–2", "3–10", "11–30", "over 30"]),
    )


def panel(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        '<section id="related" class="cf-panel"><div class="cf-panel-body"><h2>Loaded</h2>'
        '<button type="button" class="btn" hx-get="/panel/" hx-target="#related" hx-swap="outerHTML">Again</button>'
        "</div></section>"
    )


def dialog(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        '<div class="cf-dialog-head"><h2 id="dialog-title">Refund</h2></div><div class="cf-dialog-body">'
        '<label>Amount <input class="form-control" autofocus></label>'
        '<button type="button" class="btn" data-close>Cancel</button></div>'
    )


def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None) if request.method == "POST" else SignInForm()
    return render(request, "gallery/sign_in.html", {"form": form}, status=422 if form.errors else 200)


def gone(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=401, headers={"HX-Redirect": "/sign-in/"})


def refused(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=403, headers={"HX-Trigger": '{"portal:alert": {"text": "Ask an owner."}}'})


def failing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)


def stream(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
    def signals() -> Iterator[bytes]:
        yield b"retry: 60000\n\n"
        time.sleep(1)
        yield b"event: changed\ndata: pay pay_new\n\n"
        time.sleep(20)

    return StreamingHttpResponse(signals(), content_type="text/event-stream")


merchant_urls = [
    path("", components, name="home"),
    path("transactions/", transactions, name="transactions"),
    path("transactions/<str:payment>/", transaction, name="transaction"),
]
urlpatterns = [
    path("m/<slug:merchant>/<slug:mode>/_/live/", include(([path("", stream, name="merchant")], "live"))),
    path("m/<slug:merchant>/<slug:mode>/", include((merchant_urls, "merchant"))),
    path("me/", include(([path("shortcuts/", components, name="shortcuts")], "me"))),
    path("panel/", panel),
    path("dialog/", dialog),
    path("sign-in/", sign_in),
    path("gone/", gone),
    path("refused/", refused),
    path("failing/", failing),
]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """A test that fails says more than a list of requests."""


def serve(port: int) -> None:
    settings.ROOT_URLCONF = "tests.browser.gallery"
    settings.TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")
    make_server("127.0.0.1", port, get_wsgi_application(), _Server, _Quiet).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
