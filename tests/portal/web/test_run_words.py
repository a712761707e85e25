"""Every phase of a run has words for people."""

import pytest

from billing.mirror import registry
from billing.sync import complete
from billing.sync.gaps import _PHASES as GAPS
from billing.sync.models import SyncRun
from portal.web.providers.runs import run_view

PHASES = [*registry.kinds(), *(f"rows:{kind}" for kind in registry.kinds()), *GAPS, *complete.PHASES, "again"]


@pytest.mark.parametrize("phase", PHASES)
def test_no_phase_is_shown_by_its_inner_name(phase: str):
    words = str(run_view(SyncRun(kind="drift", phase=phase, attempts=1, state="leased")).phase)
    assert words[0].isupper()
    assert ":" not in words
    assert "_" not in words
