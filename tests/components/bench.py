"""A page of our client components alone, bundled with the packages of the front-end build and opened in Chromium."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = Path(".web/node_modules").absolute()
COMPONENTS = Path("portal_app/components").absolute()
_CONTEXT = """
import { createContext, createElement, useState } from "react";
export const ColorModeContext = createContext({});
export function Colors({ children }) {
  const [rawColorMode, setColorMode] = useState("system");
  return createElement(ColorModeContext.Provider, { value: { rawColorMode, setColorMode } }, children);
}
"""
_BUNDLER = """
import { rolldown } from %(rolldown)s;
const alias = %(alias)s;
const bundle = await rolldown({
  input: "entry.jsx",
  resolve: { alias, modules: [%(packages)s] },
  transform: { define: { "process.env.NODE_ENV": '"production"' } },
});
await bundle.write({ file: "bundle.js", format: "iife" });
"""


def needs_packages() -> None:
    """Skip where no front end has been built yet."""
    if not (PACKAGES / "rolldown").exists():
        pytest.skip("no front-end packages: run `make setup`")


def bundle(folder: Path, entry: str) -> str:
    """The script of `entry` (JSX over `client.js` and `i18n.js`), ready to be put into a page."""
    (folder / "context.js").write_text(_CONTEXT, encoding="utf-8")
    (folder / "entry.jsx").write_text(entry, encoding="utf-8")
    alias = {
        "$/utils/context": str(folder / "context.js"),
        "$/public/external/portal_app/components/i18n/i18n.js": str(COMPONENTS / "i18n.js"),
        "portal/client": str(COMPONENTS / "client.js"),
        "portal/i18n": str(COMPONENTS / "i18n.js"),
        "portal/context": str(folder / "context.js"),
    }
    parts = {
        "rolldown": json.dumps(str(PACKAGES / "rolldown/dist/index.mjs")),
        "alias": json.dumps(alias),
        "packages": json.dumps(str(PACKAGES)),
    }
    (folder / "bundle.mjs").write_text(_BUNDLER % parts, encoding="utf-8")
    node = Path(sys.executable).parent / "node"
    done = subprocess.run([node, "bundle.mjs"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (folder / "bundle.js").read_text(encoding="utf-8")
