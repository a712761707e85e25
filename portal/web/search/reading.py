"""What the terms of a search mean; a sentence for each that means nothing here."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext

from billing.money import KNOWN_CURRENCIES, AmountMalformed, Money, parse
from portal.web.kept_words import in_words
from portal.web.search.asked import OURS, THEIRS, Asked
from portal.web.search.days import DayMalformed, read_days
from portal.web.search.language import Term
from reports.status import STATUSES, our_word
from reports.templatetags.money import current_locale

LONGEST = 300
QUALIFIERS = ("status", "is", "amount", "currency", "last4", "email", "date")
STAFF_QUALIFIERS = (*QUALIFIERS, "merchant", "mode")
_ID = re.compile(r"([a-z]{2,7})_[0-9A-Za-z_]+", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_NUMBER = re.compile(r"\d[\d.,'\u2019]*", re.ASCII)
_LAST4 = re.compile(r"\d{4}", re.ASCII)
_AMOUNT = re.compile(r"(>=|<=|>|<)?\s*([^A-Za-z]*?)\s*([A-Za-z]{3})?")


class Unreadable(ValueError):
    """A value that means nothing; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Without problems ``asked`` is all that was typed."""

    asked: Asked
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: ``currency`` is that of amounts without one, empty where none goes without saying."""

    today: date
    currency: str
    locale: str
    qualifiers: Sequence[str] = QUALIFIERS

    def read(self, terms: Iterable[Term]) -> Reading:
        terms = list(terms)
        named = [term for term in terms if term.name]
        words = [term for term in terms if not term.name]
        problems: list[str] = []
        asked = Asked()
        # Amounts are read by the currency that stands elsewhere.
        for term in sorted(named, key=lambda term: term.name != "currency"):
            asked = self._with(asked, term, problems)
        try:
            asked = self._with_words(asked, [term for term in words if not term.negated])
        except Unreadable as error:
            problems.append(str(error))
        for term in words:
            if term.negated:
                asked = replace(asked, without=(*asked.without, Asked(text=term.value)))
        return Reading(asked, tuple(dict.fromkeys(problems)))

    def _with(self, asked: Asked, term: Term, problems: list[str]) -> Asked:
        if term.name not in self.qualifiers:
            known = ", ".join(f"{name}:" for name in self.qualifiers)
            problems.append(
                gettext(
                    "“%(name)s:” is not known here. Use %(known)s or put it in quotes to search for it as it stands."
                )
                % {"name": term.name, "known": known}
            )
            return asked
        readers: dict[str, Callable[[Asked, Term], Asked]] = {
            "status": self._status,
            "is": self._is,
            "amount": self._amount,
            "currency": self._currency,
            "last4": self._last4,
            "email": self._email,
            "date": self._date,
            "merchant": self._merchant,
            "mode": self._mode,
        }
        try:
            return readers[term.name](asked, term)
        except Unreadable as error:
            problems.append(str(error))
            return asked

    # --- Qualifiers ---
    def _status(self, asked: Asked, term: Term) -> Asked:
        chosen = tuple(_status_of(part) for part in term.value.split(","))
        return _among(asked, chosen, negated=term.negated, either=True)

    def _is(self, asked: Asked, term: Term) -> Asked:
        word = _plain(term.value)
        if word == "refunded":
            return _one(asked, "refunded", not term.negated, term)
        if word == "disputed":
            return _one(asked, "disputed", not term.negated, term)
        return _among(asked, (_status_of(term.value, name="is"),), negated=term.negated)

    def _amount(self, asked: Asked, term: Term) -> Asked:
        low, high = self._bounds(term.value, asked.currency or self.currency)
        if term.negated:
            return _without(asked, Asked(low=low, high=high))
        bounds = [bound for bound in (low, high, asked.low, asked.high) if bound is not None]
        if len({bound.currency for bound in bounds}) > 1:
            raise Unreadable(gettext("Amounts of two currencies do not compare. Search for one of them at a time."))
        low = max((each for each in (low, asked.low) if each is not None), default=None)
        high = min((each for each in (high, asked.high) if each is not None), default=None)
        if low is not None and high is not None and high < low:
            raise Unreadable(gettext("No amount is within all of these limits."))
        return replace(asked, low=low, high=high)

    def _currency(self, asked: Asked, term: Term) -> Asked:
        code = term.value.upper()
        if code not in KNOWN_CURRENCIES:
            raise _unreadable(term, gettext("a currency's three letters, such as currency:EUR"))
        return _without(asked, Asked(currency=code)) if term.negated else _one(asked, "currency", code, term)

    def _last4(self, asked: Asked, term: Term) -> Asked:
        if not _LAST4.fullmatch(term.value):
            raise _unreadable(term, gettext("the four last digits, such as last4:4242"))
        return _without(asked, Asked(last4=term.value)) if term.negated else _one(asked, "last4", term.value, term)

    def _email(self, asked: Asked, term: Term) -> Asked:
        if not _EMAIL.fullmatch(term.value):
            raise _unreadable(term, gettext("a whole address, such as email:lena@example.com"))
        return _without(asked, Asked(email=term.value)) if term.negated else _one(asked, "email", term.value, term)

    def _date(self, asked: Asked, term: Term) -> Asked:
        try:
            days = read_days(term.value, today=self.today)
        except DayMalformed:
            raise _unreadable(
                term, gettext("a day or a period, such as date:yesterday, date:last-week, date:2026-11 or date:20 Nov")
            ) from None
        return _without(asked, Asked(days=days)) if term.negated else _one(asked, "days", days, term)

    def _merchant(self, asked: Asked, term: Term) -> Asked:
        if not re.fullmatch(r"[\w-]{1,63}", term.value) or term.negated:
            raise _unreadable(term, gettext("a merchant's short name, such as merchant:acme"))
        return _one(asked, "merchant", term.value.lower(), term)

    def _mode(self, asked: Asked, term: Term) -> Asked:
        modes = {"live": True, "test": False}
        if term.value.lower() not in modes:
            raise _unreadable(term, gettext("mode:live or mode:test"))
        return _one(asked, "livemode", modes[term.value.lower()] != term.negated, term)

    # --- Words ---
    def _with_words(self, asked: Asked, words: list[Term]) -> Asked:
        ids = [term for term in words if _is_id(term)]
        emails = [term for term in words if not term.quoted and _EMAIL.fullmatch(term.value)]
        rest = [term for term in words if term not in ids and term not in emails]
        for term in ids:
            asked = _one(asked, "id", term.value, term)
        for term in emails:
            asked = _one(asked, "email", term.value, term)
        if len(rest) > 1:
            asked, rest = self._with_numbers(asked, rest)
        text = " ".join(term.value for term in rest)
        if asked.id and text:
            raise Unreadable(gettext("An id is looked up by itself. Remove “%(words)s”.") % {"words": text})
        alone = len(rest) == 1 and not rest[0].quoted
        return replace(asked, text=text, guess=self._guess(text, asked) if alone else None)

    def _with_numbers(self, asked: Asked, words: list[Term]) -> tuple[Asked, list[Term]]:
        """``4242 19.90 EUR``: last digits, an amount, its currency. Whole numbers among plain words are such a word."""
        left, number = [], ""
        plain = any(not _is_number(term) and not _is_currency(term) for term in words)
        amounts: list[tuple[str, str]] = []
        for term in words:
            if _is_currency(term) and number:
                amounts.append((number, term.value.upper()))
                number = ""
                continue
            if number:
                amounts.append((number, ""))
                number = ""
            whole = term.value.isdigit()
            if not _is_number(term) or (plain and whole):
                left.append(term)
            elif (
                _LAST4.fullmatch(term.value) and not asked.last4 and len(words) > 1 and not _is_last_number(term, words)
            ):
                asked = replace(asked, last4=term.value)
            else:
                number = term.value
        amounts += [(number, "")] if number else []
        for value, currency in amounts:
            asked = self._amount(asked, Term("amount", f"{value} {currency}".strip()))
        return asked, left

    def _guess(self, text: str, asked: Asked) -> Money | None:
        return guess_amount(text, asked.currency or self.currency, locale=self.locale)

    # --- Amounts ---
    def _bounds(self, text: str, currency: str) -> tuple[Money | None, Money | None]:
        begin, dots, end = text.partition("..")
        if dots:
            own = _AMOUNT.fullmatch(end.strip())
            currency = (own[3] or currency if own else currency).upper()
            low = self._money(begin, currency)[1] if begin.strip() else None
            high = self._money(end, currency)[1] if end.strip() else None
            if low is None and high is None:
                raise Unreadable(_amount_sentence(text))
            return low, high
        sign, amount = self._money(text, currency)
        step = Money(1, amount.currency)
        bounds: dict[str, tuple[Money | None, Money | None]] = {
            "": (amount, amount),
            ">": (amount + step, None),
            ">=": (amount, None),
            "<": (None, amount - step),
            "<=": (None, amount),
        }
        return bounds[sign]

    def _money(self, text: str, currency: str) -> tuple[str, Money]:
        match = _AMOUNT.fullmatch(text.strip())
        if match is None or not match[2]:
            raise Unreadable(_amount_sentence(text))
        code = (match[3] or currency).upper()
        if not code:
            raise Unreadable(gettext("Say the currency of the amount, such as 19.90 EUR or currency:EUR."))
        if code not in KNOWN_CURRENCIES:
            raise Unreadable(gettext("“%(code)s” is no currency that is known here.") % {"code": code})
        try:
            return match[1] or "", parse(match[2], code, locale=self.locale)
        except AmountMalformed as error:
            raise Unreadable(f"“{text.strip()}”: {in_words(str(error))}") from error


