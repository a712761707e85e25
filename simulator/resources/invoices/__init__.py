"""Invoices: drafts of lines, then finalized, asked for, and paid, void or uncollectible."""
