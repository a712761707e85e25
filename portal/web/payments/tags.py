"""The tags on the page of a payment, and the form beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.audit.actor import Actor
from billing.merchants.models import Merchant
from billing.tags.change import add_tag, remove_tag
from billing.tags.models import LONGEST, MOST
from portal.web.tags import clean_tag

TAGS = "components/payments/tags.html"


class TagForm(forms.Form):
    """Puts a word on one payment, or takes it off."""

    change = forms.ChoiceField(choices=[("add", ""), ("remove", "")], widget=forms.HiddenInput)
    word = forms.CharField(
        label=_("New tag"),
        widget=forms.TextInput(attrs={"maxlength": LONGEST + 1, "autocomplete": "off", "placeholder": _("New tag")}),
        error_messages={"required": _("Enter a tag.")},
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="tag-%s")

    def clean_word(self) -> str:
        return clean_tag(self.cleaned_data["word"])

    def write(self, *, merchant: Merchant, livemode: bool, payment: str, by: Actor) -> str:
        """What was done, in a sentence; empty, and an error on the form, where nothing could be. The form is valid."""
        adding, word = self.cleaned_data["change"] == "add", self.cleaned_data["word"]
        change = add_tag if adding else remove_tag
        tagged = change(merchant=merchant, livemode=livemode, payments=[payment], word=word, by=by)
        if tagged.full:
            text = gettext("A payment has at most %(most)s tags. Remove one first.")
            self.add_error("word", forms.ValidationError(text, params={"most": MOST}))
            return ""
        return (gettext("Tag “%(word)s” added.") if adding else gettext("Tag “%(word)s” removed.")) % {"word": word}


@dataclass(frozen=True, slots=True)
class TagsPanel:
    """``form`` is None for those who may not change them."""

    words: Sequence[str]
    post_url: str
    form: TagForm | None