def guess_amount(text: str, currency: str, *, locale: str | None = None) -> Money | None:
    """The amount that a text may be, read in the page's language unless ``locale`` is given."""
    if not currency or not _NUMBER.fullmatch(text):
        return None
    try:
        return parse(text, currency, locale=locale or current_locale())
    except AmountMalformed:
        return None


def _is_id(term: Term) -> bool:
    match = _ID.fullmatch(term.value)
    return not term.quoted and match is not None and (match[1] in OURS or match[1] in THEIRS)


def _is_number(term: Term) -> bool:
    return not term.quoted and _NUMBER.fullmatch(term.value) is not None


def _is_currency(term: Term) -> bool:
    return not term.quoted and term.value.upper() in KNOWN_CURRENCIES


def _is_last_number(term: Term, words: list[Term]) -> bool:
    """Whether no other number remains to be the amount: ``4242 EUR`` is one."""
    return not any(_is_number(other) and other is not term for other in words)


def _status_of(text: str, name: str = "status") -> str:
    wanted = _plain(text)
    for value, status in STATUSES["payment"].items():
        if wanted in (value, _plain(str(status.label))) or our_word(wanted) == value:
            return value
    example = gettext("a status, such as status:failed, status:succeeded or status:partially-refunded")
    if name == "is":
        example = gettext("is:disputed, is:refunded or a status, such as is:failed")
    raise _unreadable(Term(name, text), example)


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip().lower())


