from tests.billing.commands.conftest import processor, till

__all__ = ["processor", "till"]
