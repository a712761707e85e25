"""/me/: what people set for themselves."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from portal.access.guards import person_view
from portal.access.posted import posted
from portal.accounts.forms import AppearanceForm, ProfileForm, ShortcutsForm
from portal.web.request import PersonRequest

FORM = ("GET", "POST")


@person_view(methods=FORM)
def profile(request: PersonRequest) -> HttpResponse:
    return _settings_page(request, ProfileForm, "me/profile.html", "me:profile")


@person_view(methods=FORM)
def appearance(request: PersonRequest) -> HttpResponse:
    return _settings_page(request, AppearanceForm, "me/appearance.html", "me:appearance")


@person_view(methods=FORM)
def shortcuts(request: PersonRequest) -> HttpResponse:
    return _settings_page(request, ShortcutsForm, "me/shortcuts.html", "me:shortcuts")


def _settings_page(request: PersonRequest, form_class: type[forms.ModelForm], template: str, name: str) -> HttpResponse:  # type: ignore[type-arg]
    form = form_class(posted(request), instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.instance.save(update_fields=list(form.fields))
        messages.success(request, gettext("Saved."))
        return HttpResponseRedirect(reverse(name), status=303)
    return render(request, template, {"form": form}, status=422 if form.is_bound and form.errors else 200)
