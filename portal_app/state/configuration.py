"""What the merchant chose, as every page shows it."""

import reflex as rx

from portal_app.security.policy import policy
from portal_app.services import configuration
from portal_app.services.desk import ask
from portal_app.services.pictures import address_of


class ConfigurationState(rx.State):
    """The published configuration in this tab; `state.live` loads it anew when another one is published.

    What stands here before `load` is in the public bundle of every portal, so it names nobody. It hides nothing a
    customer may do: a switched-off feature is refused by its service, whatever a page shows.
    """

    business_name: str = ""
    logo_url: str = ""
    logo_dark_url: str = ""
    brand_css_url: str = "/brand.css"

    support_email: str = ""
    support_url: str = ""
    support_phone: str = ""
    terms_url: str = ""
    privacy_url: str = ""

    has_subscription_cancel: bool = True
    has_invoice_history: bool = True
    has_payment_methods: bool = True
    has_billing_details: bool = True

    version: int = 0

    @rx.event
    @policy("public")
    async def load(self) -> None:
        """Show the newest published configuration; the same one again changes nothing."""
        found = await ask(configuration.current)
        if found.version == self.version:
            return  # what Reflex is assigned, it sends
        features = found.features
        self.business_name = found.business_name
        self.logo_url, self.logo_dark_url = address_of(found.logo_id), address_of(found.logo_dark_id)
        # The version makes the address new, so that the stylesheet may be cached for ever.
        self.brand_css_url = f"/brand.css?v={found.version}"
        self.support_email, self.support_url = found.support_email, found.support_url
        self.support_phone = found.support_phone
        self.terms_url, self.privacy_url = found.terms_url, found.privacy_url
        self.has_subscription_cancel = features.subscription_cancel
        self.has_invoice_history = features.invoice_history
        self.has_payment_methods = features.payment_methods
        self.has_billing_details = features.billing_details
        self.version = found.version
