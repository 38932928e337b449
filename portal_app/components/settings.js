/* The merchant's settings in the browser: fields that the server may change under the fingers, and the logo's upload. */
import { Fragment, createElement, useEffect, useRef, useState } from "react";

const PAUSE = 300;

/** An input that reports what is typed after a short pause. What the server answers replaces what stands here only
    when it is news: the echo of one's own typing takes neither a keystroke nor the caret. */
export function DraftInput({ value, onDraft, onLeave, ...rest }) {
  const box = useRef(null);
  const known = useRef(value);
  const sent = useRef([]);
  const timer = useRef(0);
  useEffect(() => {
    known.current = value;
    const echo = sent.current.indexOf(value);
    if (echo >= 0) {
      sent.current.splice(0, echo + 1);
      return;
    }
    clearTimeout(timer.current);
    sent.current = [];
    if (box.current.value !== value) box.current.value = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const report = () => {
    clearTimeout(timer.current);
    const typed = box.current.value;
    const last = sent.current.length ? sent.current.at(-1) : known.current;
    if (typed === last) return;
    sent.current.push(typed);
    onDraft(typed);
  };
  const change = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(report, PAUSE);
  };
  const leave = () => {
    report();
    onLeave?.();
  };
  // Enter sends the form before the pause is over.
  const press = (event) => event.key === "Enter" && report();
  const heard = { onChange: change, onBlur: leave, onKeyDown: press };
  return createElement("input", { ...rest, ...heard, ref: box, defaultValue: value });
}

/** Sends a chosen file to `address` at once and hands on the id of what was kept; a refusal stands below in words. */
export function PictureUpload({ address, accept, limit, words, children, onChosen, ...rest }) {
  const box = useRef(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const send = async (file) => {
    const body = new FormData();
    body.append("picture", file);
    setBusy(true);
    try {
      const answer = await fetch(address, { method: "POST", body });
      const said = await answer.json();
      if (answer.ok) onChosen(said.id);
      else setProblem(said.message);
    } catch {
      setProblem(words.failed);
    }
    setBusy(false);
  };
  const choose = () => {
    const [file] = box.current.files;
    if (!file) return;
    setProblem(file.size > limit ? words.tooLarge : "");
    if (file.size <= limit) send(file);
    // The same file may be chosen again.
    box.current.value = "";
  };
  return createElement(
    Fragment,
    null,
    createElement("input", { ref: box, type: "file", accept, onChange: choose, hidden: true }),
    createElement(
      "button",
      { ...rest, type: "button", onClick: () => box.current.click(), "aria-label": words.name, "aria-busy": isBusy },
      children,
      isBusy ? words.busy : words.choose,
    ),
    createElement("p", { role: "alert", className: "error", hidden: !problem }, problem),
  );
}

/** The browser asks before the page is left while something is not published. Renders nothing. */
export function LeaveGuard({ active }) {
  useEffect(() => {
    if (!active) return undefined;
    const ask = (event) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [active]);
  return null;
}
