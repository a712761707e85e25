"""Tests of the promises that only faults can break: `python -m tests.trust NAME [--full] [--seed N]`."""
