"""Which properties Stripe leaves out.

The SDK's `Optional` means both "always sent, may be null" and "left out unless it applies". Everything is sent
but what this table names: the SDK raises AttributeError on an absent key, so the difference is felt.
"""

LEFT_OUT: dict[str, frozenset[str]] = {
    "account": frozenset({"company", "groups", "individual"}),
    "charge": frozenset(
        {"authorization_code", "level3", "presentment_details", "radar_options", "refunds", "transfer"}
    ),
    "checkout.session": frozenset({"branding_settings", "line_items", "presentment_details"}),
    "coupon": frozenset({"applies_to", "currency_options"}),
    "customer": frozenset(
        {
            "business_name",
            "cash_balance",
            "individual_name",
            "invoice_credit_balance",
            "sources",
            "subscriptions",
            "tax",
            "tax_ids",
        }
    ),
    "event": frozenset({"account", "context"}),
    "invoice": frozenset({"confirmation_secret", "payments", "threshold_reason"}),
    "payment_intent": frozenset({"hooks", "payment_details", "presentment_details"}),
    "plan": frozenset({"tiers"}),
    "price": frozenset({"currency_options", "tiers"}),
    "refund": frozenset(
        {
            "description",
            "failure_balance_transaction",
            "failure_reason",
            "instructions_email",
            "next_action",
            "pending_reason",
            "presentment_details",
        }
    ),
    "setup_intent": frozenset({"attach_to_self"}),
    "subscription": frozenset({"presentment_details"}),
    "subscription_item": frozenset({"billed_until"}),
    "webhook_endpoint": frozenset({"secret"}),
}

# Left out unless asked for, and null when there is nothing to tell.
NULL_WHEN_ASKED = frozenset({("invoice", "confirmation_secret")})

# A payment method carries one hash, named after its type.
KEPT_OF_PAYMENT_METHOD = frozenset(
    {"allow_redisplay", "billing_details", "created", "customer", "customer_account"}
    | {"id", "livemode", "metadata", "object", "type"}
)


def is_left_out(object_name: str, name: str) -> bool:
    """Whether Stripe leaves this property out unless it applies."""
    if name == "deleted":
        return True
    if object_name == "payment_method":
        return name not in KEPT_OF_PAYMENT_METHOD
    return name in LEFT_OUT.get(object_name, ())
