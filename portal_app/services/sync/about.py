"""What an invoice is for, short enough for a list: the first products among its lines."""

from collections.abc import Sequence
from typing import Any

from portal_app.gateway.port import Json

_MOST, _MOST_LETTERS = 3, 200


def first_products(lines: Sequence[Json]) -> list[list[Any]]:
    """Product id, Stripe's words and quantity of each; what was prorated only where there is nothing else."""
    found: dict[str, list[Any]] = {}
    for line in sorted(lines, key=_is_proration):
        if len(found) == _MOST or (found and _is_proration(line)):
            break
        product_id = _product_id(line)
        text = str(line.get("description") or "").replace("\0", "").encode("utf-8", "replace").decode()
        found.setdefault(product_id or text, [product_id, text[:_MOST_LETTERS], line.get("quantity")])
    return list(found.values())


def _product_id(line: Json) -> str:
    details = (line.get("pricing") or {}).get("price_details") or {}
    product = details.get("product") or ""
    return product if isinstance(product, str) else product["id"]


def _is_proration(line: Json) -> bool:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))
