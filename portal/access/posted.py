"""What a form is bound to."""

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """None for a GET; an empty form that was sent is sent all the same."""
    return request.POST if request.method == "POST" else None
