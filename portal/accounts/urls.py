"""Addresses of identity (allauth's names), of /me/, and of the demonstration's mails."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from portal.accounts import (
    accept_invitation,
    challenge,
    dev_mail,
    entrance,
    security_pages,
    sessions_pages,
    set_up,
    settings_pages,
    start,
    step_up,
)

_accounts = [
    path("login/", entrance.sign_in, name="account_login"),
    path("logout/", entrance.sign_out, name="account_logout"),
    path("signup/", entrance.sign_up, name="account_signup"),
    path("inactive/", entrance.inactive, name="account_inactive"),
    path("confirm-email/", entrance.email_verification_sent, name="account_email_verification_sent"),
    path("confirm-email/<str:key>/", entrance.confirm_email, name="account_confirm_email"),
    path("password/reset/", entrance.reset_password, name="account_reset_password"),
    path("password/reset/done/", entrance.reset_password_done, name="account_reset_password_done"),
    path("password/reset/key/done/", entrance.new_password_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        entrance.new_password,
        name="account_reset_password_from_key",
    ),
    path("invite/<str:token>/", accept_invitation.accept_invitation, name="account_invitation"),
    path("2fa/setup/", set_up.set_up, name="account_2fa_setup"),
    path("2fa/codes/", set_up.codes, name="account_2fa_codes"),
    path("2fa/challenge/", challenge.by_app, name="account_2fa_challenge"),
    path("2fa/recovery/", challenge.by_recovery_code, name="account_2fa_recovery"),
    path("2fa/lost/", challenge.lost, name="account_2fa_lost"),
    path("reauthenticate/", step_up.reauthenticate, name="account_reauthenticate"),
]
_me = [
    path("profile/", settings_pages.profile, name="profile"),
    path("security/", security_pages.security, name="security"),
    path("security/password/", security_pages.password, name="password"),
    path("security/codes/", security_pages.codes, name="codes"),
    path("security/authenticator/", security_pages.authenticator, name="authenticator"),
    path("security/devices/<slug:device>/forget/", security_pages.forget_device, name="device_forget"),
    path("sessions/", sessions_pages.sessions, name="sessions"),
    path("sessions/_/list/", sessions_pages.sessions_list, name="sessions_list"),
    path("sessions/others/end/", sessions_pages.end_others, name="sessions_end_others"),
    path("sessions/<slug:session>/end/", sessions_pages.end_one, name="session_end"),
    path("appearance/", settings_pages.appearance, name="appearance"),
    path("shortcuts/", settings_pages.shortcuts, name="shortcuts"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", start.start, name="start"),
    path("accounts/", include(_accounts)),
    path("me/", include((_me, "me"))),
    path("dev/", include(([path("mail/", dev_mail.mailbox, name="mail")], "dev"))),
]
