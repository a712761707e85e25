"""Settings. Everything that differs between installations comes from the environment (.env.example lists it)."""

import os
from pathlib import Path

import environ

from portal.web import logs
from portal.web.csp import POLICY

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("COUNTERFOIL_DATA", BASE_DIR / ".data")).resolve()

# `manage.py …` typed beside a running installation finds that one: its launcher leaves its addresses here.
# Real environment variables win.
environ.Env.read_env(DATA_DIR / "environment", overwrite=False)
env = environ.Env()

SECRET_KEY = env("SECRET_KEY")
DEBUG = False
DEMO = env.bool("COUNTERFOIL_DEMO", False)
# The address people type; its scheme decides about secure cookies and HSTS.
PUBLIC_URL = env("COUNTERFOIL_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# Reverse proxies that may name the client's address; the last of them is believed, never the first entry.
TRUSTED_PROXIES = env.list("COUNTERFOIL_TRUSTED_PROXIES", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_tables2",
    "template_partials.apps.SimpleAppConfig",
    "billing",
    "disputes",
    "reports",
    "portal",
]
MIDDLEWARE = [
    "portal.web.request_id.request_id_middleware",
    "portal.web.access_log.access_log_middleware",
    "django.middleware.security.SecurityMiddleware",
    # Before whatever may answer by itself: every response carries the policy, static files included.
    "csp.middleware.CSPMiddleware",
    "portal.web.headers.headers_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.accounts.identify.PersonOfSession",
    "portal.accounts.language.LanguageOfPerson",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.accounts.identify.DeviceOfSession",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.middleware.LiveSession",
    "portal.web.pan.CardNumberGuard",
    "django_htmx.middleware.HtmxMiddleware",
]
AUTH_USER_MODEL = "portal.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
ASGI_APPLICATION = "portal.asgi.application"

DATABASES = {
    "default": {
        **env.db("DATABASE_URL"),
        "CONN_MAX_AGE": env.int("COUNTERFOIL_CONN_MAX_AGE", 600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c lock_timeout=2s -c statement_timeout=30s -c timezone=UTC",
            "connect_timeout": 3,
        },
    }
}
# Who owns the tables: `migrate` connects there, nobody else. Empty: DATABASE_URL's role does both.
DATABASE_OWNER = env.db("DATABASE_OWNER_URL") if env("DATABASE_OWNER_URL", default="") else {}
REDIS_URL = env("REDIS_URL", default="")
# What may not vanish is in PostgreSQL: allauth's rate limits live in the default cache.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Above this many entries Django drops a third of them, limits included.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Markup round the pages, under keys that name all it depends on: nothing in here can be out of date.
    "frames": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 2_000}},
}

LANGUAGE_CODE = "en-gb"
# Named in their own words, for whoever reads no other. Only what is translated in full is offered.
LANGUAGES = [("en-gb", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = logs.configure(env("COUNTERFOIL_LOG_LEVEL", default="INFO"))

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("COUNTERFOIL_STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.web.static.HashedStorage"},
}
# Until `collectstatic` has run, files come straight from where they are written.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
# Nobody else's page has a use for our files.
WHITENOISE_ALLOW_ALL_ORIGINS = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.cache",
                "django.templatetags.static",
                "django.templatetags.i18n",
                "reports.templatetags.money",
                "reports.templatetags.shares",
                "reports.templatetags.dates",
                "reports.templatetags.status",
                "reports.templatetags.charts",
                "reports.templatetags.icons",
                "portal.templatetags.controls",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.shell",
                "portal.notifications.bell.bell",
            ],
        },
    }
]
CONTENT_SECURITY_POLICY = POLICY
CSRF_FAILURE_VIEW = "portal.web.errors.csrf_failure"

