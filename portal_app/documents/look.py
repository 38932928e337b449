"""The look of our documents: measures in points and the styles of their type."""

from portal_app.documents.faces import STRONG
from portal_app.documents.sheet import SECOND_INK, Style

MARGIN = 56
# Where text ends above the foot of a page.
BOTTOM = 72

BODY = Style(9.5, 14)
STRONG_BODY = Style(9.5, 14, STRONG)
LABEL = Style(8.5, 13, colour=SECOND_INK)
NAME = Style(15, 20, STRONG, tracking=-11)
LARGE_SUM = Style(34, 40, STRONG, tracking=-24)
STANDING = Style(11, 16)
TOTAL = Style(10.5, 15, STRONG)
