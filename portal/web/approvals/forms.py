"""What somebody says about a request when they decide on it."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.decide import CommentMissing, CommentTooLong
from billing.approvals.models import LONGEST_COMMENT
from reports.templatetags.money import number

COMMENT_REFUSALS = (CommentMissing, CommentTooLong)


class DecisionForm(forms.Form):
    """Sent to approve or to reject; only a rejection needs the comment."""

    comment = forms.CharField(
        label=_("Comment"),
        help_text=_("A rejection needs one. Whoever asked reads it, and the audit log keeps it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def refuse(self, refused: CommentMissing | CommentTooLong) -> None:
        if isinstance(refused, CommentMissing):
            self.add_error("comment", gettext("Say why you reject it."))
            return
        most = number(LONGEST_COMMENT)
        self.add_error("comment", gettext("A comment has at most %(most)s characters.") % {"most": most})
