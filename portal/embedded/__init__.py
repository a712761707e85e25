"""Everything `make run` starts by itself: PostgreSQL and Valkey out of wheels, and Counterfoil's own processes.

Nothing here imports Django: the launcher prepares the environment that settings are read from.
"""