def _among(asked: Asked, chosen: tuple[str, ...], *, negated: bool, either: bool = False) -> Asked:
    """Narrowed to these statuses, or to all others. With ``either`` one more ``status:`` widens the choice."""
    every = tuple(STATUSES["payment"])
    before = asked.statuses or every
    if negated:
        left = tuple(each for each in before if each not in chosen)
    elif either and asked.statuses:
        left = tuple(each for each in every if each in before or each in chosen)
    else:
        left = tuple(each for each in before if each in chosen)
    if not left:
        raise Unreadable(gettext("No payment is in all of these states at once."))
    return replace(asked, statuses=left)


def _without(asked: Asked, one: Asked) -> Asked:
    return replace(asked, without=(*asked.without, one))


def _one(asked: Asked, field: str, value: object, term: Term) -> Asked:
    before = getattr(asked, field)
    if before not in (None, "", value):
        raise Unreadable(gettext("“%(term)s” does not go with what stands before it. Keep one.") % {"term": str(term)})
    return replace(asked, **{field: value})  # type: ignore[arg-type]


def _unreadable(term: Term, example: str) -> Unreadable:
    return Unreadable(
        gettext("“%(term)s” cannot be read. Write %(example)s.") % {"term": str(term), "example": example}
    )


def _amount_sentence(text: str) -> str:
    return gettext(
        '“%(text)s” is no amount. Write amount:19.90, amount:>100, amount:50..100 or amount:"19.90 EUR".'
    ) % {"text": text}
