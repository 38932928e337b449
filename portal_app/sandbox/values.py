"""Small rules for taking parameters into objects."""

from typing import Any

from portal_app.sandbox.account import Object

ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def assign(thing: Object, params: Object, *names: str) -> None:
    """Take over the named parameters and the metadata; an empty text clears."""
    for name in names:
        if name in params:
            thing[name] = None if params[name] == "" else params[name]
    if "metadata" in params:
        thing["metadata"] = merged(thing.get("metadata"), params["metadata"])


def merged(metadata: Object | None, given: Object | str) -> Object:
    """Metadata after an update: keys are added, an empty value removes its key, an empty text removes all."""
    if given == "" or not isinstance(given, dict):
        return {}
    both = (metadata or {}) | given
    return {key: str(value) for key, value in both.items() if value != ""}


def address_of(given: Any) -> Object | None:
    """A complete address hash."""
    if not given:
        return None
    return {name: given.get(name) or None for name in ADDRESS}


def nulled(given: Object) -> Object:
    """The same hash with empty texts as nothing."""
    return {name: None if value == "" else value for name, value in given.items()}
