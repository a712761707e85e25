"""What people pay with: cards and accounts for tests, what each causes, and how methods are shown."""
