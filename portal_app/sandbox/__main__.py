"""`python -m portal_app.sandbox`: a sandbox by itself."""

import argparse
from pathlib import Path

from portal_app.sandbox.serve import run


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m portal_app.sandbox", description="A pocket Stripe on loopback.")
    parser.add_argument("--port", type=int, default=12111, help="the port to listen on (default 12111)")
    parser.add_argument("--data", type=Path, default=None, help="a folder to keep the state in (default: in memory)")
    parser.add_argument("--shop", choices=("small", "none"), default="small", help="what the demo account holds")
    given = parser.parse_args()
    run(given.port, given.data, given.shop)


if __name__ == "__main__":
    main()
