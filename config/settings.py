"""Every setting, read once from the environment; nothing configured means SQLite under `var/`.

A variable `NAME` may also come from the file that `NAME_FILE` names (for secrets).
"""

import os
import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

ROOT = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

# Where things lie
VAR = Path(env.str("QUANHENG_VAR", default=str(ROOT / "var")))  # everything that is written
SHARED_DATA = Path(env.str("SHARED_DATA", default=str(ROOT.parent / "shared" / "data")))
VAR.mkdir(parents=True, exist_ok=True)


def _secret(name: str) -> str:
    """Return the secret kept in `var/NAME`, made on first use and readable by its owner only."""
    file = VAR / name
    if not file.exists():
        draft = file.with_name(f"{name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()


# What is configured
DATABASE_URL = env.str("DATABASE_URL", default="")  # empty: SQLite under var/
REDIS_URL = env.str("REDIS_URL", default="")  # cache and broker; empty: neither
STORAGE_URL = env.str("STORAGE_URL", default="")  # s3://bucket/prefix; empty: var/objects
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
PRODUCTION = bool(DATABASE_URL and "ALLOWED_HOSTS" in os.environ)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or _secret("secret")
GENERATE_KEYS = env.bool("GENERATE_KEYS", default=not PRODUCTION)  # make missing keys in KEYS_DIR
KEYS_DIR = Path(env.str("KEYS_DIR", default=str(VAR / "keys")))
KEY_ENCRYPTION_KEYS = env.str("KEY_ENCRYPTION_KEYS", default="")  # kek-…:Base64; empty: KEYS_DIR
PERSONAL_KEYS = env.str("PERSONAL_KEYS", default="")  # pek-…:Base64; empty: KEYS_DIR
SIGNING_KEY_FILE = env.str("SIGNING_KEY_FILE", default="")  # the log's key; empty: KEYS_DIR

# The exchange
EXCHANGE_NAME = env.str("EXCHANGE_NAME", default="Quanheng 权衡")
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000")  # how others reach this exchange
RECONCILE_HOURS = env.int("RECONCILE_HOURS", default=24)  # log against database; 0: never
AUDIT_LOG_ORIGIN = env.str("AUDIT_LOG_ORIGIN", default="localhost/audit")  # before the year
AUDIT_LOG_DIR = Path(env.str("AUDIT_LOG_DIR", default=str(VAR / "audit")))  # a folder each year
AUDIT_INTERVAL = env.float("AUDIT_INTERVAL", default=1.0)  # seconds between two checkpoints
AUDIT_FRESHNESS = env.int("AUDIT_FRESHNESS", default=600)  # seconds until one is signed again
AUDIT_POLICY_FILE = env.str("AUDIT_POLICY_FILE", default="")  # witnesses and quorum; empty: none
AUDIT_WITNESS_DEADLINE = env.float("AUDIT_WITNESS_DEADLINE", default=1.0)  # seconds for cosigning
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=2 * 1024**3)  # one uploaded file
EVIDENCE_DAYS = env.int("EVIDENCE_DAYS", default=30)  # how long an evidence bundle is kept
ACCEPTANCE_DAYS = env.int("ACCEPTANCE_DAYS", default=7)  # silence after delivery means acceptance

INSTALLED_APPS = [
    "config",
    "exchange.web",
    "exchange.api",
    "exchange.oversight.surveillance",
    "exchange.oversight",
    "exchange.trading",
    "exchange.audits",
    "exchange.appraisers",
    "exchange.delivery",
    "exchange.settlement",
    "exchange.compliance",
    "exchange.algorithms",
    "exchange.catalog",
    "exchange.registry",
    "exchange.vault",
    "exchange.parties",
    "pricing.adjustment",
    "pricing",
    "audit.decisions",
    "audit.disclosure",
    "audit.retention",
    "audit.rulebook",
    "audit.log",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.ActorMiddleware",
    "exchange.api.middleware.PrivateAnswersMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEST_RUNNER = "config.testing.PytestRunner"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "exchange.web.context.shell",
            ],
        },
    }
]

# Database: SQLite takes the write lock when a transaction begins, so that none fails half-way
if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR / "db.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                    "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; "
                    "PRAGMA secure_delete=ON;"
                ),
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": env.str("CACHE_PREFIX", default="quanheng"),  # one Redis, many exchanges
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Celery carries the dispatcher in production; without a broker `work` or `serve` runs it
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_TASK_ALWAYS_EAGER", default=not REDIS_URL)
CELERY_BROKER_URL = REDIS_URL or ("memory://localhost" if CELERY_TASK_ALWAYS_EAGER else "")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "config.tasks.tick", "schedule": AUDIT_INTERVAL},
    "clocks": {"task": "config.tasks.clocks", "schedule": 30.0},
    "keep_house": {"task": "config.tasks.keep_house", "schedule": 3600.0},
}

