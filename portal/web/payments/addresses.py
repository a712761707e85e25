"""The addresses of one payment's page and of its parts. What the page shows stands in them."""

from functools import cached_property
from urllib.parse import urlencode

from billing.payments.models import Payment
from portal.web.notes import PARAMETER, WHOLE
from portal.web.payments.face import Face
from portal.web.payments.timeline import Kind
from portal.web.request import PersonRequest

# ``?show=money`` narrows the timeline.
SHOW = "show"


class PaymentAddresses:
    def __init__(self, request: PersonRequest, face: Face, payment: Payment) -> None:
        self._request, self.face, self.payment = request, face, payment

    @property
    def list_url(self) -> str:
        return self.face.payments_url

    @property
    def events_url(self) -> str:
        return self.face.events_url

    @cached_property
    def url(self) -> str:
        return f"{self.list_url}{self.payment.public_id}/"

    @property
    def back(self) -> str:
        return self.face.back

    @property
    def back_url(self) -> str:
        return self.back or self.list_url

    @cached_property
    def suffix(self) -> str:
        """What every address of this page's parts ends with, so that they know what the page shows."""
        return self._query()

    @property
    def whole_thread_suffix(self) -> str:
        return self._query(**{PARAMETER: WHOLE})

    @property
    def raw_suffix(self) -> str:
        return self._query(raw="1")

    @property
    def way_suffix(self) -> str:
        """For pages of other payments: the way back alone."""
        return f"?{urlencode({'back': self.back}, safe='/')}" if self.back else ""

    @cached_property
    def neighbours(self) -> tuple[str, str]:
        """The pages before and after this one in the results that the person came from; empty where there is none."""
        before, after = self.face.neighbours(self.payment) if self.back else ("", "")
        suffix = f"/{self.way_suffix}"
        return f"{self.list_url}{before}{suffix}" if before else "", f"{self.list_url}{after}{suffix}" if after else ""

    @property
    def reveal_url(self) -> str:
        return f"{self.face.reveal_url}{self.suffix}"

    @cached_property
    def show(self) -> str:
        """Of which kind the lines are; empty for all."""
        asked = self._request.GET.get(SHOW, "")
        return asked if asked in list(Kind) else ""

    @property
    def whole_thread(self) -> bool:
        return self._request.GET.get(PARAMETER) == WHOLE

    def _query(self, **more: str) -> str:
        raw = "1" if self._request.GET.get("raw") else ""
        kept = {"back": self.back, SHOW: self.show, PARAMETER: WHOLE if self.whole_thread else "", "raw": raw, **more}
        query = urlencode({name: value for name, value in kept.items() if value}, safe="/")
        return f"?{query}" if query else ""
