"""Reports that Stripe writes: what there are, and runs of them that end in a file."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.events.due import timer
from simulator.kinds import declare, nulls
from simulator.money.statements import REPORTS, written
from simulator.protocol.errors import StripeError, missing, missing_parameter
from simulator.protocol.lists import whole
from simulator.resources.files import keep
from simulator.store import Doc, Window

_WRITTEN_AFTER = 5
# Worlds are younger than that.
_FIRST_DATA = 1735689600
_EVERYTHING = 1_000_000

declare(
    "reporting.report_run",
    prefix="frr",
    url="/v1/reporting/report_runs",
    title="report run",
    template={"parameters": {}, "status": "pending"} | nulls("created error report_type result succeeded_at"),
)


@endpoint("POST", "/v1/reporting/report_runs")
def create(call: Call) -> Doc:
    type_, given = call.params["report_type"], call.params.get("parameters") or {}
    if type_ not in REPORTS:
        raise missing("report type", type_, "report_type", status=400)
    needed = ("payout",) if ".by_id." in type_ else ("interval_start", "interval_end")
    for name in needed:
        if name not in given:
            raise missing_parameter(f"parameters[{name}]")
    if needed[0] != "payout" and given["interval_start"] >= given["interval_end"]:
        raise StripeError("The interval must end after it starts.", param="parameters[interval_end]")
    doc = call.new("reporting.report_run", report_type=type_, parameters=given)
    call.later(_WRITTEN_AFTER, "report_run.ends", doc["id"])
    return call.add("reporting.report_run", doc)


@endpoint("GET", "/v1/reporting/report_runs/{report_run}")
def retrieve(call: Call, run: str) -> Doc:
    return call.get("reporting.report_run", run)


@endpoint("GET", "/v1/reporting/report_runs")
def list_(call: Call) -> Doc:
    return call.page("reporting.report_run")


@endpoint("GET", "/v1/reporting/report_types")
def types(call: Call) -> Doc:
    found = [_type(call, name) for name in REPORTS]
    return whole(found, "/v1/reporting/report_types", most=len(found))


@endpoint("GET", "/v1/reporting/report_types/{report_type}")
def type_(call: Call, name: str) -> Doc:
    if name not in REPORTS:
        raise missing("report type", name, "report_type")
    return _type(call, name)


@timer("report_run.ends")
def ends(call: Call, run: str) -> None:
    doc = call.get("reporting.report_run", run)
    content = written(doc["report_type"], _lines(call, doc["parameters"]))
    name = f"{doc['report_type']}-{run}.csv"
    file = keep(call, content, filename=name, kind="csv", purpose="finance_report_run")
    done = {"result": file, "status": "succeeded", "succeeded_at": call.now}
    call.save("reporting.report_run", doc | done, "reporting.report_run.succeeded")


def _lines(call: Call, parameters: Doc) -> list[Doc]:
    """The transactions that the parameters choose, oldest first."""
    filters: dict[str, str] = {name: parameters[name] for name in ("payout", "currency") if name in parameters}
    bounds = [("created", ">=", parameters["interval_start"])] if "interval_start" in parameters else []
    bounds += [("created", "<", parameters["interval_end"])] if "interval_end" in parameters else []
    part = Window(_EVERYTHING, ranges=bounds)
    found = call.store.select(call.account, "balance_transaction", filters, part)
    category = parameters.get("reporting_category")
    return [doc for doc in reversed(found) if category in (None, doc["reporting_category"])]


def _type(call: Call, name: str) -> Doc:
    label, _, columns, _ = REPORTS[name]
    return {
        "id": name,
        "object": "reporting.report_type",
        "data_available_end": call.now,
        "data_available_start": _FIRST_DATA,
        "default_columns": list(columns),
        "livemode": False,
        "name": label,
        "updated": call.now,
        "version": int(name.rpartition(".")[2]),
    }
