"""Tax rates: fixed percentages, on top of prices or inside them."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.registry import lists, operation, retrieves
from portal_app.sandbox.values import assign

PLAIN = ("active", "country", "description", "display_name", "jurisdiction", "state", "tax_type")


@operation("POST", "/v1/tax_rates")
def create(account: Account, params: Object) -> Object:
    """Create a tax rate."""
    made = account.new(
        "tax_rate",
        active=True,
        inclusive=params["inclusive"],
        percentage=params["percentage"],
        effective_percentage=params["percentage"],
        rate_type="percentage",
    )
    assign(made, params, *PLAIN)
    account.put(made)
    emit(account, "tax_rate.created", made)
    return made


@operation("POST", "/v1/tax_rates/{tax_rate}")
def update(account: Account, params: Object, rate_id: str) -> Object:
    """Change what may be changed of a tax rate; never its percentage."""
    rate = account.get("tax_rate", rate_id)
    with changing(account, rate, "tax_rate.updated"):
        assign(rate, params, *PLAIN)
    return rate


lists("/v1/tax_rates", "tax_rate", "active", "inclusive")
retrieves("/v1/tax_rates/{tax_rate}", "tax_rate")
