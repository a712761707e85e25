"""The baseline's site. It runs in an environment of its own and imports nothing of the product."""
