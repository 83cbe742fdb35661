// SPDX-License-Identifier: GPL-2.0-only
// What the page can do beyond being read. It is all there without this.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, css, text) => {
    const node = document.createElement(tag);
    if (css) node.className = css;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  // Copying a command line.
  const copied = async (button) => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code); // no clipboard for this page: it is one key away
      button.textContent = "Selected";
    }
  };

  // The table of all runs.
  const table = (section) => {
    const body = section.querySelector("tbody");
    const filter = section.querySelector("[data-filter-rows]");
    filter.addEventListener("input", () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of body.rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
    });
    const value = (row, key) => key === "name" ? row.cells[1].textContent : Number(row.dataset[key]);
    for (const head of all("th[data-sort]", section)) {
      const button = make("button", "", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.ariaSort === "ascending";
        for (const other of all("th[data-sort]", section)) other.ariaSort = null;
        head.ariaSort = down ? "descending" : "ascending";
        const key = head.dataset.sort;
        const order = (a, b) => key === "name" ? value(a, key).localeCompare(value(b, key)) : value(a, key) - value(b, key);
        body.append(...[...body.rows].sort((a, b) => down ? order(b, a) : order(a, b)));
      });
    }
  };

  // A time line: the lanes are views on their milliseconds, the rows are those lines of the text that
  // are within the view, from a source that is wanted, with the words that are asked for.
  const BLOCK = 200;
  class TimeLine {
    constructor(section) {
      const data = section.dataset;
      this.section = section;
      [this.since, this.until] = [Number(data.since), Number(data.until)];
      this.host = data.host.split(" ");
      this.bad = data.bad === undefined ? null : Number(data.bad);
      this.view = [this.since, this.until];
      this.rows = section.querySelector(".rows");
      this.lines = this.parse(this.rows.querySelector("pre"), Number(data.time), Number(data.width));
      this.sources = all("[data-source]", section);
      this.words = section.querySelector("[data-words]");
      this.told = section.querySelector("[data-shown]");
      this.lanes = section.querySelector(".lanes");
      for (const box of this.sources) box.addEventListener("change", () => this.list());
      this.words.addEventListener("input", () => this.list());
      for (const button of all("[data-do]", section)) button.addEventListener("click", () => this.act(button.dataset.do));
      this.lanes.addEventListener("keydown", (event) => this.key(event));
      this.drag();
      this.show();
      this.toBad();
    }

    parse(pre, time, width) {
      const mark = pre.querySelector("mark");
      const bad = mark ? mark.textContent : null;
      let found = false;
      return pre.textContent.split("\n").filter(Boolean).map((line) => {
        const isBad = !found && line === bad;
        found ||= isBad;
        return {ms: Number(line.slice(0, time)) * 1000, source: line.slice(time + 1, time + 1 + width).trimEnd(),
          text: line.slice(time + 2 + width), line: line.toLowerCase(), isBad};
      });
    }

    act(what) {
      const [since, until] = this.view;
      const span = until - since;
      const middle = this.bad !== null && this.bad >= since && this.bad <= until ? this.bad : (since + until) / 2;
      const moves = {
        in: () => [middle - (middle - since) / 2, middle + (until - middle) / 2],
        out: () => [since - span / 2, until + span / 2],
        left: () => [since - span / 4, until - span / 4],
        right: () => [since + span / 4, until + span / 4],
        all: () => [this.since, this.until],
        bad: () => [this.bad - Math.min(100, span / 4), this.bad + Math.min(100, span / 4)],
      };
      if (what === "bad" && this.bad === null) return;
      this.zoom(...moves[what]());
      if (what === "bad") this.toBad();
    }

    key(event) {
      const what = {"+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", 0: "all", b: "bad"}[event.key];
      if (!what || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.act(what);
    }

    zoom(since, until) {
      const whole = this.until - this.since;
      const span = Math.min(Math.max(until - since, 2), whole);
      const from = Math.min(Math.max(since, this.since), this.until - span);
      this.view = [from, from + span];
      this.show();
    }

    show() {
      const [since, until] = this.view;
      for (const svg of all(".lane svg", this.lanes)) svg.setAttribute("viewBox", `${since} 0 ${until - since} 10`);
      const digits = until - since < 100 ? 4 : until - since < 5000 ? 3 : 1;
      const at = matchMedia("(max-width: 40rem)").matches ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
      this.lanes.querySelector(".ticks").replaceChildren(...at.map(
        (part) => make("i", "", ((since + (until - since) * part) / 1000).toFixed(digits))));
      this.list();
    }

    list() {
      const [since, until] = this.view;
      const wanted = new Set(this.sources.filter((box) => box.checked).map((box) => box.dataset.source));
      const words = this.words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kept = this.lines.filter((line) => line.ms >= since && line.ms <= until
        && wanted.has(this.group(line.source, wanted)) && words.every((word) => line.line.includes(word)));
      const blocks = [];
      for (let at = 0; at < kept.length; at += BLOCK) {
        const block = make("div", "block");
        block.append(...kept.slice(at, at + BLOCK).map((line) => this.row(line)));
        blocks.push(block);
      }
      if (blocks.length) blocks[blocks.length - 1].classList.remove("block");
      this.rows.replaceChildren(...blocks);
      this.told.textContent = `${kept.length} of ${this.lines.length} lines`;
    }

    // The text has names of sources cut to a column.
    group(source, wanted) {
      if (this.host.includes(source)) return "host";
      if (wanted.has(source)) return source;
      return [...wanted].find((name) => source && name.startsWith(source) && name.length > source.length && source.length >= 20);
    }

    row(line) {
      const css = line.isBad ? "row isbad" : this.host.includes(line.source) ? "row host" : "row";
      const node = make("div", css);
      node.append(make("b", "", (line.ms / 1000).toFixed(3)), make("i", "", line.source), make("span", "", line.text));
      return node;
    }

    toBad() {
      const row = this.rows.querySelector(".isbad");
      if (!row) this.rows.scrollTop = this.rows.scrollHeight; // then the last lines tell most
      else this.rows.scrollTop += row.getBoundingClientRect().top - this.rows.getBoundingClientRect().top - this.rows.clientHeight / 3;
    }

    drag() {
      let from = null;
      const at = (event) => {
        const box = this.lanes.querySelector(".lane svg").getBoundingClientRect();
        const part = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
        return this.view[0] + part * (this.view[1] - this.view[0]);
      };
      this.lanes.addEventListener("pointerdown", (event) => { from = event.button === 0 ? [event.clientX, at(event)] : null; });
      this.lanes.addEventListener("pointerup", (event) => {
        if (from !== null && Math.abs(event.clientX - from[0]) > 8) {
          const to = at(event);
          this.zoom(Math.min(from[1], to), Math.max(from[1], to));
        }
        from = null;
      });
      this.lanes.addEventListener("dblclick", () => this.act("all"));
    }
  }

  // Time lines are made when their part of the page is opened: a report may have many.
  const wake = (details) => {
    if (!details.open) return;
    for (const section of all(".timeline:not([data-awake])", details)) {
      section.dataset.awake = "";
      section.timeLine = new TimeLine(section);
    }
  };
  const reveal = () => {
    const target = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    const details = target?.querySelector("details");
    if (details) details.open = true;
  };

  for (const node of all(".script")) node.hidden = false;
  for (const button of all(".copy")) button.addEventListener("click", () => copied(button));
  for (const section of all(".runs")) table(section);
  for (const details of all("details")) {
    details.addEventListener("toggle", () => wake(details));
    wake(details);
  }
  addEventListener("hashchange", reveal);
  reveal();
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key !== "n" && event.key !== "p") return;
    const runs = all("article.failed");
    const here = runs.indexOf(document.activeElement.closest("article.failed"));
    const next = runs[event.key === "n" ? here + 1 : here < 0 ? -1 : here - 1];
    if (!next) return;
    const details = next.querySelector("details");
    if (details) details.open = true;
    next.focus();
    next.scrollIntoView();
  });
})();
