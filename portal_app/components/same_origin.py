"""One front-end build for every address: the page talks to the server it came from."""

from reflex.utils.exec import is_prod_mode
from reflex_base.plugins import Plugin

_FILE = "utils/state.js"
_FLAG = "PAGE_IS_SERVED_BY_BACKEND"
_ANCHOR = """  // Get backend URL object from the endpoint.
  const endpoint = new URL(url_str);
"""
_OWN_ORIGIN = f"""  if (env.{_FLAG} && typeof window !== "undefined") {{
    const {{ protocol, host, port }} = window.location;
    endpoint.protocol = (endpoint.protocol.startsWith("ws") ? "ws" : "http") + (protocol === "https:" ? "s:" : ":");
    endpoint.host = host;
    endpoint.port = port;
    return endpoint;
  }}
"""


class SameOrigin(Plugin):
    """Puts the page's own address in place of the one that Reflex bakes into the bundle.

    The development server has one port for pages and another for events, and keeps Reflex's way.
    """

    def pre_compile(self, **context: object) -> None:
        """Change how the page finds its server, or stop the build if Reflex has changed it."""
        context["add_modify_task"](_FILE, talk_to_own_origin)  # type: ignore[operator]

    def update_env_json(self, **_context: object) -> dict[str, bool]:
        """Say to the page which of the two it is."""
        return {_FLAG: is_prod_mode()}


def talk_to_own_origin(script: str) -> str:
    """Reflex's `state.js` with `getBackendURL` answering the page's own origin.

    Raises:
        RuntimeError: the function is not as it was.
    """
    if _OWN_ORIGIN in script:
        return script
    if script.count(_ANCHOR) != 1:
        raise RuntimeError(f"{_FILE}: getBackendURL has changed; see how it finds the server now")
    return script.replace(_ANCHOR, _ANCHOR + _OWN_ORIGIN)