# Durable work: how long a worker may hold a row, and how often the sweeper looks for due ones.
QUEUE_LEASE_SECONDS = env.int("COUNTERFOIL_LEASE_SECONDS", 120)
QUEUE_TASK_SECONDS = env.int("COUNTERFOIL_TASK_SECONDS", 60)
QUEUE_SWEEP_SECONDS = env.float("COUNTERFOIL_SWEEP_SECONDS", 15)
# How often the sweeper looks for what a processor is to be asked; one account is asked ten times a look at most.
QUEUE_ASK_SECONDS = env.float("COUNTERFOIL_ASK_SECONDS", 1)
# How often each account is searched for events that never came, and its recent objects are compared with ours.
SYNC_GAPS_SECONDS = env.int("COUNTERFOIL_GAPS_SECONDS", 300)
SYNC_DRIFT_SECONDS = env.int("COUNTERFOIL_DRIFT_SECONDS", 3_600)
# A file whose content shifts this process's clock, in seconds. Tests only.
CLOCK_OFFSET_FILE = env("COUNTERFOIL_CLOCK_OFFSET_FILE", default="")
# MultiFernet keys for secrets at rest, newest first.
FIELD_KEYS = env.list("COUNTERFOIL_FIELD_KEYS")
# Who shows this token may read /metrics from elsewhere; empty means from this machine only.
METRICS_TOKEN = env("COUNTERFOIL_METRICS_TOKEN", default="")
# Signs exported heads of the audit chains: 32 bytes in URL-safe base64. Empty: a key that follows from SECRET_KEY, so
# that heads exported before SECRET_KEY changes can only be read with the old one.
AUDIT_SIGNING_KEY = env("COUNTERFOIL_AUDIT_SIGNING_KEY", default="")
# Where the sweeper adds the signed heads every hour; it belongs on a disk that who writes the database cannot write.
AUDIT_HEADS_FILE = env("COUNTERFOIL_AUDIT_HEADS_FILE", default="")
# Addresses other than Stripe's own that a connection may name, such as a stand-in's on loopback.
PROCESSOR_BASES = env.list("COUNTERFOIL_PROCESSOR_BASES", default=[])
# Beyond so many accounts of a platform, its events open no more merchants by themselves.
MOST_ADOPTED = env.int("COUNTERFOIL_MOST_ADOPTED", 10_000)
# What each process may ask of one account in live mode, each second; in test mode it is a quarter. Empty: the defaults
# of billing.providers.limiter.
CALLS_PER_SECOND = env.str("COUNTERFOIL_CALLS_PER_SECOND", "")

# --- People: sign-in, second factor, passwords, sessions ---
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "portal.accounts.passwords.LettersAndDigitsValidator"},
    {"NAME": "portal.accounts.passwords.BreachedPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
# A link that sets a password by mail, in seconds.
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "account_login"

# "open": anybody may sign up (and belongs to no merchant yet); "closed": accounts are by invitation.
SIGNUP_OPEN = env.str("COUNTERFOIL_SIGNUP", "closed") == "open"
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.SignInForm",
    "signup": "portal.accounts.forms.SignUpForm",
    "reset_password": "portal.accounts.forms.ResetRequestForm",
    "reset_password_from_key": "portal.accounts.forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"

# How many wrong passwords or codes an account may collect in the window, and how long it is closed after that.
SIGN_IN_FAILURES = 10
SIGN_IN_WINDOW_SECONDS = 30 * 60
SIGN_IN_LOCK_SECONDS = 30 * 60
# Links of invitations (create_user prints one) are good once, for this long.
INVITATION_SECONDS = 48 * 3600
# Accounts that nobody has used for so long are closed.
ACCOUNT_UNUSED_DAYS = env.int("COUNTERFOIL_UNUSED_DAYS", 90)
# How fresh a code must be for the most sensitive acts, and for the others that ask.
STEP_UP_FRESH_SECONDS = env.int("COUNTERFOIL_STEP_UP_FRESH_SECONDS", 5 * 60)
STEP_UP_RECENT_SECONDS = env.int("COUNTERFOIL_STEP_UP_RECENT_SECONDS", 30 * 60)
# What one person may ask of one process.
REQUESTS_PER_SECOND = env.int("COUNTERFOIL_REQUESTS_PER_SECOND", 50)

SESSION_ENGINE = "portal.accounts.session_store"
SESSION_IDLE_SECONDS = env.int("COUNTERFOIL_SESSION_IDLE_SECONDS", 15 * 60)
SESSION_COOKIE_AGE = env.int("COUNTERFOIL_SESSION_SECONDS", 12 * 3600)
# The __Host- prefix makes browsers refuse the cookie from subdomains and without TLS.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    # X-Frame-Options is one of the headers of portal.web.headers.
    "security.W002",
    # Other names of the operator's domain are not ours to promise anything for.
    "security.W005",
    "security.W021",
    # TLS and the way from http to https belong to the proxy in front.
    "security.W008",
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Mail: a server named by EMAIL_URL, else one file a message in a folder (which a demo shows at /dev/mail/).
MAIL_DIR = Path(env.str("COUNTERFOIL_MAIL_DIR", str(DATA_DIR / "mail")))
if env.str("EMAIL_URL", ""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MAIL_DIR)
# A server that does not answer must not hold up whoever sends for long.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("COUNTERFOIL_MAIL_FROM", "Counterfoil <counterfoil@localhost>")

# Celery only wakes workers up, so a message is worth little: no results, no retries, no waiting for the broker.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_DEFAULT_QUEUE = "events"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 0.2, "socket_timeout": None, "socket_keepalive": True}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# The watchdog's faulthandler needs the real stderr, not Celery's stand-in without a file descriptor.
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
