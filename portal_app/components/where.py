"""Which page is open in the browser, before the server has heard of it."""

import reflex as rx
from reflex.vars import Var, VarData
from reflex_base.utils.imports import ImportVar

_OPEN_PATH = 'const openPath = useLocation().pathname.replace(/\\/$/, "") || "/";'


def is_shown(address: Var[str]) -> rx.Var[bool]:
    """Whether what a state has loaded for `address` belongs to the page that is open.

    Between a click and the answer of the server a page with an id in its address still holds another one's things.
    """
    data = VarData(imports={"react-router": [ImportVar(tag="useLocation")]}, hooks={_OPEN_PATH: None})
    return Var("openPath", _var_data=data).to(str) == address
