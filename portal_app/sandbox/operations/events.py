"""Events and the endpoints that hear of them."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import VERSION
from portal_app.sandbox.listing import list_page
from portal_app.sandbox.registry import lists, operation, retrieves
from portal_app.sandbox.rendering import render
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign


@operation("GET", "/v1/events")
def list_all(account: Account, params: Object) -> Object:
    """List events; `delivery_success=false` finds those that some endpoint has not confirmed."""
    kind, kinds, success = params.get("type"), params.get("types"), params.get("delivery_success")
    failing = account.store.undelivered_events(account.name) if success is not None else set()

    def keep(event: Object) -> bool:
        fits = (kind is None or _is_of(event, kind)) and (kinds is None or event["type"] in kinds)
        return fits and (success is None or (event["id"] not in failing) == success)

    return list_page(account, Query("event", keep=keep), params, "/v1/events")


def _is_of(event: Object, kind: str) -> bool:
    if kind.endswith("*"):
        return event["type"].startswith(kind[:-1])
    return event["type"] == kind


retrieves("/v1/events/{id}", "event")


@operation("POST", "/v1/webhook_endpoints")
def create_endpoint(account: Account, params: Object) -> Object:
    """Register an endpoint; its secret is told this once."""
    if params.get("api_version") not in (None, VERSION):
        raise invalid(f"Invalid API version: {params['api_version']}", "api_version")
    secret = "whsec_" + account.new_id("secret").removeprefix("secret_") + account.new_id("s").removeprefix("s_")[:8]
    made = account.new(
        "webhook_endpoint",
        url=params["url"],
        enabled_events=params["enabled_events"],
        status="enabled",
        api_version=params.get("api_version"),
        _secret=secret,
    )
    assign(made, params, "description")
    account.put(made)
    return render(account, made) | {"secret": secret}


lists("/v1/webhook_endpoints", "webhook_endpoint")
retrieves("/v1/webhook_endpoints/{webhook_endpoint}", "webhook_endpoint")


@operation("POST", "/v1/webhook_endpoints/{webhook_endpoint}")
def update_endpoint(account: Account, params: Object, endpoint_id: str) -> Object:
    """Change an endpoint, or switch it off and on."""
    endpoint = account.get("webhook_endpoint", endpoint_id)
    assign(endpoint, params, "description", "enabled_events", "url")
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    return account.put(endpoint)


@operation("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}")
def delete_endpoint(account: Account, params: Object, endpoint_id: str) -> Object:
    """Remove an endpoint; what still waited for it is dropped."""
    endpoint = account.get("webhook_endpoint", endpoint_id)
    account.store.drop_deliveries(account.name, endpoint_id)
    return account.bury(endpoint)
