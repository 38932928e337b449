"""Mails: what each kind says, and how a letter becomes HTML and plain text."""

from portal_app.documents.emails.kinds import KINDS
from portal_app.documents.emails.letter import Brand, RenderedEmail
from portal_app.documents.emails.message import Mail, message_of
from portal_app.documents.emails.renderer import render

__all__ = ["KINDS", "Brand", "Mail", "RenderedEmail", "message_of", "render"]
