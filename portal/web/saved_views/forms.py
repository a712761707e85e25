"""The form that names a view, and keeps what it says."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.web.saved_views.keep import NameRefused, NameTaken, TooManyViews, tidy
from portal.web.saved_views.models import LONGEST_NAME, MOST, SavedView


class ViewForm(forms.Form):
    """Of a new view, or of ``view``. Who may not share has no choice; ``right`` says that the filters are."""

    name = forms.CharField(
        label=_("Name"),
        widget=forms.TextInput(attrs={"maxlength": LONGEST_NAME, "autocomplete": "off"}),
        error_messages={"required": _("Give the view a name.")},
    )
    shared = forms.BooleanField(
        label=_("Share it with the team"),
        help_text=_("Everybody at this merchant who sees payments finds it in this list."),
        required=False,
    )

    def __init__(
        self, data: QueryDict | None = None, *, may_share: bool, view: SavedView | None = None, right: bool = True
    ) -> None:
        initial = {"name": view.name, "shared": view.is_shared} if view else {}
        super().__init__(data, auto_id="view-%s", initial=initial)
        self._right = right
        if not may_share:
            del self.fields["shared"]

    def clean_name(self) -> str:
        try:
            return tidy(self.cleaned_data["name"])
        except NameRefused:
            raise forms.ValidationError(
                gettext("A name has 1 to %(most)s letters, digits and signs.") % {"most": LONGEST_NAME}
            ) from None

    def clean(self) -> dict[str, Any]:
        if not self._right:
            self.add_error(None, gettext("The filters contain an error. Mend them before you save the view."))
        return self.cleaned_data

    def owner_id(self, user_id: int) -> int | None:
        """The person's id, or None for the team."""
        return None if self.cleaned_data.get("shared") else user_id

    def refuse(self, problem: NameTaken | TooManyViews) -> None:
        if isinstance(problem, NameTaken):
            shared = self.cleaned_data.get("shared")
            self.add_error(
                "name",
                gettext("The team has a view of that name in this list. Choose another name.")
                if shared
                else gettext("You have a view of that name in this list. Choose another name."),
            )
        else:
            self.add_error(None, gettext("A list has at most %(most)s views. Delete one first.") % {"most": MOST})
