"""The cancel flow as a visitor walks it: steps, answers, refusals and the receipt."""

import pytest

from portal_app.kit.clock import now
from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import configuration, sync
from portal_app.services.cancellation import FEEDBACK
from portal_app.services.desk import open_desk
from portal_app.state.cancellation import CancellationState
from portal_app.state.session import CustomerSession
from portal_app.state.undo import UndoState
from tests.state.tabs import Tab
from tests.world import drain


class Walk:
    """Ada's subscription at Stripe, and her open tab."""

    def __init__(self, account) -> None:
        self.account = account
        v1 = account.stripe.v1
        product = v1.products.create({"name": "Pro", "marketing_features": [{"name": "Unlimited projects"}]})
        price = {"unit_amount": 2900, "currency": "eur", "product": product.id, "recurring": {"interval": "month"}}
        self.price = v1.prices.create(price).id
        customer = v1.customers.create({"email": "ada@example.com", "name": "Ada"})
        method = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
        self.subscription_id = v1.subscriptions.create({"customer": customer.id, "items": [{"price": self.price}]}).id
        self.ada = Visitor("customer", customer_id=customer.id, zone="UTC")
        for kind, object_id in (
            ("product", product.id),
            ("customer", customer.id),
            ("payment_method", method.id),
            ("subscription", self.subscription_id),
        ):
            self.copy(kind, object_id)
        self.tab = self.a_tab(CancellationState)

    def a_tab(self, state, visitor: Visitor | None = None) -> Tab:
        return Tab(state, visitor or self.ada, f"/subscriptions/{self.subscription_id}/cancel")

    def copy(self, kind: str, object_id: str) -> None:
        with open_desk(self.account.gateway, SYSTEM) as desk, desk.transaction():
            sync.apply(desk, self.account.gateway.retrieve(kind, object_id), now())

    def is_canceled_at_stripe(self) -> bool:
        return self.account.gateway.retrieve("subscription", self.subscription_id)["cancel_at_period_end"]


@pytest.fixture
def walk(database, account) -> Walk:
    made = Walk(account)
    made.tab.does("load")
    return made


def test_the_first_step_tells_what_happens(walk):
    state = walk.tab.state

    assert (state.step, state.heading) == ("effect", "Cancel Pro?")
    assert state.lead.startswith("You keep everything until ")
    assert [effect.title for effect in state.effects][1:] == ["No further charges", "You lose"]
    assert state.effects[-1].text == "Unlimited projects"


def test_the_reasons_come_in_an_order_of_chance_with_other_last(walk):
    orders = set()
    for _place in range(20):
        tab = walk.a_tab(CancellationState)
        tab.does("load")
        orders.add(tuple(reason.id for reason in tab.state.reasons))

    assert len(orders) > 1
    assert {order[-1] for order in orders} == {"other"}
    assert {frozenset(order) for order in orders} == {frozenset(FEEDBACK)}


def test_when_a_change_arrives_meanwhile_then_step_and_answers_stay(walk):
    walk.tab.does("go", "reason")
    walk.tab.does("answer", {"feedback": "too_expensive", "comment": "Too dear"})
    order = [reason.id for reason in walk.tab.state.reasons]

    walk.tab.does("load")

    state = walk.tab.state
    assert (state.step, state.feedback, state.comment) == ("confirm", "too_expensive", "Too dear")
    assert [reason.id for reason in state.reasons] == order
    assert ("Reason", "Too expensive for me") in [(fact.label, fact.text) for fact in state.facts]


def test_four_clicks_cancel_and_show_the_receipt(walk):
    walk.tab.does("go", "reason")
    walk.tab.does("answer", {"feedback": "unused", "comment": ""})
    walk.tab.does("confirm", walk.subscription_id)

    state = walk.tab.state
    assert (state.step, state.heading, state.can_undo, state.is_busy) == ("done", "Pro is canceled", True, False)
    facts = {fact.label: fact.text for fact in state.facts}
    assert facts["Cancellation number"] == f"C-{now().year}-0001"
    assert (facts["Mailed to"], facts["To pay"]) == ("ada@example.com", "Nothing more")
    assert walk.is_canceled_at_stripe()


