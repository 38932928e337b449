"""What a deployment may leave out, and what it must not."""

import pytest

from portal_app.environment import BadEnvironment, Environment, read_environment, unknown_names

GOOD = {
    "PORTAL_MODE": "production",
    "PORTAL_BASE_URL": "https://billing.example.com",
    "PORTAL_SECRET_KEY": "0Zc3sRr5u8xA_DG-KaPdSgVkYp3s6v9yBvE1H4Mb",
    "STRIPE_SECRET_KEY": "rk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_old, whsec_new",
}


def read(tmp_path, **changes: str) -> Environment:
    given = {**GOOD, **changes}
    return read_environment({k: v for k, v in given.items() if v}, dotenv=tmp_path / ".env")


def test_when_production_has_what_it_needs_then_it_starts(tmp_path):
    environment = read(tmp_path)

    assert environment.origin == "https://billing.example.com"
    assert environment.cookie_name == "__Host-portal"
    assert environment.webhook_secrets == ("whsec_old", "whsec_new")
    assert environment.url("/enter/abc") == "https://billing.example.com/enter/abc"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"PORTAL_SECRET_KEY": ""}, "PORTAL_SECRET_KEY"),
        ({"PORTAL_SECRET_KEY": "short"}, "PORTAL_SECRET_KEY"),
        ({"PORTAL_SECRET_KEY": "a" * 64}, "PORTAL_SECRET_KEY"),
        ({"PORTAL_BASE_URL": "http://billing.example.com"}, "PORTAL_BASE_URL"),
        ({"PORTAL_BASE_URL": "https://billing.example.com/portal"}, "PORTAL_BASE_URL"),
        ({"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY"),
        ({"STRIPE_WEBHOOK_SECRET": " , "}, "STRIPE_WEBHOOK_SECRET"),
        ({"PORTAL_TRUSTED_PROXY_HOPS": "many"}, "PORTAL_TRUSTED_PROXY_HOPS"),
        ({"PORTAL_SECRET_KEY_FILE": "nowhere/key"}, "PORTAL_SECRET_KEY_FILE"),
    ],
)
def test_given_a_setting_that_cannot_work_when_production_starts_then_it_is_refused_by_name(tmp_path, changes, named):
    with pytest.raises(BadEnvironment) as refusal:
        read(tmp_path, **changes)

    assert named in str(refusal.value)


def test_when_a_secret_stands_in_a_file_then_it_is_read_from_there(tmp_path):
    (tmp_path / "key").write_text(GOOD["PORTAL_SECRET_KEY"] + "\n")

    environment = read(tmp_path, PORTAL_SECRET_KEY="", PORTAL_SECRET_KEY_FILE=str(tmp_path / "key"))

    assert environment.secret_key.get_secret_value() == GOOD["PORTAL_SECRET_KEY"]


def test_given_a_dotenv_file_when_the_real_environment_says_otherwise_then_the_real_one_wins(tmp_path):
    (tmp_path / ".env").write_text("PORTAL_BASE_URL=https://other.example\nPORTAL_ADMIN_EMAIL=ann@example.com\n")

    environment = read(tmp_path)

    assert environment.base_url == "https://billing.example.com"
    assert environment.admin_email == "ann@example.com"


def test_when_a_name_is_mistyped_then_the_nearest_known_one_is_offered():
    assert unknown_names(["PORTAL_BASE_ULR", "PATH", "PORTAL_SECRET_KEY_FILE"]) == [
        ("PORTAL_BASE_ULR", "PORTAL_BASE_URL")
    ]


def test_when_the_settings_are_printed_then_no_secret_shows(tmp_path):
    shown = repr(read(tmp_path, SMTP_URL="smtp://ann:mail-password@mail.example:587"))

    assert not [s for s in (GOOD["PORTAL_SECRET_KEY"], "rk_live_1", "whsec_old", "mail-password") if s in shown]


def test_when_postgresql_is_named_then_our_driver_is_used(tmp_path):
    assert read(tmp_path, DATABASE_URL="postgres://u@h/d").database_url == "postgresql+psycopg://u@h/d"
    assert read(tmp_path).database_url.startswith("sqlite:///")
