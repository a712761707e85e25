"""Merchants who never were: their customers, payments and troubles, written with the same calls as anybody's."""
