"""Django's settings, derived from the node's own configuration."""

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.csp import CSP

from tongban.configuration import database_line, newest_sqlite
from tongban.configuration.config import NodeConfig, load
from tongban.kernel.crypto import keyring, tokenfile

NODE: NodeConfig = load()


def database(config: NodeConfig) -> dict[str, Any]:
    """Return Django's database entry for the node's database URL."""
    parts = urlsplit(config.database)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(config.home / parts.path.lstrip("/"))
            if not parts.path.startswith("//")
            else parts.path[1:],
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "factory": newest_sqlite.connection_class(),
                # FULL: a committed act must survive a power cut. No connection brings the log into the file by
                # itself: kernel.checkpointing does. Not every build overwrites what is deleted unless told, and a
                # destroyed key must not lie on in the file.
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=0;"
                "PRAGMA secure_delete=ON;PRAGMA cache_size=-32000;PRAGMA temp_store=MEMORY;",
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": config.database_password(),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        # Each thread keeps its line; whatever is wrong with one ends it, and the next request opens another.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Values travel beside the statement, and what is asked again and again is planned once (docs/performance.md).
            "server_side_binding": True,
            "prepare_threshold": 3,
            **database_line.read(config.database),
        },
    }


def web_secret(config: NodeConfig) -> str:
    """Return the secret for sessions; it lies beside the node's keys."""
    try:
        return keyring.secret(config.keys, "web-secret")
    except FileNotFoundError:
        # Commands that run before `init` has made keys sign nothing that outlives them.
        return hashlib.sha256(os.urandom(32)).hexdigest()


# As each process starts: from here on none of them needs the token.
tokenfile.unlock(NODE.keys, NODE.token)
SECRET_KEY = web_secret(NODE)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", urlsplit(NODE.url).hostname or "localhost"]
ROOT_URLCONF = "tongban.assembly.urls"
WSGI_APPLICATION = "tongban.assembly.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "tongban.kernel",
    "tongban.accounts",
    "tongban.seals",
    "tongban.procedures",
    "tongban.catalogue",
    "tongban.agreements",
    "tongban.materials",
    "tongban.cases",
    "tongban.letters",
    "tongban.complaints",
    "tongban.exchange",
    "tongban.figures",
    "tongban.notices",
    "tongban.supervision",
    "tongban.rights",
    "tongban.signin",
    "tongban.api",
    "tongban.web",
    "tongban.assembly",
]
MIDDLEWARE = [
    "tongban.assembly.proxies.ProxyMiddleware",
    # What protects browsers stands on every answer, whoever below gives it: a static file, a refusal, a bug.
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tongban.api.middleware.ProblemMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tongban.web.languages.middleware",
    "django.middleware.common.CommonMiddleware",
    "tongban.web.demo_marks.middleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tongban.signin.actor.ActorMiddleware",
    "tongban.signin.looks.LookMiddleware",
    "tongban.api.edges.EdgeMiddleware",
    "tongban.web.refusals.RefusalMiddleware",
    "tongban.assembly.admission.AdmissionMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "tongban.web.display.context",
            ],
        },
    },
]
# No inline script or style anywhere; nothing from elsewhere.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "object-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 3600
DATABASES = {"default": database(NODE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["tongban.accounts.access.hashing.Argon2"]
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
SESSION_ENGINE = "tongban.signin.session_store"
# By TLS a browser keeps the prefix's promise: no other site, not even one under the same domain, can set these.
HOST_ONLY = "__Host-" if NODE.is_secure else ""
SESSION_COOKIE_NAME = f"{HOST_ONLY}tongban_{NODE.name}_session"
CSRF_COOKIE_NAME = f"{HOST_ONLY}tongban_{NODE.name}_csrf"
LANGUAGE_COOKIE_NAME = f"{HOST_ONLY}tongban_{NODE.name}_language"
CSRF_FAILURE_VIEW = "tongban.web.refusals.forged_or_stale"
# Forms carry the token and signing in returns it, so no script has to read the cookie.
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
# Behind a proxy that ends TLS the browser's Origin is the node's own address, not what arrives here.
CSRF_TRUSTED_ORIGINS = [NODE.url]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = NODE.is_secure
# Said by the proxy that ends TLS; from anybody else `assembly.admission` takes it away.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if NODE.is_secure else None
SECURE_HSTS_SECONDS = 365 * 86400 if NODE.is_secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = NODE.is_secure
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
APPEND_SLASH = False
# Files of a form stay in memory, up to a limit: Django's own choice for large ones is a file in clear.
FILE_UPLOAD_HANDLERS = ["tongban.web.receiving.InMemory"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "tongban.assembly.logs.Entry"}},
    "filters": {
        "not_polled": {"()": "tongban.assembly.logs.NotPolled"},
        "without_values": {"()": "tongban.assembly.logs.WithoutValues"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_values"]},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "tongban": {"level": "INFO"},
        "django.request": {"filters": ["not_polled"]},
        # They name whom a certificate belongs to, and anybody may hand in a PDF that is signed by a person.
        "pyhanko": {"level": "CRITICAL"},
        "pyhanko_certvalidator": {"level": "CRITICAL"},
    },
}
# How long a process goes on believing what nearly never changes: its node, the calendars, items and agreements.
MEMO_SECONDS = 2.0
VAULT_FOLDER: Path = NODE.home / "vault"
