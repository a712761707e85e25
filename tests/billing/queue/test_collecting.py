import gc

import pytest

from billing.queue.collecting import put_off


def test_the_search_for_cycles_rests_and_goes_on():
    with put_off():
        assert not gc.isenabled()
        with put_off():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_a_failure():
    with pytest.raises(ValueError, match="broken"), put_off():
        raise ValueError("broken")
    assert gc.isenabled()
