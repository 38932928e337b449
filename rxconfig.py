"""What Reflex must know; everything that a deployment decides comes from `portal_app.environment`."""

import reflex as rx

from portal_app.components.build import PortalStyles
from portal_app.components.same_origin import SameOrigin
from portal_app.environment import environment

_deployment = environment()
# Without Redis: memory, said explicitly. The default writes sessions to disk, as pickles.
_state_manager = {} if _deployment.redis_url else {"state_manager_mode": rx.constants.StateManagerMode.MEMORY}

config = rx.Config(
    app_name="portal_app",
    app_module_import="portal_app.portal_app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # Reflex's default answers every Origin, with credentials.
    cors_allowed_origins=[_deployment.origin],
    api_url=_deployment.origin,
    deploy_url=_deployment.origin,
    backend_host="127.0.0.1",
    trusted_proxy_hops=_deployment.trusted_proxy_hops,
    transport="websocket",  # long polling would switch Socket.IO's check of the Origin off
    redis_url=_deployment.redis_url or None,
    redis_token_expiration=2400,  # above the idle limit of a session, or a quiet tab loses its state first
    frontend_compression_formats=["brotli", "gzip"],
    plugins=[PortalStyles(), SameOrigin()],
    disable_plugins=[rx.plugins.SitemapPlugin, rx.plugins.RadixThemesPlugin],
    **_state_manager,
)
