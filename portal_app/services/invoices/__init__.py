"""A customer's invoices as the mirror knows them: paged, found, summed up, and one in full."""

from portal_app.services.invoices.one import Invoice, get
from portal_app.services.invoices.owed import Outstanding, open_for, outstanding
from portal_app.services.invoices.pages import COUNTED, PAGE, Filter, Page, count, latest, page, years
from portal_app.services.invoices.payments import Attempt
from portal_app.services.invoices.rows import About, InvoiceRow
from portal_app.services.invoices.statement import Statement, statement
from portal_app.services.invoices.states import State

__all__ = [
    "COUNTED",
    "PAGE",
    "About",
    "Attempt",
    "Filter",
    "Invoice",
    "InvoiceRow",
    "Outstanding",
    "Page",
    "State",
    "Statement",
    "count",
    "get",
    "latest",
    "open_for",
    "outstanding",
    "page",
    "statement",
    "years",
]
