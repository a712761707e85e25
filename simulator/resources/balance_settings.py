"""How an account is paid out."""

from simulator import accounts
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.money import payouts
from simulator.store import Doc

_SETTABLE = ("schedule", "statement_descriptor")
# Of the schedule, what accounts show and settings do not.
_OLDER = ("delay_days", "monthly_anchor", "weekly_anchor")


@endpoint("GET", "/v1/balance_settings")
def retrieve(call: Call) -> Doc:
    return _shown(call)


@endpoint("POST", "/v1/balance_settings")
def update(call: Call) -> Doc:
    given = call.params.get("payments") or {}
    changes = {name: value for name, value in (given.get("payouts") or {}).items() if name in _SETTABLE}
    if "debit_negative_balances" in given:
        changes["debit_negative_balances"] = given["debit_negative_balances"]
    doc = accounts.account(call)
    doc["settings"]["payouts"] = payouts.with_settings(doc["settings"]["payouts"], changes)
    accounts.keep(call, doc)
    payouts.reschedule(call)
    answer = _shown(call)
    call.emit("balance_settings.updated", answer)
    return answer


def _shown(call: Call) -> Doc:
    account = accounts.account(call)
    settings = account["settings"]["payouts"]
    return {
        "object": "balance_settings",
        "payments": {
            "debit_negative_balances": settings["debit_negative_balances"],
            "payouts": {
                "automatic_transfer_rules_by_currency": None,
                "minimum_balance_by_currency": None,
                "schedule": {name: value for name, value in settings["schedule"].items() if name not in _OLDER},
                "statement_descriptor": settings["statement_descriptor"],
                "status": "enabled" if account["payouts_enabled"] else "disabled",
            },
            "settlement_timing": {
                "delay_days": settings["schedule"]["delay_days"],
                "start_of_day": {"hour": 0, "minutes": 0, "timezone": "Etc/UTC"},
            },
        },
    }
