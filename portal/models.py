"""Every model of the site, where Django looks for them."""

from portal.accounts.user import Theme, User, UserManager

__all__ = ["Theme", "User", "UserManager"]
