"""What a password must be, beside long enough (AUTH_PASSWORD_VALIDATORS)."""

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext


class LettersAndDigitsValidator:
    def validate(self, password: str, user: Any = None) -> None:
        if not any(char.isalpha() for char in password) or not any(char.isdigit() for char in password):
            raise ValidationError(gettext("Use letters and digits."), code="password_letters_and_digits")

    def get_help_text(self) -> str:
        return gettext("Use letters and digits.")


class BreachedPasswordValidator(CommonPasswordValidator):
    """Refuses what stands on Django's list of 20,000 leaked passwords, also with up to four characters hung on."""

    _TAIL = 4

    def validate(self, password: str, user: Any = None) -> None:
        plain = password.lower().strip()
        stems = {plain[: len(plain) - cut] for cut in range(self._TAIL + 1)}
        if stems & self.passwords:
            raise ValidationError(
                gettext("This password is on lists of leaked passwords. Choose another one."), code="password_breached"
            )

    def get_help_text(self) -> str:
        return gettext("It must not be on a list of leaked passwords.")
