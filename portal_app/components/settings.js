/* The merchant's settings in the browser: fields that the server may change under the fingers, and the logo's upload. */
import { createElement, useEffect, useRef, useState } from "react";

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
  return createElement("input", { ...rest, ref: box, defaultValue: value, onChange: change, onBlur: leave });
}

/** Sends a chosen file to `address` at once and hands on the id of what was kept; a refusal stands below in words. */
export function PictureUpload({ address, limit, busyLabel, tooLargeLabel, failedLabel, onChosen, ...rest }) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const send = async (event) => {
    const input = event.target;
    const [file] = input.files;
    if (!file) return;
    setProblem(file.size > limit ? tooLargeLabel : "");
    if (file.size <= limit) {
      setBusy(true);
      const body = new FormData();
      body.append("picture", file);
      try {
        const answer = await fetch(address, { method: "POST", body });
        const said = await answer.json();
        if (answer.ok) onChosen(said.id);
        else setProblem(said.message);
      } catch {
        setProblem(failedLabel);
      }
      setBusy(false);
    }
    // The same file may be chosen again.
    input.value = "";
  };
  const said = isBusy ? busyLabel : problem;
  return createElement(
    "div",
    { className: "grid gap-1" },
    createElement("input", { ...rest, type: "file", onChange: send, "aria-busy": isBusy }),
    createElement("p", { role: "status", className: isBusy ? "hint" : "error", hidden: !said }, said),
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
