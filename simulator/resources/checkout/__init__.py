"""Checkout: sessions that a buyer completes on a page of the processor, and links to such pages."""
