"""How a payment goes: confirmed, charged, settled, captured, given back."""
