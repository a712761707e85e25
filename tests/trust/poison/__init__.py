"""An app of the tests: the handlers of payments, with faults where an event's metadata asks for one."""