# Workers that read one large table together, and the rows that each takes at a time
SCREENING_WORKERS = env.int("SCREENING_WORKERS", default=4)
SCREENING_PART_ROWS = env.int("SCREENING_PART_ROWS", default=262_144)
# Workers that screen anew at a time what a new version of the rules touches
RESCREENING_WORKERS = env.int("RESCREENING_WORKERS", default=4)

# Evaluation of algorithms on sealed sets: bounds of one run, and how often an owner may ask one set
EVALUATION_SECONDS = env.int("EVALUATION_SECONDS", default=600)
EVALUATION_MEGABYTES = env.int("EVALUATION_MEGABYTES", default=3072)
EVALUATION_RUNS_MOST = env.int("EVALUATION_RUNS_MOST", default=5)
EVALUATION_RUNS_DAYS = env.int("EVALUATION_RUNS_DAYS", default=30)

# Files
if STORAGE_URL:
    _bucket, _, _prefix = STORAGE_URL.removeprefix("s3://").partition("/")
    _objects = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": _bucket, "location": _prefix, "file_overwrite": False},
    }
else:
    _objects = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": VAR / "objects",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }
STORAGES = {
    "default": _objects,
    "objects": _objects,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if STORAGE_URL:  # the log's files, too: hashes and checkpoint may be public, its entries may not
    STORAGES |= {
        "log": {
            "BACKEND": "config.storage.LogStorage",
            "OPTIONS": {"bucket_name": _bucket, "location": f"{_prefix}/log".lstrip("/")},
        },
        "log-entries": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": _bucket, "location": f"{_prefix}/log-entries".lstrip("/")},
        },
    }
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
FILE_UPLOAD_TEMP_DIR = str(VAR / "tmp")
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024**2
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024**2
FILE_UPLOAD_PERMISSIONS = 0o600
(VAR / "tmp").mkdir(exist_ok=True, mode=0o700)

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# Sign-in
AUTH_USER_MODEL = "parties.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "exchange.web.accounts.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "exchange.web.accounts.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if PRODUCTION else "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {"algorithm_appeal": "10/h/ip", "appeal_receipt": "60/h/ip"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{EXCHANGE_NAME}] "
MFA_ADAPTER = "exchange.web.accounts.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = EXCHANGE_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # localhost without TLS
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Where requests come from, as the operator says: no database of addresses is part of the exchange
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
PLACES_FILE = env.str("PLACES_FILE", default="")  # TOML: a list of networks for each place
PLACE_OF_HOUSE = env.str("PLACE_OF_HOUSE", default="MAINLAND")  # loopback and private addresses
PLACE_OF_UNKNOWN = env.str("PLACE_OF_UNKNOWN", default="UNKNOWN")  # refused for what may not leave
PLACE_HEADER = env.str("PLACE_HEADER", default="")  # set by a trusted proxy that knows the place
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])  # networks; only theirs is believed
EXPORT_DEMONSTRATION_LISTS = env.bool("EXPORT_DEMONSTRATION_LISTS", default=False)  # trials only

# What the browser may do
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# Mail
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="exchange@localhost")

# REST
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "exchange.api.authentication.TokenAuthentication",
        "exchange.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["exchange.api.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "exchange.api.parsers.JSONParser",
    ],
    "URL_FORMAT_OVERRIDE": None,  # `format` is a filter of the market, not of the answer
    "DEFAULT_SCHEMA_CLASS": "exchange.api.schema.Description",
    "EXCEPTION_HANDLER": "exchange.api.problems.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": [
        "exchange.api.throttling.AnonymousThrottle",
        "exchange.api.throttling.ActorThrottle",
        "exchange.api.throttling.UploadThrottle",
        "exchange.api.throttling.TrialThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anonymous": "120/min",
        "actor": "1200/min",
        "upload": "60/hour",
        "trial": "120/hour",
        "appeal": "30/hour",
    },
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Quanheng data-element exchange",
    "DESCRIPTION": "Everything that can be done in the pages can be done here.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DeclaredPlaceEnum": "exchange.compliance.states.DeclaredPlace",
        "PermissionEnum": "exchange.catalog.vocabulary.Permission",
        "ProductFormEnum": "exchange.catalog.vocabulary.Form",
        "DownloadFormEnum": "exchange.delivery.states.Form",
        "HoldKindEnum": "audit.retention.states.HoldKind",
        "PeriodEnum": "pricing.states.Period",
        "IndustryEnum": "exchange.catalog.vocabulary.Industry",
        "AuditScopeEnum": "exchange.audits.states.ScopePart",
    },
}

# Operation
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "config.logs.json_formatter"},
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if PRODUCTION else "plain",
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
