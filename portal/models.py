"""Every model of the site, where Django looks for them."""

from portal.access.draft import Draft
from portal.access.visit import StaffVisit
from portal.accounts.invitation import Invitation
from portal.accounts.known_device import KnownDevice
from portal.accounts.lockout import SignInBucket
from portal.accounts.second_factor import Authenticator, StaticCode
from portal.accounts.session import Session
from portal.accounts.user import Theme, User, UserManager
from portal.notifications.models import Notice, NoticeChoice, NoticeMail
from portal.web.saved_views.models import DefaultView, SavedView
from portal.web.search.recent import RecentSearch

__all__ = [
    "Authenticator",
    "DefaultView",
    "Draft",
    "Invitation",
    "KnownDevice",
    "Notice",
    "NoticeChoice",
    "NoticeMail",
    "RecentSearch",
    "SavedView",
    "Session",
    "SignInBucket",
    "StaffVisit",
    "StaticCode",
    "Theme",
    "User",
    "UserManager",
]
