// The six practices: how strongly each runs, and from when to when, on the same axis as the outcome.

import { clamp, el } from "./words.js";
import { timeScale } from "./chart.js";

const STEP = 5; // of strength, in per cent

export class Practices {
  // onChange(entries) is called on release, onDrag() while something moves
  constructor(holder, catalogue, onChange) {
    this.holder = holder;
    this.catalogue = catalogue;
    this.onChange = onChange;
    this.ghosts = {}; // windows of practices that were put to 0
  }

  set(given) {
    // given: entries, months, support, editable (true, false, or the names of those that may be moved)
    Object.assign(this, given);
    this.entries = given.entries.map((entry) => ({ ...entry }));
    const focused = document.activeElement?.dataset?.control;
    this.holder.replaceChildren(...this.catalogue.practices.map((practice) => this.row(practice)));
    this.layout();
    if (focused) this.holder.querySelector(`[data-control="${focused}"]`)?.focus();
  }

  mine(name) {
    return this.entries.filter((entry) => entry.practice === name);
  }

  open(name) {
    return this.editable === true || (Array.isArray(this.editable) && this.editable.includes(name));
  }

  row(practice) {
    const { name, title, sentence } = practice;
    const mine = this.mine(name);
    const strength = mine.length ? Math.round(100 * Math.max(...mine.map((entry) => entry.strength))) : 0;
    const open = this.open(name);
    const value = el("output", { class: "strength", for: `strength-${name}`, text: `${strength}%` });
    const slider = el("input", {
      type: "range", id: `strength-${name}`, min: 0, max: 100, step: STEP, value: strength, disabled: !open,
      "aria-label": `${title}: strength in per cent`, "data-control": `strength-${name}`,
      oninput: () => { value.textContent = `${slider.value}%`; },
      onchange: () => this.setStrength(name, Number(slider.value) / 100),
    });
    const lane = el("div", { class: "lane" });
    mine.forEach((entry, place) => lane.append(this.bar(practice, entry, place, open)));
    if (!mine.length) lane.append(el("span", { class: "idle", text: "not practised" }));
    return el("div", { class: `practice${strength ? "" : " off"}`, "data-practice": name },
      el("div", { class: "side" }, el("label", { for: `strength-${name}`, class: "title", text: title }),
        el("div", { class: "slide" }, slider, value)),
      el("div", { class: "plot" }, lane, el("p", { class: "sentence", text: sentence })));
  }

  bar(practice, entry, place, open) {
    const bar = el("div", { class: "bar" });
    bar.entry = entry;
    bar.style.opacity = 0.35 + 0.65 * entry.strength;
    const who = entry.with ? ` with ${entry.with.join(", ")}` : "";
    const label = el("span", { class: "window" });
    const write = () => {
      label.textContent = `month ${entry.from_month} to ${entry.to_month}${who}`;
    };
    write();
    const handle = (end) => {
      const made = el("span", {
        class: `handle ${end}`, role: "slider", tabindex: open ? 0 : -1, "aria-disabled": open ? null : "true",
        "aria-label": `${practice.title}: ${end === "from_month" ? "first month" : "month it ends"}`,
        "aria-valuemin": 0, "aria-valuemax": this.months, "aria-valuenow": entry[end],
        "aria-valuetext": `month ${entry[end]}`, "data-control": `${end}-${practice.name}-${place}`,
      });
      if (!open) return made;
      made.addEventListener("keydown", (event) => {
        const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 6, PageDown: -6 }[event.key];
        const to = event.key === "Home" ? 0 : event.key === "End" ? this.months : by ? entry[end] + by : null;
        if (to === null) return;
        event.preventDefault();
        event.stopPropagation();
        this.move(entry, end, to);
        this.release();
      });
      return made;
    };
    bar.append(handle("from_month"), label, handle("to_month"));
    if (open) this.dragging(bar, entry, write);
    return bar;
  }

  // Dragging an end moves it, dragging the bar moves both; what is asked for is computed on release.
  dragging(bar, entry, write) {
    bar.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      bar.setPointerCapture(event.pointerId);
      const end = ["from_month", "to_month"].find((name) => event.target.classList.contains(name));
      event.target.closest("[tabindex]")?.focus();
      const start = { x: event.clientX, from: entry.from_month, to: entry.to_month };
      const move = (moved) => {
        const by = Math.round((moved.clientX - start.x) / (this.x(1) - this.x(0)));
        if (end) this.move(entry, end, (end === "from_month" ? start.from : start.to) + by);
        else {
          const shift = clamp(by, -start.from, Math.max(this.months - start.to, 0));
          [entry.from_month, entry.to_month] = [start.from + shift, start.to + shift];
        }
        write();
        this.layout();
      };
      const done = () => {
        bar.removeEventListener("pointermove", move);
        if (entry.from_month !== start.from || entry.to_month !== start.to) this.release();
      };
      bar.addEventListener("pointermove", move);
      bar.addEventListener("pointerup", done, { once: true });
      bar.addEventListener("pointercancel", done, { once: true });
    });
  }

  move(entry, end, to) {
    if (end === "from_month") entry.from_month = clamp(to, 0, entry.to_month - 1);
    else entry.to_month = clamp(to, entry.from_month + 1, this.months);
  }

  setStrength(name, strength) {
    const mine = this.mine(name);
    if (strength === 0) {
      this.ghosts[name] = mine;
      this.entries = this.entries.filter((entry) => entry.practice !== name);
    } else if (mine.length) {
      for (const entry of mine) entry.strength = strength;
    } else {
      const [from, to] = this.support;
      const usual = [{ practice: name, from_month: Math.min(from, this.months - 1), to_month: Math.min(to, this.months) }];
      this.entries.push(...(this.ghosts[name]?.length ? this.ghosts[name] : usual).map((entry) => ({ ...entry, strength })));
    }
    this.release();
  }

  release() {
    const order = this.catalogue.practices.map((practice) => practice.name);
    this.entries.sort((a, b) => order.indexOf(a.practice) - order.indexOf(b.practice) || a.from_month - b.from_month);
    this.onChange(this.entries);
  }

  layout() {
    const lane = this.holder.querySelector(".lane");
    if (!lane || !this.months) return;
    this.x = timeScale(this.months, lane.getBoundingClientRect().width);
    for (const bar of this.holder.querySelectorAll(".bar")) {
      const { from_month: from, to_month: to } = bar.entry;
      bar.style.left = `${this.x(from)}px`;
      const width = Math.max(6, this.x(Math.min(to, this.months)) - this.x(from));
      bar.style.width = `${width}px`;
      const label = bar.querySelector(".window");
      bar.classList.remove("short", "left"); // where the bar is too short for them, its months stand beside it
      const words = label.scrollWidth;
      bar.classList.toggle("short", words > width);
      bar.classList.toggle("left", words > width && this.x(from) + width + words > lane.getBoundingClientRect().width);
      for (const [name, value] of [["from_month", from], ["to_month", to]]) {
        const handle = bar.querySelector(`.${name}`);
        handle.setAttribute("aria-valuenow", value);
        handle.setAttribute("aria-valuetext", `month ${value}`);
      }
    }
  }

  // Shows which practices run at a frame.
  show(frame) {
    for (const bar of this.holder.querySelectorAll(".bar")) {
      const { from_month: from, to_month: to } = bar.entry;
      bar.classList.toggle("running", frame >= from && frame < to);
    }
  }
}
