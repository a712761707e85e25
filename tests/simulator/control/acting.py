"""An act of the control door, without HTTP."""

from typing import Any

from simulator.control.acts import Act
from simulator.store import Doc
from tests.simulator.worlds import ACCOUNT, World


def done(world: World, act: Act, account: str = ACCOUNT, **given: Any) -> Doc:
    with world.engine.transaction():
        return world.engine.act(account, "/test", lambda call: act(call, **given), **given)
