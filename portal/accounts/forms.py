"""What people type on the way in."""

from typing import Any, cast
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SignupForm,
    default_token_generator,
)
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.internal.flows.manage_email import email_already_exists
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.accounts.after_response import after_response
from portal.accounts.user import Theme, User

RULE = _("At least 12 characters, with letters and digits.")


def _email_field(**attrs: str) -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false", **attrs})
    return forms.EmailField(label=_("E-mail"), max_length=254, widget=widget)


class NewPasswordMixin:
    """One new password, seen with *Show* rather than typed twice."""

    fields: dict[str, forms.Field]

    def dress_password(self) -> None:
        field = self.fields["password1"]
        field.label = _("New password")
        field.help_text = RULE
        field.widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not at first when an error summary wants the focus.
        autofocus = {} if self.is_bound else {"autofocus": ""}
        self.fields["login"] = _email_field(**autofocus)
        password = self.fields["password"]
        password.label = _("Password")
        password.help_text = ""
        password.widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})


class SignUpForm(NewPasswordMixin, SignupForm):
    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = _email_field()
        self.dress_password()
        self.fields["password1"].label = _("Password")

    def validate_unique_email(self, value: str) -> str:
        # Not asked before the answer: looking, and what follows from it, would take a telling time.
        return value

    def try_save(self, request: HttpRequest) -> tuple[None, HttpResponseBase]:
        """Everybody is sent to their mails; only there they learn whether the account is new."""
        after_response(request, lambda: self._make_account(request))
        return None, get_adapter().respond_email_verification_sent(request, None)

    def _make_account(self, request: HttpRequest) -> None:
        email, taken = email_already_exists(self.cleaned_data["email"])
        if taken:
            # The work that a new account would be: it slows whoever asks next, who may be the same.
            User().set_password(self.cleaned_data["password1"])
            get_adapter().send_account_already_exists_mail(email)
            return
        with transaction.atomic():
            user = cast(User, self.save(request))
            user.name = self.cleaned_data["name"]
            user.save(update_fields=["name"])
        send_verification_email_to_address(request, EmailAddress.objects.get(user=user, email=email), signup=True)


class ResetRequestForm(ResetPasswordForm):
    """Looks for the account after the answer, for the same reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = _email_field()

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        after_response(request, lambda: self._send_link(request, email))
        return email

    def _send_link(self, request: HttpRequest, email: str) -> None:
        users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
        request_password_reset(request, email, users, default_token_generator)


class NewPasswordForm(NewPasswordMixin, ResetPasswordKeyForm):
    """Also for invitations, which hand over ``user``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.dress_password()


class SignUpPasswordForm(forms.Form):
    """The password of an account that waits for its address to be confirmed. Wrong ones count like those at sign-in."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter the password that you chose.")},
    )

    def __init__(self, *args: Any, request: HttpRequest | None = None, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.email = request, email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if get_adapter().authenticate(self.request, email=self.email, password=password) is None:
            raise forms.ValidationError(_("That is not the password of this account."))
        return password


class InvitationForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"name": user.name}, **kwargs})
        self.user = user

    def clean_password1(self) -> str:
        return get_adapter().clean_password(self.cleaned_data["password1"], user=self.user)


class ChangePasswordForm(forms.Form):
    """The caller has proved the second factor minutes ago; the old password is asked all the same."""

    oldpassword = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password1 = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password1(self) -> str:
        return get_adapter().clean_password(self.cleaned_data["password1"], user=self.user)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Spaces are fine. A new code appears every 30 seconds."),
        error_messages={"required": _("Type the code.")},
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "spellcheck": "false",
                "class": "cf-code-input",
            }
        ),
    )
    remember = forms.BooleanField(
        label=_("Remember this device for 30 days"),
        required=False,
        help_text=_("Listed under Security, where you can revoke it. The code is still asked at every sign-in."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["code"].widget.attrs["autofocus"] = ""


class RecoveryCodeForm(CodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("Recovery code")
        code.help_text = _("One of the ten codes that you saved. It works once.")
        # Letters, so no number pad.
        code.widget.attrs["inputmode"] = "text"


class SavedForm(forms.Form):
    saved = forms.BooleanField(
        label=_("I saved them somewhere safe"),
        error_messages={"required": _("Save the codes first, then tick the box.")},
    )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("For pages that belong to no merchant; a merchant's pages use its own zone."),
    )

    class Meta:
        model = User
        fields = ("name", "timezone")
        labels = {"name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        cast(forms.ChoiceField, self.fields["timezone"]).choices = [
            ("", "UTC"),
            *((zone, zone.replace("_", " ")) for zone in zones),
        ]


class AppearanceForm(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(label=_("Language"), required=False, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ("language", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(code, format_html('<span lang="{}">{}</span>', code, name)) for code, name in settings.LANGUAGES]
        cast(forms.ChoiceField, self.fields["language"]).choices = [("", _("Same as my browser")), *named]


class ShortcutsForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("shortcuts_enabled",)
        labels = {"shortcuts_enabled": _("Use single-key shortcuts")}
        help_texts = {"shortcuts_enabled": _("Switch them off if a screen reader or speech input needs the keys.")}
