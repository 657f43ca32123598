"""How the site is put together. Everything that differs between places is read from the environment.

RELEASEFIRST_ENV  demo | production | test; production is the default and refuses to start half-configured.
SECRET_KEY        required outside tests, 50 characters or more.
FIELD_KEYS        comma-separated keys of 32 bytes in base64 that seal what is private in the database; the first one
                  seals, all unseal. Required outside tests.
DATABASE_URL      SQLite in VAR_DIR by default; postgres://… for PostgreSQL. Production refuses one on another machine
                  without a password and sslmode=verify-full.
ALLOWED_HOSTS     comma-separated host names; required in production.
VAR_DIR           where the database, static files, fonts cache and demo mail live.
EMAIL_URL         smtp+ssl://user:password@host:465; the demo writes its mail to VAR_DIR/mail. Production refuses
                  smtp:// without encryption to any host but this machine.
SITE_ADDRESS      https://clinic.example: where patients' links lead; empty, nobody gets a link or a printed code.
LANGUAGES_DIR     a folder with more languages of the handout, a YAML file each.
BACKUP_KEYS       what seals and opens backups: 32 bytes in base64 each, separated by commas; the first one seals.
BACKUP_DIR        where backups are written, and where `doctor` looks for the last one.
"""

import base64
import importlib.util
import re
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

ENVIRONMENT = env.str("RELEASEFIRST_ENV", default="production")
if ENVIRONMENT not in {"demo", "production", "test"}:
    raise ImproperlyConfigured(f"RELEASEFIRST_ENV is {ENVIRONMENT!r}; it must be demo, production or test.")
PRODUCTION = ENVIRONMENT == "production"
DEMO = ENVIRONMENT == "demo"
TESTING = ENVIRONMENT == "test"

SECRET_KEY = env.str("SECRET_KEY", default="only-for-tests-" * 5 if TESTING else "")
if len(SECRET_KEY) < 50 or (PRODUCTION and SECRET_KEY.startswith(("only-for-tests", "django-insecure"))):
    raise ImproperlyConfigured("Set SECRET_KEY to a private random text of 50 characters or more.")

_keys = [key.strip() for key in env.list("FIELD_KEYS", default=["t" * 43] if TESTING else [])]
if not _keys or not all(re.fullmatch(r"[\w+/-]{43}=?", key, re.ASCII) for key in _keys):
    raise ImproperlyConfigured("Set FIELD_KEYS to one or more keys of 32 random bytes in base64, separated by commas.")
FIELD_KEYS = [base64.urlsafe_b64decode(f"{key:=<44}") for key in _keys]

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the site's host names, separated by commas.")

THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
CATALOG_DIR = BASE_DIR / "exercises" / "catalog"
LANGUAGES_DIR = Path(env.str("LANGUAGES_DIR")) if env.str("LANGUAGES_DIR", default="") else None

BACKUP_KEYS = env.list("BACKUP_KEYS", default=[])
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(VAR_DIR / "backups")))
# Functions by dotted name: what must be done again to an older state, and what writes something beside each backup.
AFTER_RESTORE = ["programs.erasing.apply_again"]
WITH_BACKUP = ["programs.erasing.write_list"]

SITE_ADDRESS = env.str("SITE_ADDRESS", default="").rstrip("/")
if SITE_ADDRESS and not re.fullmatch(r"https://[^\s/?#@]+" if PRODUCTION else r"https?://[^\s/?#@]+", SITE_ADDRESS):
    raise ImproperlyConfigured("SITE_ADDRESS must be the site's address alone, such as https://clinic.example.")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_tasks",
    "clinics",
    "exercises",
    "patients",
    "programs",
]

