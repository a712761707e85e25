"""The one way in which a start fails: a sentence for the person who typed the command."""


class CannotStart(Exception):
    """Why an installation cannot start, as one sentence that says what to do. Ends the launcher with code 2."""
