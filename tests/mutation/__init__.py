"""Whether the tests of what finds tampering would notice if it found less."""
