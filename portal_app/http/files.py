"""`GET /files/…`: documents for whoever is signed in; another customer's is not there."""

import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from portal_app.kit.errors import PortalError
from portal_app.kit.i18n import words_in
from portal_app.kit.logs import count
from portal_app.security.visitor import visitor
from portal_app.services import papers
from portal_app.services.desk import ask

_INVOICE = re.compile(r"in_[A-Za-z0-9_]{1,120}")
_PRIVATE = {"cache-control": "private, no-store", "x-robots-tag": "noindex"}


async def serve_invoice(request: Request) -> Response:
    """The PDF of one invoice."""
    invoice_id = request.path_params["invoice_id"]
    somebody = visitor()
    if somebody.kind != "customer":
        return RedirectResponse("/login", 303, headers=_PRIVATE)
    if not _INVOICE.fullmatch(invoice_id):
        return _absent()
    try:
        paper = await ask(papers.invoice, somebody.customer_id, invoice_id)
    except PortalError:
        # Switched off, a draft, somebody else's: from here they all read the same.
        return _absent()
    count("files.invoices")
    headers = {**_PRIVATE, "content-disposition": f'attachment; filename="{paper.name}"'}
    return Response(paper.content, media_type="application/pdf", headers=headers)


def _absent() -> Response:
    _ = words_in(visitor().locale)
    return PlainTextResponse(_("We cannot find this."), 404, headers=_PRIVATE)


routes = [Route("/files/invoices/{invoice_id}.pdf", serve_invoice, methods=["GET"])]
