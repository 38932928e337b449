/* Questions to a page that axe does not ask; every answer is a list of what is wrong, empty when nothing is. */
(() => {
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  // What a thumb must hit at once; links inside sentences and the boxes of choices have their own rules.
  const FOR_THUMBS = ".btn, .input, .menu-item, .bottombar a, .bottombar button, .who, .choice, .seg label, .rail a";

  const isSeen = (e) => e.getClientRects().length > 0 && e.checkVisibility({ visibilityProperty: true });
  const label = (e) => (e.ariaLabel || e.labels?.[0]?.textContent || e.textContent || e.name || "").trim().slice(0, 40);
  const say = (e) => `${e.tagName.toLowerCase()}${typeof e.className === "string" ? "." + e.className : ""} "${label(e)}"`;

  /** Of a group of radio buttons, the Tab key stops at one. */
  function isStop(e) {
    if (e.disabled || e.tabIndex < 0 || !isSeen(e)) return false;
    if (e.type !== "radio") return true;
    const group = [...document.getElementsByName(e.name)].filter((one) => one.form === e.form && isSeen(one));
    return (group.find((one) => one.checked) || group[0]) === e;
  }

  const stops = () => [...document.querySelectorAll(CONTROLS)].filter(isStop);

  /** Where a click counts: a label for its box, the row for a link that is stretched over it. */
  function area(e) {
    if (e.type === "checkbox" || e.type === "radio") return e.closest("label") || e;
    const after = getComputedStyle(e, "::after");
    const isStretched = after.content !== "none" && after.position === "absolute";
    return isStretched && getComputedStyle(e).position === "static" ? e.offsetParent : e;
  }

  /** Controls lower or narrower than `all`, or lower than `thumb` where a thumb has to hit them. */
  function small(all, thumb) {
    const isInSentence = (e) => e.tagName === "A" && getComputedStyle(e).display === "inline";
    return [...document.querySelectorAll(CONTROLS)]
      .filter((e) => isSeen(e) && !isInSentence(e) && !e.classList.contains("skip"))
      .map((e) => [e, area(e).getBoundingClientRect()])
      .filter(([e, box]) => {
        const least = e.matches(FOR_THUMBS) || area(e).matches(FOR_THUMBS) ? thumb : all;
        return box.height < least - 0.5 || box.width < all - 0.5;
      })
      .map(([e, box]) => `${say(e)} ${Math.round(box.width)} × ${Math.round(box.height)}`);
  }

  /** What stands further right than the page is wide, where that makes it scroll sideways. */
  function spills() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll("body *")].filter((e) => reach(e) > width + 0.5);
    return wide.slice(-4).map(say).concat(`${document.documentElement.scrollWidth} > ${width}`);
  }

  /** How far an element and the text in it go: text may leave its box. */
  function reach(e) {
    const range = document.createRange();
    range.selectNodeContents(e);
    return Math.max(e.getBoundingClientRect().right, range.getBoundingClientRect().right);
  }

  /** Text that its box cuts off, where nothing says so. */
  function cut() {
    const isCut = (e) => getComputedStyle(e).overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1;
    return [...document.querySelectorAll("main *, nav *, header *, footer *")]
      .filter((e) => isSeen(e) && isCut(e) && !e.matches(".sr-only, .sr-only *") && e.textContent.trim())
      .map(say);
  }

  /** The element that has the focus: its number among the stops, and what is wrong with how it shows that. */
  function focus() {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const box = e.getBoundingClientRect();
    const wrong = [];
    if (!hasRing(e)) wrong.push(`no ring: ${say(e)}`);
    if (e.tagName !== "IFRAME" && isCovered(e, box)) wrong.push(`covered: ${say(e)}`);
    return { at: stops().indexOf(e), name: say(e), wrong };
  }

  function hasRing(e) {
    // A box without a look of its own is drawn by its label, a link over a whole row by what is stretched.
    const drawn = [[e], [e, "::after"], [e.closest("label")], [e.parentElement]].filter(([one]) => one);
    return drawn.some(([one, part]) => {
      const style = getComputedStyle(one, part);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
  }

  /** The next Tab starts at the top of the page, wherever the focus was. */
  function fromTheTop() {
    const top = document.createElement("span");
    top.tabIndex = -1;
    document.body.prepend(top);
    top.focus();
    top.remove();
  }

  function isCovered(e, box) {
    const within = (value, most) => Math.min(most - 1, Math.max(0, value));
    const x = within(box.left + box.width / 2, innerWidth);
    const y = within(box.top + box.height / 2, innerHeight);
    const top = document.elementFromPoint(x, y);
    const owner = e.closest("label") || area(e);
    return !(top && (e.contains(top) || owner.contains(top) || top.contains(e)));
  }

  const names = () => stops().map(say);
  const headings = () => [...document.querySelectorAll("h1")].filter(isSeen).map((e) => e.textContent.trim());
  window.probe = { small, spills, cut, focus, fromTheTop, names, headings };
})();