def test_just_cancel_goes_to_the_last_step_without_any_answer(walk):
    walk.tab.does("go", "confirm")

    assert walk.tab.state.step == "confirm"
    assert "Reason" not in [fact.label for fact in walk.tab.state.facts]


def test_given_the_page_is_opened_again_later_then_the_receipt_is_there(walk):
    walk.tab.does("confirm", walk.subscription_id)

    later = walk.a_tab(CancellationState)
    later.does("load")

    assert (later.state.step, later.state.heading) == ("done", "Pro is canceled")


def test_given_it_is_busy_then_a_second_click_does_nothing(walk):
    walk.tab.state.is_busy = True

    walk.tab.does("confirm", walk.subscription_id)

    assert not walk.is_canceled_at_stripe()


def test_given_stripe_refuses_then_the_page_says_that_nothing_was_changed(walk):
    walk.account.stripe.v1.subscriptions.cancel(walk.subscription_id)
    walk.tab.does("go", "confirm")

    walk.tab.does("confirm", walk.subscription_id)

    state = walk.tab.state
    assert (state.step, state.is_busy) == ("confirm", False)
    assert "Nothing was changed." in state.error


def test_given_the_answer_is_lost_then_the_page_is_checking_until_the_worker_knows(walk):
    path = f"/v1/subscriptions/{walk.subscription_id}"
    walk.account.lever("faults", kind="bad_gateway", path=path, method="POST", times=3)

    walk.tab.does("confirm", walk.subscription_id)
    checking = (walk.tab.state.step, walk.tab.state.heading)
    drain()
    walk.tab.does("load")

    assert checking == ("checking", "We are checking")
    assert (walk.tab.state.step, walk.tab.state.heading) == ("done", "Pro is canceled")


def test_given_the_merchant_switched_it_off_then_the_page_is_refused_and_so_is_the_deed(walk):
    with open_desk(actor=SYSTEM) as merchant:
        configuration.publish(merchant, {"subscription_cancel": False}, seen_version=0)

    walk.tab.does("load")
    walk.tab.does("confirm", walk.subscription_id)

    assert walk.tab.state.problem == "not_allowed"
    assert walk.tab.state.refusal.startswith("Canceling is not offered here.")
    assert not walk.is_canceled_at_stripe()


def test_given_adas_subscription_when_bea_calls_the_handlers_then_nothing_happens(walk):
    bea = Visitor("customer", customer_id="cus_bea")
    flow, undo = walk.a_tab(CancellationState, bea), walk.a_tab(UndoState, bea)

    flow.does("load")
    flow.does("confirm", walk.subscription_id)
    undo.does("undo", walk.subscription_id)

    assert (flow.state.problem, flow.state.plan, flow.state.facts) == ("not_found", "", [])
    assert flow.state.error == "We cannot find this."
    assert not walk.is_canceled_at_stripe()


def test_when_it_is_undone_then_a_notice_says_that_it_goes_on(walk):
    walk.tab.does("confirm", walk.subscription_id)
    undo = walk.a_tab(UndoState)

    undo.does("undo", walk.subscription_id)

    session = undo.root.get_substate(CustomerSession.get_full_name().split("."))
    assert (session.notice, undo.state.busy_id) == ("Pro goes on.", "")
    assert not walk.is_canceled_at_stripe()


def test_given_it_was_undone_in_another_tab_then_the_flow_begins_again(walk):
    walk.tab.does("confirm", walk.subscription_id)
    walk.a_tab(UndoState).does("undo", walk.subscription_id)

    walk.tab.does("load")

    assert (walk.tab.state.step, walk.tab.state.heading) == ("effect", "Cancel Pro?")
