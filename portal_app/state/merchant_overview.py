"""The merchant's first page: the facts of this portal in words."""

import reflex as rx

from portal_app.environment import environment
from portal_app.kit.i18n import N_
from portal_app.security.policy import policy
from portal_app.services import overview
from portal_app.services.desk import ask
from portal_app.state.merchant_settings import count_line, published_line
from portal_app.state.speech import speech

PROBLEMS = {
    "worker_silent": N_(
        "The worker is not running: no mail is sent, and what changes at Stripe is not shown. "
        "Start it with: portal worker"
    ),
    "queue_late": N_("Work has been waiting for more than five minutes: look into the log of the worker."),
    "webhook_missing": N_(
        "Stripe cannot tell this portal what changes: "
        "create a webhook endpoint at Stripe and set STRIPE_WEBHOOK_SECRET."
    ),
}


class OverviewState(rx.State):
    """What a member of staff sees first."""

    problems: list[str] = []
    portal_link: str = ""
    published: str = ""
    customers: str = ""
    subscriptions: str = ""
    invoices: str = ""
    heard: str = ""
    worked: str = ""
    is_loaded: bool = False

    @rx.event
    @policy("staff")
    async def load(self) -> None:
        """Show how the portal does now."""
        found, say = await ask(overview.overview), speech()
        _ = say.words
        names = [*found.problems, *([] if found.has_webhook else ["webhook_missing"])]
        self.problems = [_(PROBLEMS[name]) for name in names if name in PROBLEMS]
        self.portal_link = environment().url("/login")
        self.published = published_line(found.publication, say)
        self.customers = count_line(found.publication.customers, say)
        self.subscriptions = count_line(found.subscriptions, say)
        self.invoices = count_line(found.invoices, say)
        self.heard = say.time(found.heard_at) if found.heard_at else _("Nothing yet")
        self.worked = say.time(found.worked_at) if found.worked_at else _("Never")
        self.is_loaded = True
