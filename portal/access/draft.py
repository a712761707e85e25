"""What somebody typed into a form that asked for a fresh code first: kept ten minutes, shown again, never sent."""

import json
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.http import QueryDict

from billing.clock import now
from billing.crypto import EncryptedField, reveal
from portal.web.request import PersonRequest

PARAMETER = "draft"
_KEPT = timedelta(minutes=10)
_TOKENS = {"csrfmiddlewaretoken"}
# Never worth keeping, and dangerous to keep.
_LEFT_OUT = _TOKENS | {"password", "password1", "password2", "oldpassword", "code"}
# Secrets that no form shows again.
_LEFT_OUT |= {"api_key", "webhook_secret"}


class Draft(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # The page that shows the form, without its query string.
    page = models.CharField(max_length=500)
    # JSON {field: [values]}, sealed: forms may hold keys and personal data.
    fields = EncryptedField()
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(db_index=True)


def keep_draft(request: PersonRequest, page: str) -> Draft | None:
    """None when the form held nothing but its token. Files are not kept, and of what is left out only that there was
    a form: its boxes may have been unticked."""
    if not request.POST.keys() - _TOKENS:
        return None
    fields = {name: values for name, values in request.POST.lists() if name not in _LEFT_OUT}
    Draft.objects.filter(expires_at__lt=now()).delete()
    return Draft.objects.create(user_id=request.user.pk, page=page, fields=json.dumps(fields), expires_at=now() + _KEPT)


def kept_fields(request: PersonRequest) -> QueryDict | None:
    """What ``?draft=`` of this page's address brings back, for the form's ``data`` or ``initial``."""
    try:
        wanted = uuid.UUID(request.GET.get(PARAMETER, ""))
    except ValueError:
        return None
    draft = Draft.objects.filter(pk=wanted, user_id=request.user.pk, page=request.path, expires_at__gt=now()).first()
    if draft is None:
        return None
    fields = QueryDict(mutable=True)
    for name, values in json.loads(reveal(draft, "fields") or "{}").items():
        fields.setlist(name, values)
    fields._mutable = False
    return fields
