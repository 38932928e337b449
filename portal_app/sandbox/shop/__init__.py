"""The sample shop: Linnet, its plans and its people."""

from portal_app.sandbox.account import Account
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.shop import catalogue, people
from portal_app.sandbox.shop.finn import finn
from portal_app.sandbox.shop.story import Story

PEOPLE = (people.ada, people.bea, people.carl, people.dora, people.emil, finn, people.gus, people.hana)
YEARS_OPEN = 11


def seed(account: Account, shop: str) -> dict[str, dict]:
    """Fill an empty account with a shop; the ids of its people and things by name.

    Times are relative to the account's clock.
    """
    if shop != "small":
        raise invalid("shop must be small", "shop")
    if account.all("customer"):
        raise invalid("This account has customers already; reset it first.", "shop")
    story = Story(account, account.wall())
    story.at(story.day(-YEARS_OPEN * 365), lambda: catalogue.fill(story))
    for person in PEOPLE:
        person(story)
    return story.tell()
