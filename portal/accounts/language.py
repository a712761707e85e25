"""In which language a request is answered: the person's own, else the best of what their browser asks for."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from portal.accounts.user import User


class LanguageOfPerson:
    """Every text of the answer is in one language, and the thread that made it keeps none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        own = offered(request.user.language) if request.user.is_authenticated else ""
        language = own or translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        if not own:
            patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", language)
        return response


def offered(language: str) -> str:
    """The language itself, or nothing when it is not (or no longer) among settings.LANGUAGES."""
    return language if language in dict(settings.LANGUAGES) else ""


def language_for(user: User | None) -> AbstractContextManager[None]:
    """``with language_for(user):`` for what this person reads elsewhere, such as a mail. Who has chosen none, or is
    not known, gets the language that is active: that of whoever caused it."""
    own = offered(user.language) if user else ""
    return translation.override(own or translation.get_language())
