"""What the deployment decides: read once from the environment and `.env`, checked before anything starts."""

import difflib
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

# A message of at most 64 KiB; Engine.IO closes the socket above it. Reflex reads it when its App is made.
os.environ.setdefault("REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE", "65536")

Mode = Literal["production", "demo", "development", "test"]
_KNOWN_DEFAULT_SECRETS = frozenset({"changeme", "secret", "change-me", "your-secret-key"})
_SECRETS = ("PORTAL_SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "SMTP_URL", "DATABASE_URL", "REDIS_URL")


class BadEnvironment(Exception):
    """The deployment's settings cannot work; each problem is one line a person can act on."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Environment(BaseSettings):
    """The deployment's settings under the names that `docs/environment.md` lists."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, frozen=True)

    mode: Mode = Field("development", alias="PORTAL_MODE")
    base_url: str = Field("http://localhost:3000", alias="PORTAL_BASE_URL")
    secret_key: SecretStr = Field(SecretStr(""), alias="PORTAL_SECRET_KEY")
    data_dir: Path = Field(Path(".portal"), alias="PORTAL_DATA_DIR")
    admin_email: str = Field("", alias="PORTAL_ADMIN_EMAIL")
    mail_from: str = Field("", alias="PORTAL_MAIL_FROM")
    trusted_proxy_hops: int = Field(0, ge=0, le=5, alias="PORTAL_TRUSTED_PROXY_HOPS")
    log_level: str = Field("INFO", alias="PORTAL_LOG_LEVEL")
    database_url_setting: SecretStr = Field(SecretStr(""), alias="DATABASE_URL")
    redis_url: str = Field("", alias="REDIS_URL")
    smtp_url: SecretStr = Field(SecretStr(""), alias="SMTP_URL")
    stripe_secret_key: SecretStr = Field(SecretStr(""), alias="STRIPE_SECRET_KEY")
    stripe_publishable_key: str = Field("", alias="STRIPE_PUBLISHABLE_KEY")
    stripe_webhook_secret: SecretStr = Field(SecretStr(""), alias="STRIPE_WEBHOOK_SECRET")
    stripe_api_base: str = Field("", alias="STRIPE_API_BASE")

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def is_demo(self) -> bool:
        """Whether `/demo/…` exists: the demo and development, never a served portal, never over real customers."""
        is_live = "_live_" in self.stripe_secret_key.get_secret_value()
        return self.mode in ("demo", "development", "test") and not is_live

    @property
    def origin(self) -> str:
        """Scheme, host and port of the base URL: the only Origin that may change anything."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """`__Host-` binds the cookie to this host and needs https; loopback http has to do without."""
        return "__Host-portal" if self.is_https else "portal"

    @property
    def database_url(self) -> str:
        """An SQLAlchemy URL; SQLite in the data folder unless `DATABASE_URL` names another."""
        given = self.database_url_setting.get_secret_value()
        if not given:
            return f"sqlite:///{self.data_dir / 'portal.db'}"
        for prefix in ("postgres://", "postgresql://"):
            if given.startswith(prefix):
                return "postgresql+psycopg://" + given.removeprefix(prefix)
        return given

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Several while one is being rotated; none switches the route off."""
        return tuple(s.strip() for s in self.stripe_webhook_secret.get_secret_value().split(",") if s.strip())

    def url(self, path: str) -> str:
        """An absolute address for mails: made from the configured base URL, never from a request."""
        return self.base_url.rstrip("/") + path


def problems_in_production(environment: Environment) -> list[str]:
    """Why this deployment must not start, one sentence with its remedy each; empty when it may."""
    problems = []
    secret = environment.secret_key.get_secret_value()
    if len(secret.encode()) < 32 or secret.lower() in _KNOWN_DEFAULT_SECRETS or len(set(secret)) < 8:
        problems.append(
            "PORTAL_SECRET_KEY must be at least 32 random bytes. "
            "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    parts = urlsplit(environment.base_url)
    if parts.scheme != "https" or not parts.hostname or parts.path not in ("", "/"):
        problems.append(
            "PORTAL_BASE_URL must be the https address of the portal, for example https://billing.example.com"
        )
    if not environment.stripe_secret_key.get_secret_value():
        problems.append("STRIPE_SECRET_KEY is missing: create a restricted key in Stripe (README, Going live).")
    if not environment.webhook_secrets:
        problems.append("STRIPE_WEBHOOK_SECRET is missing: create the webhook endpoint in Stripe (README, Going live).")
    return problems


def unknown_names(names: list[str]) -> list[tuple[str, str]]:
    """`PORTAL_*` names that nothing reads, each with the nearest known name or an empty text."""
    known = [field.alias for field in Environment.model_fields.values() if field.alias]
    accepted = {*known, *(f"{name}_FILE" for name in known), "PORTAL_CHROMIUM", "PORTAL_REQUIRE_BROWSER", "PORTAL_DEEP"}
    strange = [name for name in sorted(names) if name.startswith("PORTAL_") and name not in accepted]
    return [(name, next(iter(difflib.get_close_matches(name, known, 1)), "")) for name in strange]


def read_environment(given: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Environment:
    """Read `given` (the process environment by default); `.env` fills gaps and never overrides.

    Raises:
        BadEnvironment: a value cannot be read, or production lacks what it needs.
    """
    values = {k: v for k, v in dotenv_values(dotenv or Path(".env")).items() if v is not None}
    values.update(os.environ if given is None else given)
    problems = _read_secret_files(values)
    fields = {
        name: values[field.alias]
        for name, field in Environment.model_fields.items()
        if field.alias and values.get(field.alias, "") != ""
    }
    try:
        made = Environment.model_validate(fields)
    except ValidationError as error:
        # Names and reasons only: the value may be a secret.
        unreadable = [f"{_alias(e['loc'])}: {e['msg']}" for e in error.errors(include_input=False)]
        raise BadEnvironment([*problems, *unreadable]) from None
    if made.is_production:
        problems += problems_in_production(made)
    if problems:
        raise BadEnvironment(problems)
    for name, nearest in unknown_names(list(values)):
        hint = f"; did you mean {nearest}?" if nearest else ""
        print(f"warning: {name} is not a setting of the portal{hint}", file=sys.stderr)  # noqa: T201
    return made


def _alias(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else ""
    field = Environment.model_fields.get(name)
    return (field.alias if field else None) or name


def _read_secret_files(values: dict[str, str]) -> list[str]:
    """Resolve `NAME_FILE` into `NAME`; returns what could not be read."""
    problems = []
    for name in _SECRETS:
        if path := values.get(f"{name}_FILE"):
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                problems.append(f"{name}_FILE cannot be read: {error.strerror}")
    return problems


@cache
def environment() -> Environment:
    """The settings of this process, read on first use.

    Raises:
        BadEnvironment: see `read_environment`.
    """
    return read_environment()
