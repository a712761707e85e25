"""What goes wrong after a payment: disputes, warnings, reviews, and the lists that block."""
