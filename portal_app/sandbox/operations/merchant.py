"""The merchant's own account."""

import hashlib

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.contract.blanks import blank, part
from portal_app.sandbox.registry import operation


@operation("GET", "/v1/account")
def retrieve(account: Account, params: Object) -> Object:
    """The account that the key belongs to."""
    name = account.setting("name")
    branding = {"primary_color": account.setting("primary_color")}
    display = {"display_name": name, "timezone": "Europe/Berlin"}
    return blank("account") | {
        "id": "acct_" + hashlib.sha256(account.name.encode()).hexdigest()[:16],
        "business_profile": part(
            "account",
            "business_profile",
            name=name,
            support_email=account.setting("support_email"),
            support_phone=account.setting("support_phone"),
            support_url=account.setting("support_url"),
        ),
        "business_type": "company",
        "charges_enabled": True,
        "country": account.setting("country"),
        "default_currency": account.setting("currency"),
        "details_submitted": True,
        "email": account.setting("email"),
        "metadata": {},
        "payouts_enabled": True,
        "settings": part("account", "settings", branding=branding, dashboard=display),
        "type": "standard",
    }
