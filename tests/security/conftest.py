"""One served portal, with the probe's page, for all stories of the frame."""

import pytest

from tests.cast import EVERYBODY, let_in
from tests.security.client import ROOT
from tests.served import Served, a_served_portal

PROBE = f"{ROOT}.tests___security___probe____probe_state"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Served like in production, with Ada, Bea, Mia and Sam."""
    folder, behind_one_proxy = tmp_path_factory.mktemp("served"), {"PORTAL_TRUSTED_PROXY_HOPS": "1"}
    with a_served_portal(folder, application="tests.security.probe:app", settings=behind_one_proxy) as portal:
        let_in(*EVERYBODY)
        yield portal


@pytest.fixture
def log_since(served: Served):
    """What the portal has logged since the test began."""
    began = len(served.text_of_log())
    return lambda: served.text_of_log()[began:]
