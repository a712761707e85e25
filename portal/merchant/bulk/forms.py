"""What can be done with several payments, as forms."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.audit.actor import Actor
from billing.merchants.models import Merchant
from billing.notes.add_many import add_notes
from billing.notes.models import Audience, Subject, SubjectKind
from billing.tags.change import add_tag, remove_tag
from billing.tags.models import LONGEST
from billing.tags.models import MOST as MOST_TAGS
from portal.web.notes import NOTHING_WRITTEN, clean_note
from portal.web.tags import clean_tag

Done = dict[str, int]


class BulkForm(forms.Form):
    """``form_key`` is the form's own: however often it is sent, it is done once."""

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    form_key = forms.CharField(required=False, widget=forms.HiddenInput)

    data: QueryDict

    def __init__(self, data: QueryDict | None = None, *, initial: QueryDict | None = None) -> None:
        kept = {name: initial[name] for name in self.base_fields if name in initial} if initial else {}
        super().__init__(data, auto_id="bulk-%s", initial={**kept, "form_key": str(uuid4())})

    def clean_form_key(self) -> str:
        try:
            return str(UUID(self.cleaned_data["form_key"]))
        except ValueError:
            self.renew()
            raise forms.ValidationError(
                gettext("The form came without its key, so nothing was done. Send it again.")
            ) from None

    def renew(self) -> None:
        """Another key, for a form that is sent again with other words."""
        data = self.data.copy()
        data["form_key"] = str(uuid4())
        self.data = data

    @property
    def says(self) -> dict[str, str]:
        """Everything but the key."""
        return {name: str(value) for name, value in self.cleaned_data.items() if name != "form_key"}

    @abstractmethod
    def act(self, *, merchant: Merchant, livemode: bool, payments: Sequence[str], by: Actor) -> Done:
        """Does it in one transaction; what is returned is kept for a form that comes twice."""

    @abstractmethod
    def question(self, count: int) -> str:
        """The whole decision in a sentence."""

    @abstractmethod
    def done(self, result: Done) -> str:
        """What became of it, in a sentence or two."""


class TagForm(BulkForm):
    name, label = "tag", _("Tag")
    change = forms.ChoiceField(
        label=_("What to do"),
        choices=[("add", _("Add the tag")), ("remove", _("Remove the tag"))],
        initial="add",
        widget=forms.RadioSelect,
    )
    word = forms.CharField(
        label=_("Tag"),
        help_text=_("One word, such as expedition or check-again."),
        widget=forms.TextInput(attrs={"maxlength": LONGEST + 1, "autocomplete": "off", "list": "known-tags"}),
        error_messages={"required": _("Enter a tag.")},
    )

    def clean_word(self) -> str:
        return clean_tag(self.cleaned_data["word"])

    def act(self, *, merchant: Merchant, livemode: bool, payments: Sequence[str], by: Actor) -> Done:
        change = add_tag if self.cleaned_data["change"] == "add" else remove_tag
        word = self.cleaned_data["word"]
        tagged = change(merchant=merchant, livemode=livemode, payments=payments, word=word, by=by)
        return {"asked": tagged.asked, "changed": tagged.changed, "full": tagged.full}

    def question(self, count: int) -> str:
        values = {"word": self.cleaned_data["word"], "n": f"{count:,}"}
        if self.cleaned_data["change"] == "add":
            return (
                ngettext("Add the tag “%(word)s” to %(n)s payment", "Add the tag “%(word)s” to %(n)s payments", count)
                % values
            )
        return (
            ngettext(
                "Remove the tag “%(word)s” from %(n)s payment", "Remove the tag “%(word)s” from %(n)s payments", count
            )
            % values
        )

    def done(self, result: Done) -> str:
        adding, n, full = self.cleaned_data["change"] == "add", result["changed"], result["full"]
        others = result["asked"] - n - full
        values = {"word": self.cleaned_data["word"], "n": f"{n:,}"}
        if adding:
            said = [ngettext("%(n)s payment tagged “%(word)s”.", "%(n)s payments tagged “%(word)s”.", n) % values]
            had = ngettext("%(n)s had the tag already.", "%(n)s had the tag already.", others)
        else:
            said = [
                ngettext("Tag “%(word)s” removed from %(n)s payment.", "Tag “%(word)s” removed from %(n)s payments.", n)
                % values
            ]
            had = ngettext("%(n)s did not have it.", "%(n)s did not have it.", others)
        if others:
            said.append(had % {"n": f"{others:,}"})
        if full:
            text = ngettext("%(n)s has %(most)s tags already.", "%(n)s have %(most)s tags already.", full)
            said.append(text % {"n": f"{full:,}", "most": MOST_TAGS})
        return " ".join(said)


class NotesForm(BulkForm):
    name, label = "note", _("Note")
    text = forms.CharField(
        label=_("Note"),
        help_text=_("Merchant and staff read it, on each of the payments."),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": NOTHING_WRITTEN},
    )

    def clean_text(self) -> str:
        return clean_note(self.cleaned_data["text"])

    def act(self, *, merchant: Merchant, livemode: bool, payments: Sequence[str], by: Actor) -> Done:
        subjects = [Subject(SubjectKind.PAYMENT, payment) for payment in payments]
        place: dict[str, Any] = {"merchant": merchant, "livemode": livemode, "by": by}
        text, audience = self.cleaned_data["text"], Audience.MERCHANT_AND_STAFF
        return {"changed": add_notes(**place, subjects=subjects, text=text, audience=audience)}

    def question(self, count: int) -> str:
        return ngettext("Add this note to %(n)s payment", "Add this note to %(n)s payments", count) % {
            "n": f"{count:,}"
        }

    def done(self, result: Done) -> str:
        n = result["changed"]
        return ngettext("Note added to %(n)s payment.", "Note added to %(n)s payments.", n) % {"n": f"{n:,}"}


ACTS: dict[str, type[BulkForm]] = {form.name: form for form in (TagForm, NotesForm)}
