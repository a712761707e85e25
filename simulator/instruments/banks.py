"""Stripe's test bank accounts (SEPA IBANs and accounts in the United States), and what a debit of each causes."""

from dataclasses import dataclass
from itertools import cycle

from simulator.instruments.cards import fingerprint
from simulator.instruments.declines import RETURNS, Decline

_SOON, _MINUTES, _DAYS = 5, 180, 5 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Bank:
    """``after``: seconds of virtual time until the debit of this account succeeds, or fails with ``failure``."""

    number: str
    name: str = ""
    after: int = _DAYS
    failure: str | None = None
    effects: tuple[str, ...] = ()

    @property
    def declined(self) -> Decline | None:
        return RETURNS[self.failure] if self.failure else None

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.number)


# What follows `pm_`, before the country: seconds, failure, effects.
_FATES: dict[str, tuple[int, str | None, tuple[str, ...]]] = {
    "success": (_SOON, None, ()),
    "successDelayed": (_MINUTES, None, ()),
    "failed": (_SOON, "payment_method_provider_decline", ()),
    "failedDelayed": (_MINUTES, "payment_method_provider_decline", ()),
    "disputed": (_SOON, None, ("dispute.fraudulent",)),
    "exceedsWeeklyVolumeLimit": (_SOON, "charge_exceeds_source_limit", ()),
    "exceedsWeeklyTransactionLimit": (_SOON, "charge_exceeds_transaction_limit", ()),
    "insufficientFunds": (_SOON, "insufficient_funds", ()),
}
# In the order of the fates, country by country.
_IBANS = """
AT611904300234573201 AT321904300235473204 AT861904300235473202 AT051904300235473205 AT591904300235473203
AT981904300000343434 AT601904300000121212 AT981904300002222227 BE62510007547061 BE78510007547064
BE68539007547034 BE51510007547065 BE08510007547063 BE90510000343434 BE52510000121212 BE90510002222227
DE89370400440532013000 DE08370400440532013003 DE62370400440532013001 DE78370400440532013004
DE35370400440532013002 DE65370400440000343434 DE27370400440000121212 DE65370400440002222227 FI2112345600000785
FI3712345600000788 FI9112345600000786 FI1012345600000789 FI6412345600000787 FI6712345600343434
FI2912345600121212 FI6712345602222227 FR1420041010050500013M02606 FR3020041010050500013M02609
FR8420041010050500013M02607 FR7920041010050500013M02600 FR5720041010050500013M02608 FR9720041010050000000343434
FR5920041010050000000121212 FR9720041010050000002222227
"""
SEPA = (
    *(
        Bank(iban, f"pm_{fate}_{iban[:2].lower()}", *_FATES[fate])
        for fate, iban in zip(cycle(_FATES), _IBANS.split(), strict=False)
    ),
    Bank("IT40S0542811101000000123456", "pm_success_it", *_FATES["success"]),
    Bank("IT60X0542811101000000123456", "pm_failed_it", *_FATES["failed"]),
)
AMERICAN = (
    Bank("000123456789", "pm_usBankAccount pm_usBankAccount_success", _SOON),
    Bank("000111111113", "pm_usBankAccount_accountClosed", _SOON, "account_closed"),
    Bank("000111111116", "pm_usBankAccount_noAccount", _SOON, "no_account"),
    Bank("000222222227", "pm_usBankAccount_insufficientFunds", _SOON, "insufficient_funds"),
    Bank("000333333335", "pm_usBankAccount_debitNotAuthorized", _SOON, "debit_not_authorized"),
    Bank("000555555559", "pm_usBankAccount_dispute", _SOON, None, ("dispute.fraudulent",)),
)
ROUTING_NUMBER = "110000000"
_BY_NAME = {
    name: (type_, bank)
    for type_, banks in (("sepa_debit", SEPA), ("us_bank_account", AMERICAN))
    for bank in banks
    for name in bank.name.split()
}
_BY_FINGERPRINT = {bank.fingerprint: bank for bank in (*SEPA, *AMERICAN)}


def named(name: str) -> tuple[str, Bank] | None:
    """Type and account of a test payment method such as `pm_success_de`."""
    return _BY_NAME.get(name)


def numbered(number: str) -> Bank:
    """The account of a number; one that pays after days where it stands in no table."""
    return _BY_FINGERPRINT.get(fingerprint(number)) or Bank(number)


def behind(print_: str | None) -> Bank:
    return _BY_FINGERPRINT.get(print_ or "", Bank(""))
