/* What happens in the browser alone: dialogs, notices, focus, theme, language, copying, leaving. */
import { createElement, useContext, useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import { ColorModeContext } from "$/utils/context";
import { setLanguage, showWhenSpoken, useWords } from "$/public/external/portal_app/components/i18n/i18n.js";

/** A native modal dialog that follows `open`. Escape asks to close; focus starts on the safe button and returns by itself. */
export function Dialog({ open, onClose, children, ...rest }) {
  const box = useRef(null);
  useEffect(() => {
    const dialog = box.current;
    if (open && !dialog.open) {
      dialog.showModal();
      dialog.querySelector("[data-safe]")?.focus();
    } else if (!open && dialog.open) {
      dialog.close();
    }
  }, [open]);
  const cancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  return createElement("dialog", { ...rest, ref: box, onCancel: cancel }, children);
}

/** Says a result on screen and aloud: for eight seconds, longer while it is looked at; a refusal stays until it is closed. */
export function Notice({ text, number, tone, reference, closeLabel, onDismiss, children }) {
  const [held, setHeld] = useState(false);
  const stays = held || tone === "error";
  useEffect(() => {
    if (!text || stays) return undefined;
    const timer = setTimeout(() => onDismiss?.(), 8000);
    return () => clearTimeout(timer);
  }, [text, number, stays]);
  const hold = { onPointerEnter: () => setHeld(true), onFocus: () => setHeld(true) };
  const release = { onPointerLeave: () => setHeld(false), onBlur: () => setHeld(false) };
  const close = createElement(
    "button",
    { type: "button", className: "btn btn-small", onClick: () => onDismiss?.(), "aria-label": closeLabel },
    children,
  );
  const quoted = reference ? createElement("small", null, reference) : null;
  const said = createElement("span", null, text, quoted);
  const toast = createElement("div", { className: "toast", key: number, ...hold, ...release }, said, close);
  return createElement(
    "div",
    { className: "toast-place", role: tone === "error" ? "alert" : "status" },
    text ? toast : null,
  );
}

// Each page brings its own PageFocus, so what was open before is remembered outside.
let openPage;

/** After a change of page, or of a flow's step: its title, focus on its heading, menus closed. Renders nothing. */
export function PageFocus({ title, step }) {
  const { pathname } = useLocation();
  const say = useWords();
  useEffect(() => {
    if (title) document.title = title;
  }, [title, pathname]);
  useEffect(() => {
    showWhenSpoken(say);
  }, [say]);
  useEffect(() => {
    const isArrival = openPage !== undefined && openPage !== pathname;
    openPage = pathname;
    if (!isArrival) return;
    document.querySelectorAll("[popover]:popover-open").forEach((menu) => menu.hidePopover());
    document.querySelector("h1")?.focus();
  }, [pathname]);
  const shownStep = useRef(step);
  useEffect(() => {
    if (shownStep.current === step) return;
    shownStep.current = step;
    document.querySelector("h1")?.focus();
  }, [step]);
  return null;
}

/** Leaves by a full load when nobody is signed in any more: routing inside the page would keep private rows in memory. */
export function SessionEnd({ state, door }) {
  useEffect(() => {
    if (!state || state === "warning" || !door) return;
    if (state === "replaced") {
      window.location.reload(); // this browser signed in anew, in another tab
      return;
    }
    const next = encodeURIComponent(window.location.pathname + window.location.search);
    window.location.assign(`${door}?reason=${state}&next=${next}`);
  }, [state, door]);
  return null;
}

/** Tells the server the browser's zone, and lets page and session speak one language: a choice made here wins. */
export function VisitorSync({ signedIn, locale, onZone, onLocale }) {
  const say = useWords();
  useEffect(() => {
    if (signedIn) onZone?.(Intl.DateTimeFormat().resolvedOptions().timeZone);
  }, [signedIn]);
  useEffect(() => {
    if (!signedIn || locale === say.locale) return;
    if (/(?:^|; )locale=/.test(document.cookie)) onLocale?.(say.locale);
    else setLanguage(locale);
  }, [signedIn, locale, say.locale]);
  return null;
}

/** Counts down in `waiting` ("… in {time}"), then shows its children. A new `number` starts again. */
export function WaitThen({ seconds, number, waiting, children }) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const end = Date.now() + seconds * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((end - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [seconds, number]);
  if (left === 0) return children ?? null;
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return createElement("span", { className: "num" }, waiting.replace("{time}", time));
}

/** Takes the merchant's newest colours when the page was painted with older ones, or is open while they change. */
export function BrandSheet({ address }) {
  useEffect(() => {
    const published = new URLSearchParams(address.split("?")[1]).get("v");
    const painted = getComputedStyle(document.documentElement).getPropertyValue("--brand-version").trim();
    const sheet = document.getElementById("brand-sheet");
    if (sheet && published && published !== painted) sheet.href = address;
  }, [address]);
  return null;
}

function choices(name, options, chosen, choose) {
  return options.map(([value, label]) =>
    createElement(
      "label",
      { key: value },
      createElement("input", { type: "radio", name, value, checked: value === chosen, onChange: () => choose(value) }),
      label,
    ),
  );
}

/** Light, dark or as the system has it; kept in this browser. */
export function ThemeChoice({ label, name, options }) {
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const choose = (mode) => {
    const root = document.documentElement;
    root.dataset.switching = "";
    if (mode === "system") delete root.dataset.theme;
    else root.dataset.theme = mode;
    setColorMode(mode);
    requestAnimationFrame(() => requestAnimationFrame(() => delete root.dataset.switching));
  };
  return createElement(
    "div",
    { className: "seg", role: "group", "aria-label": label },
    choices(name, options, rawColorMode, choose),
  );
}

/** The language of the page, at once and for the next visit; `onChoose` lets the server format anew. */
export function LanguageChoice({ label, name, options, onChoose }) {
  const say = useWords();
  const choose = (locale) => setLanguage(locale).then(() => onChoose?.(locale));
  return createElement(
    "div",
    { className: "seg", role: "group", "aria-label": label },
    choices(name, options, say.locale, choose),
  );
}

/** Copies a text and says so on itself; where the browser refuses, the text is there to be selected. */
export function CopyButton({ value, label, doneLabel, name, icon, className }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 4000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = () => navigator.clipboard?.writeText(value).then(() => setDone(true));
  return createElement(
    "button",
    { type: "button", className, onClick: copy, "aria-label": done ? undefined : name },
    icon,
    createElement("span", { "aria-live": "polite" }, done ? doneLabel : label),
  );
}

/** Sends its form as soon as a code is complete. */
export function SendWhenComplete({ field, length }) {
  useEffect(() => {
    const input = document.getElementById(field);
    if (!input) return undefined;
    const check = () => {
      const digits = input.value.replace(/\D/g, "");
      if (digits !== input.value) input.value = digits;
      if (digits.length === length) input.form?.requestSubmit();
    };
    input.addEventListener("input", check);
    return () => input.removeEventListener("input", check);
  }, [field, length]);
  return null;
}

/** Keeps what was typed for as long as the tab is open: a form that comes back with a problem has lost nothing. */
export function KeepTyped({ field }) {
  useEffect(() => {
    const input = document.getElementById(field);
    const form = input?.form;
    if (!form) return undefined;
    const name = `typed:${field}`;
    if (!input.value) input.value = sessionStorage.getItem(name) ?? "";
    const keep = () => sessionStorage.setItem(name, document.getElementById(field)?.value ?? "");
    form.addEventListener("submit", keep);
    return () => form.removeEventListener("submit", keep);
  }, [field]);
  return null;
}