MIDDLEWARE = [
    "clinics.middleware.Numbered",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Tokens are masked anew in each page and the length is padded at random, so that sizes tell nothing.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinics.middleware.FewMethods",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinics.middleware.Presence",
    "clinics.middleware.Walled",
    "clinics.middleware.KeepTypedText",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinics.middleware.SecondFactorFirst",
    "clinics.middleware.OnlyListedPages",
    "clinics.middleware.NothingUnrecorded",
    "clinics.middleware.NoStore",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinics.page.shared",
            ],
            "builtins": ["clinics.templatetags.page"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# SQLite takes the write lock when a transaction starts: a later upgrade would fail at once under load.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;PRAGMA secure_delete=ON;",
}
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'releasefirst.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    _host, _how = DATABASES["default"]["HOST"], DATABASES["default"].get("OPTIONS", {})
    _is_proven = _how.get("sslmode") == "verify-full" and (DATABASES["default"]["PASSWORD"] or "sslcert" in _how)
    if PRODUCTION and _host not in {"", *THIS_MACHINE} and not _is_proven:
        raise ImproperlyConfigured(
            "DATABASE_URL must prove a database on another machine and the site to each other: write a password, and "
            "?sslmode=verify-full&sslrootcert=/path/of/its/root.pem behind the name."
        )
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"]["CONN_MAX_AGE"] = 60
# What all worker processes must know of each other: tries at passwords, codes that were taken.
CACHES = {
    "default": {
        "BACKEND": "clinics.shared_cache.SharedCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "clinics.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["clinics.hashers.SmallArgon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "clinics.passwords.HardToGuess"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_ADAPTER = "clinics.sign_in.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "ReleaseFirst: "
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {
    "login": None,  # the two below count before a password is hashed
    "login_failed": "30/m/ip,5/m/key",
    "sign_in_known": "5/m/key",
    "lock_noted": "1/m/ip",  # in the audit log
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
MFA_ADAPTER = "clinics.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "clinics.second_factor.CodeForm",
    "authenticate_webauthn": "clinics.second_factor.PasskeyForm",
    "login_webauthn": "clinics.second_factor.PasskeyAloneForm",
    "reauthenticate": "clinics.second_factor.CodeAgainForm",
    "reauthenticate_webauthn": "clinics.second_factor.PasskeyAgainForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up: an address comes from the clinic
MFA_TOTP_ISSUER = "ReleaseFirst"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_DIGITS = 16
MFA_RECOVERY_CODES_SHOW_ONCE = True
STAFF_NEED_SECOND_FACTOR = not DEMO  # those who edit what all clinics share, and who run the site

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
DEVICE_COOKIE_NAME = "__Host-device" if PRODUCTION else "device"
# A message may name a patient: it stays on the server.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "clinics.page.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if PRODUCTION:
    SESSION_COOKIE_NAME, SESSION_COOKIE_SECURE = "__Host-sid", True
    CSRF_COOKIE_NAME, CSRF_COOKIE_SECURE = "__Host-csrf", True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
    SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD = 31_536_000, True, True
SECURE_REFERRER_POLICY = "same-origin"
SIGNED_COOKIE_LEGACY_SALT_FALLBACK = False
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Bootstrap's own style sheet draws its arrows and ticks as data: pictures.
        "img-src": [SELF, "data:"],
        "base-uri": [NONE],
        "object-src": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_HANDLERS = ["clinics.uploads.SmallFiles"]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")


def _package_dir(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfigured(f"The package {name} isn't installed; run script/setup.")
    return Path(spec.submodule_search_locations[0])


STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", _package_dir("bootstrap")),
    ("fonts", _package_dir("fontpkg_atkinson_hyperlegible") / "files"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if TESTING else "config.static.Storage"
    },
}
WHITENOISE_USE_FINDERS = TESTING
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site loads anything from here
WHITENOISE_AUTOREFRESH = TESTING

FIGURES_DIR = VAR_DIR / "figures"
MAIL_DIR = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ReleaseFirst <no-reply@releasefirst.invalid>")
if "EMAIL_URL" in env.ENVIRON:
    _mail = env.email_url("EMAIL_URL")
    _in_clear = _mail["EMAIL_BACKEND"].endswith("smtp.EmailBackend") and not (
        _mail.get("EMAIL_USE_SSL") or _mail.get("EMAIL_USE_TLS")
    )
    if PRODUCTION and _in_clear and _mail["EMAIL_HOST"] not in THIS_MACHINE:
        # the address itself holds a password, so that it isn't said
        raise ImproperlyConfigured(
            "EMAIL_URL would send patients' mail unencrypted. Write smtp+ssl:// (port 465) or smtp+tls:// (port 587) "
            "instead of smtp://, which is for a mail server on this machine alone."
        )
    vars().update(_mail)
elif DEMO:
    EMAIL_BACKEND = "programs.mail_folder.FolderBackend"
elif PRODUCTION:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 20
TASKS = {
    "default": {"BACKEND": "programs.outbox_tasks.OutboxBackend"},
    "imports": {"BACKEND": "exercises.exchange.queue.ImportBackend"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "clinics.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"clinics.audit_chain": {"level": "INFO"}},
}
