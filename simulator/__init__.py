"""A stand-in for Stripe: a process of its own that keeps its own books and can be made to fail."""
