"""Payment methods that a customer keeps."""

from simulator.call import Call
from simulator.instruments import methods
from simulator.protocol.errors import StripeError, declined
from simulator.store import Doc


def attach(call: Call, method: Doc, customer: str) -> Doc:
    """Keep it with a customer. StripeError: it is with another, or its issuer declines it."""
    if method["object"] == "card" or method["customer"] == customer:
        return method
    if method["customer"] is not None:
        raise StripeError("The payment method you provided has already been attached to a customer.")
    refusal = methods.refuse_to_save(method)
    if refusal:
        raise declined(refusal.message, code=refusal.code, decline_code=refusal.decline_code)
    return call.save("payment_method", method | {"customer": customer}, "payment_method.attached")
