/* The texts of the page. English is in the bundle (the message is its own text); other languages are one
   immutable file each, which the head's script has asked for before React runs. */
import { Fragment, createElement, useSyncExternalStore } from "react";

const HOLE = /\{(\w+)\}/g;
const listeners = new Set();

function speak(locale, texts) {
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  const written = (value) => (typeof value === "number" ? numbers.format(value) : (value ?? ""));
  const fill = (text, holes) => (holes ? text.replace(HOLE, (_, name) => written(holes[name])) : text);
  const say = (message, holes) => fill(texts[message] ?? message, holes);
  say.n = (one, many, holes) => {
    const count = Number(holes.n);
    const forms = texts[one] ?? { one, other: many };
    return fill(forms[plurals.select(count)] ?? forms.other, { ...holes, n: count });
  };
  say.rich = (message, holes) =>
    (texts[message] ?? message)
      .split(/(\{\w+\})/)
      .map((part, place) =>
        createElement(Fragment, { key: place }, part.startsWith("{") ? written(holes[part.slice(1, -1)]) : part),
      );
  say.locale = locale;
  return say;
}

const english = speak("en", {});
let spoken = english;

function change(say) {
  spoken = say;
  listeners.forEach((listener) => listener());
}

async function fetchTexts(locale) {
  const { known, texts, locale: first } = window.__portal;
  if (!known[locale]) return {};
  return locale === first && texts ? texts : (await fetch(known[locale])).json();
}

/** Switch the language of the open page, remember it in a cookie, and say so to assistive technology by `lang`. */
export async function setLanguage(locale) {
  const texts = await fetchTexts(locale);
  if (!texts) return;
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `locale=${locale}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  document.documentElement.lang = locale;
  change(speak(locale, texts));
}

function show() {
  delete document.documentElement.dataset.waiting;
}

function stayEnglish() {
  document.documentElement.lang = "en";
  document.documentElement.dir = "ltr";
  show();
}

if (typeof window !== "undefined" && window.__portal?.texts) {
  window.__portal.texts.then((texts) => (texts ? change(speak(window.__portal.locale, texts)) : stayEnglish()));
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function useWords() {
  return useSyncExternalStore(
    subscribe,
    () => spoken,
    () => english,
  );
}

/** The page is hidden while its texts are fetched; whoever renders last calls this in an effect. */
export function showWhenSpoken(say) {
  if (say.locale === document.documentElement.lang) show();
}
