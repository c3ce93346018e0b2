// The page: holds what is chosen, asks for what is to be played, and keeps every picture in step.

import { clamp, el, months, shown, shownDifference } from "./words.js";
import { Trajectory } from "./read.js";
import { START, parse, write } from "./link.js";
import { Network } from "./network.js";
import { Chart, POINTS, differenceText, outcomeSide } from "./chart.js";
import { Practices } from "./practices.js";
import { Playback } from "./playback.js";
import { Why } from "./why.js";
import { nowTable, organisationTable, outcomeTable, programmeTable, summaryTable, tieTable } from "./tables.js";
import { asPng, asToml, outcomesCsv, poster, save } from "./download.js";
import { Lessons } from "./lessons.js";
import { about } from "./about.js";
import { LiveSource, Refusal, StoredSource } from "./source.js";

const $ = (id) => document.getElementById(id);

class Page {
  constructor(data) {
    this.data = data;
    this.catalogue = data.catalogue;
    this.source = data.kind === "live" ? new LiveSource() : new StoredSource(data.stored, data.lessons ?? []);
    this.trajectory = null;
    this.worlds = null;
    this.whyPlace = 0;
    this.drawnAt = 0; // when the networks were drawn last, and how long that took
    this.effort = 0;
    this.networks = [0, 1].map((place) => new Network($(`net-${place}`).querySelector("svg"), (picked) => this.pick(picked, place)));
    this.chart = new Chart($("chart"), { onSeek: (frame) => this.playback.seek(frame), onDrawn: (line) => this.update({ drawn: line }, { redraw: true }) });
    this.practices = new Practices($("practices"), this.catalogue, (programme) => this.update({ programme }, { load: true }));
    this.playback = new Playback($("transport"), (frame, whole) => this.show(frame, whole), (frame) => this.update({ frame }));
    this.why = new Why($("why"), (picked) => this.pick(picked, this.whyPlace));
    this.lessons = new Lessons($("lesson"), this.source.live, {
      choose: (id) => this.chooseLesson(id),
      go: (step) => this.goTo(step),
      answer: (choice) => this.update({ choice }, { redraw: true }),
      hands: (option, count) => this.update({ tally: { ...this.state.tally, [option]: clamp(count, 0, 999) } }, { redraw: true }),
      addLine: () => this.update({ class: [...this.state.class, this.state.drawn], drawn: this.flat() }, { redraw: true }),
      clearLines: () => this.update({ class: [] }, { redraw: true }),
      sandbox: () => this.toSandbox(),
    });
    this.wire();
    this.telling = this.tellLessons();
    this.open(location.hash);
  }

  async tellLessons() {
    try {
      this.lessons.take(await this.source.lessons());
      $("mode-lessons").hidden = !this.lessons.lessons.length;
      if (this.state.lessons && !this.state.lesson) this.redraw();
    } catch (error) {
      this.say(`The lessons cannot be had: ${error.message}`, "refusal");
    }
  }

  wire() {
    $("mode-explore").addEventListener("click", () => (this.state.lesson ? this.toSandbox() : this.update({ lessons: false }, { redraw: true })));
    $("mode-lessons").addEventListener("click", () => this.chooseLesson(""));
    $("tool-link").addEventListener("click", () => this.copyLink());
    for (const name of ["save", "tables", "names", "about"]) $(`tool-${name}`).addEventListener("click", () => this[`${name}Dialog`]());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.state.selected && !$("dialog").open) this.pick(null, this.whyPlace);
      else if (!$("player").hidden && !$("transport").hidden) this.playback.onKey(event);
    });
    window.addEventListener("hashchange", (event) => {
      const { hash } = new URL(event.newURL); // the address may have been written over meanwhile
      if (hash.replace(/^#/, "") !== this.written) this.open(hash);
    });
    window.addEventListener("resize", () => this.practices.layout());
    window.addEventListener("beforeprint", () => this.redraw());
    $("dialog").addEventListener("click", (event) => {
      if (event.target === $("dialog")) $("dialog").close();
    });
  }

  // Takes over what a link says.
  async open(hash) {
    clearTimeout(this.remembering);
    const { state, faults } = parse(hash, this.catalogue);
    this.state = state;
    const known = (name) => this.catalogue.scenarios.some((one) => one.name === name);
    if (state.scenario && !known(state.scenario)) {
      faults.push(`there is no scenario '${state.scenario}' here`);
      state.scenario = "";
    }
    if (!state.scenario) state.scenario = this.data.start;
    if (state.lesson) await this.telling;
    const lesson = this.lessons.find(state.lesson);
    if (state.lesson && !lesson) {
      faults.push(`there is no lesson '${state.lesson}'`);
      state.lesson = "";
    }
    if (lesson) {
      if (state.seed === null) state.seed = lesson.seed;
      if (state.world === null) state.world = lesson.world;
    }
    if (this.data.kind !== "live") Object.assign(state, { programme: null, compare: "none", parameters: {}, months: null });
    this.say(faults.length ? `Not all of this link can be read: ${faults.join("; ")}. The rest is shown.` : "");
    this.load();
  }

  update(change, { load = false, redraw = false } = {}) {
    Object.assign(this.state, change);
    this.remember();
    if (load) this.load();
    else if (redraw) this.redraw();
  }

  remember() {
    clearTimeout(this.remembering);
    // browsers refuse to be told of a new address many times a second
    this.remembering = setTimeout(() => this.writeLink(), 150);
  }

  writeLink() {
    clearTimeout(this.remembering);
    this.written = write({ ...this.state, scenario: this.linkedScenario() });
    history.replaceState(null, "", `#${this.written}`);
  }

  linkedScenario() {
    return this.state.scenario === this.data.start ? "" : this.state.scenario;
  }

  lesson() {
    return this.state.lessons ? this.lessons.find(this.state.lesson) : undefined;
  }

  table() {
    const lesson = this.lesson();
    const base = lesson ? lesson.scenario : this.catalogue.scenarios.find((one) => one.name === this.state.scenario).table;
    const table = { ...base };
    if (lesson) table.name = lesson.id;
    if (this.state.programme !== null) table.programme = this.state.programme;
    if (this.state.months) table.months = this.state.months;
    if (Object.keys(this.state.parameters).length) table.parameters = { ...table.parameters, ...this.state.parameters };
    return table;
  }

  question() {
    const lesson = this.lesson();
    const table = this.table();
    const { compare, seed, world, luck } = this.state;
    let beside = null;
    let labels = ["With the programme", "Without it"];
    if (lesson) {
      beside = lesson.compare;
      labels = lesson.labels;
      if (this.state.programme !== null) labels = ["As you set it", labels[1]];
    } else if (compare !== "none") {
      beside = { ...table, programme: compare };
      const bundled = this.catalogue.programmes.find((one) => one.name === compare);
      labels = ["This programme", bundled ? bundled.title : "The programme held"];
    }
    return { scenario: table, compare: beside, labels, seed, world, luck };
  }

  async load() {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.playback.playing = false;
    if (this.state.lessons && !this.state.lesson) {
      this.redraw();
      return;
    }
    document.body.classList.add("busy");
    try {
      const question = this.question();
      const trajectory = await Trajectory.read(await this.source.trajectory(question, asking.signal));
      if (asking.signal.aborted) return;
      this.take(trajectory);
      if (this.source.live && $("message").dataset.kind === "refusal") this.say("");
      this.worlds = await this.source.worlds(question, asking.signal);
      if (!asking.signal.aborted) this.redraw();
    } catch (error) {
      if (asking.signal.aborted) return; // whoever asked anew now has the word
      this.say(error instanceof Refusal ? error.faults.join(" ") : error.message, "refusal");
      console.info(error);
    } finally {
      if (this.asking === asking) document.body.classList.remove("busy");
    }
  }

  take(trajectory) {
    const before = this.trajectory?.partnership.name;
    this.trajectory = trajectory;
    this.worlds = null;
    if (before && before !== trajectory.partnership.name) {
      this.state.names = {};
      this.state.selected = null;
    }
    const { selected } = this.state;
    const rows = selected ? [selected.row ?? selected.from, selected.to ?? 0] : [];
    if (rows.some((row) => row >= trajectory.organisations.length)) {
      this.state.selected = null;
      this.say("The link points to an organisation that is not in this partnership.");
    }
    if (this.state.frame > trajectory.months) this.state.frame = trajectory.months;
    this.names = (row) => this.state.names[row] || trajectory.organisations[row].name;
    this.redraw();
    this.playback.setMonths(trajectory.months, this.state.frame);
  }

  outcome() {
    const name = this.lesson()?.outcome ?? this.state.outcome;
    return this.catalogue.outcomes.find((one) => one.name === name);
  }

  // Whether the second run is shown: not where it would be the same.
  beside() {
    const { trajectory } = this;
    if (trajectory.runs.length < 2) return false;
    if (this.lesson()) return true;
    const [one, two] = trajectory.runs.map((run) => JSON.stringify(run.scenario.programme));
    return this.state.side && one !== two;
  }

  hidden() {
    return this.state.lessons && this.state.lesson && this.state.step === "predict";
  }

  redraw() {
    const { state } = this;
    $("mode-explore").setAttribute("aria-pressed", String(!state.lessons));
    $("mode-lessons").setAttribute("aria-pressed", String(state.lessons));
    document.body.classList.toggle("in-lesson", Boolean(state.lessons && state.lesson));
    document.body.classList.toggle("choosing", state.lessons && !state.lesson);
    document.body.classList.toggle("predicting", Boolean(this.hidden()));
    document.body.classList.toggle("chooses", this.lesson()?.question.kind === "choose");
    $("player").hidden = state.lessons && !state.lesson;
    this.lessons.show(state);
    this.drawChoices();
    if (!this.trajectory || $("player").hidden) return;
    this.drawPictures();
    this.drawProgramme();
    this.show(this.playback.frame, true);
  }

  drawPictures() {
    const { state, trajectory } = this;
    const beside = this.beside();
    document.body.classList.toggle("beside", beside);
    this.networks.forEach((network, place) => {
      const figure = $(`net-${place}`);
      figure.hidden = place > 0 && !beside;
      if (figure.hidden) return;
      figure.querySelector("figcaption").textContent = beside ? trajectory.runs[place].label : trajectory.partnership.title;
      network.meetings = state.meetings || (Boolean(this.lesson()) && state.step === "see");
      network.selected = state.selected;
      network.setRun(trajectory.runs[place], this.names);
    });
    $("key").replaceChildren(...this.keyWords());
    const outcome = this.outcome();
    $("outcome-side").replaceChildren(...outcomeSide(this.lesson() ? null : this.catalogue.outcomes, outcome, (name) => this.update({ outcome: name }, { redraw: true })));
    this.chart.set({ trajectory, outcome, worlds: state.worlds && !this.hidden() ? this.worlds : null, side: beside, drawing: this.drawing(), short: this.shortLabels() });
  }

  keyWords() {
    const met = this.networks[0].meetings
      ? [el("span", { class: "met-good", text: "blue: met this month and delivered together" }), el("span", { class: "met-bad", text: "broken red: met, and did not" })] : [];
    return [
      el("span", { class: "arrow", text: "An arrow leads from who trusts to whom is trusted: the wider, the more trust; the darker, the more they see of each other" }),
      el("span", { class: "ring", text: "ring: accountability" }),
      el("span", { class: "core", text: "white core: leadership" }),
      el("span", { class: "size", text: "size: staff" }), ...met,
    ];
  }

  shortLabels() {
    return this.trajectory.runs.map((run) => run.label.replace(/ the programme$/, "").replace(/^Without it$/, "without").replace(/^With$/, "with"));
  }

  flat() {
    return new Array(POINTS).fill(25);
  }

  drawing() {
    const lesson = this.lesson();
    if (!lesson || lesson.question.kind !== "draw" || !["predict", "confront"].includes(this.state.step)) {
      return this.hidden() ? { values: [], classLines: [], hidden: true, editable: false, top: 1 } : null;
    }
    const most = Math.max(...this.trajectory.runs.flatMap((run) => run.outcomes[lesson.outcome]).filter((value) => value !== null));
    const editable = this.state.step === "predict";
    return {
      values: this.state.drawn.length ? this.state.drawn : editable ? this.flat() : [],
      classLines: this.state.class, hidden: editable, editable,
      top: Math.min(this.outcome().high ?? Infinity, Math.ceil(most * 7.5) / 5),
    };
  }

  drawProgramme() {
    const { state, trajectory } = this;
    const lesson = this.lesson();
    const table = this.table();
    const tries = lesson && state.step === "try";
    $("practices").hidden = Boolean(lesson) && !tries && state.step !== "see" && state.step !== "confront" && state.step !== "explain";
    $("transport").hidden = Boolean(this.hidden());
    const editable = this.source.live && (lesson ? (tries ? lesson.open : false) : true);
    this.practices.set({
      entries: trajectory.runs[0].scenario.programme, months: trajectory.months,
      support: table.support ?? [6, 42], editable,
    });
    this.drawTools(lesson);
  }

  drawTools(lesson) {
    const holder = $("programme-tools");
    const note = this.source.live ? "" : "This file plays what was computed when it was made. To change the programme, start 'collabsim app'.";
    if (lesson || !this.source.live) {
      holder.replaceChildren(...(note ? [el("p", { class: "small", text: note })] : []), ...(lesson ? [] : this.toggles()));
      return;
    }
    const choose = (id, label, options, value, onchange) => {
      const select = el("select", { id, onchange: (event) => onchange(event.target.value) });
      for (const [name, title] of options) select.append(el("option", { value: name, text: title, selected: name === value }));
      return el("label", { class: "tool" }, el("span", { class: "small", text: label }), select);
    };
    const programmes = this.catalogue.programmes.map((one) => [one.name, one.title]);
    const { compare, programme } = this.state;
    const held = typeof compare === "string" ? [] : [["held", "The programme held"]];
    holder.replaceChildren(
      choose("programme", "Programme", [["own", "The scenario's own"], ...(programme !== null && typeof programme !== "string" ? [["mine", "As set below"]] : []), ...programmes],
        programme === null ? "own" : typeof programme === "string" ? programme : "mine",
        (name) => name !== "mine" && this.update({ programme: name === "own" ? null : name }, { load: true })),
      choose("compare", "Compare with", [...programmes, ...held], typeof compare === "string" ? compare : "held",
        (name) => name !== "held" && this.update({ compare: name }, { load: true })),
      el("button", { type: "button", id: "hold", text: "Hold this programme to compare with", title: "Keep the programme as it is on the right, and go on changing it on the left",
        onclick: () => this.update({ compare: this.trajectory.runs[0].scenario.programme, programme: this.trajectory.runs[0].scenario.programme }, { load: true }) }),
      ...this.toggles(),
    );
  }

  toggles() {
    const check = (id, text, key) => el("label", { class: "check" }, el("input", {
      type: "checkbox", id, checked: this.state[key], onchange: (event) => this.update({ [key]: event.target.checked }, { redraw: true }),
    }), el("span", { text }));
    return [check("band", "Fifty worlds", "worlds"), check("met", "This month's meetings", "meetings"), check("two", "Side by side", "side")];
  }

  drawChoices() {
    const holder = $("choices");
    const { state } = this;
    const trying = this.lesson() && state.step === "try";
    const key = JSON.stringify([state.scenario, state.seed, state.world, state.lessons, state.lesson, trying]);
    if (this.choicesKey === key) return;
    this.choicesKey = key;
    const focused = holder.contains(document.activeElement) ? document.activeElement.id : "";
    if (state.lessons && !trying) {
      holder.replaceChildren();
      return;
    }
    const scenario = el("select", { id: "scenario", onchange: () => this.update({ ...structuredClone(START), worlds: state.worlds, side: state.side, outcome: state.outcome, scenario: scenario.value }, { load: true }) });
    for (const { name, table } of this.catalogue.scenarios) {
      scenario.append(el("option", { value: name, text: table.title || name, selected: name === state.scenario }));
    }
    const number = (id, label, value) => el("label", {}, el("span", { class: "small", text: label }), el("input", {
      type: "number", id, min: 0, max: 4294967295, step: 1, value,
      onchange: (event) => this.chooseNumber(id, event.target.value),
    }));
    holder.replaceChildren(
      ...(trying ? [] : [el("label", { class: "wide" }, el("span", { class: "small", text: "Scenario" }), scenario)]),
      ...(this.source.live ? [number("seed", "Seed", state.seed), number("world", "World", state.world),
        el("button", { type: "button", id: "another", text: "Next world", onclick: () => this.update({ world: (state.world + 1) % 4294967296 }, { load: true }) })] : []));
    if (focused) $(focused)?.focus();
  }

  chooseNumber(name, text) {
    if (!/^\d+$/.test(text) || Number(text) > 4294967295) {
      this.say(`'${text}' is no ${name}: it must be a whole number from 0 to 4294967295.`);
      return;
    }
    this.say("");
    this.update({ [name]: Number(text) }, { load: true });
  }

  // Shows a moment in every picture.
  show(frame, whole) {
    const { trajectory } = this;
    if (!trajectory) return;
    this.chart.show(frame);
    this.pace();
    if (!whole) return;
    const t = clamp(Math.floor(frame), 0, trajectory.months);
    const beside = this.beside();
    const rest = this.playback.playing && performance.now() - this.drawnAt < 2.5 * this.effort;
    if (!rest) {
      this.networks.forEach((network, place) => {
        if (place > 0 && !beside) return;
        network.show(t);
        if (!this.playback.playing) network.label();
      });
      this.drawnAt = performance.now();
      this.effort = 0;
    }
    this.practices.show(t);
    this.sayNow(t, beside);
    if (!this.playback.playing || this.state.selected) this.showWhy(t);
  }

  // How long the networks take to be drawn: where they are large and the machine is slow, they may skip a
  // month while it plays, so that everything else goes on moving smoothly.
  pace() {
    const { gap, playing } = this.playback;
    if (playing && gap > 34 && performance.now() - this.drawnAt < 3 * gap) this.effort = Math.max(this.effort, gap);
  }

  sayNow(t, beside) {
    const outcome = this.outcome();
    const headline = $("headline");
    headline.setAttribute("aria-live", this.playback.playing ? "off" : "polite");
    const runs = beside ? this.trajectory.runs : this.trajectory.runs.slice(0, 1);
    const values = runs.map((run) => run.outcome(outcome.name, t));
    if (this.hidden()) headline.replaceChildren();
    else if (t === 0) headline.replaceChildren(`${this.trajectory.partnership.title}: ${this.trajectory.organisations.length} organisations, ${months(this.trajectory.months)}. Press play.`);
    else headline.replaceChildren(...this.sentence(outcome, values, t));
    const place = this.state.worlds && this.worlds && !this.hidden() ? this.worlds : null;
    $("difference").textContent = t && !this.hidden() ? this.besideChart(outcome, values, place, t) : "";
  }

  sentence(outcome, values, t) {
    const number = (value, kind) => el("b", { class: kind, text: shown(outcome, value) });
    const parts = [`After ${months(t)}, ${outcome.title.toLowerCase()} is `, number(values[0], "with")];
    if (values.length > 1) {
      const [one, two] = this.trajectory.runs.map((run) => this.phrase(run.label));
      parts.push(` ${one} and `, number(values[1], "without"), ` ${two}`);
      if (values.every((value) => value !== null)) parts.push(": ", el("b", { class: "gain", text: shownDifference(outcome, values[0] - values[1]) }));
    }
    return [...parts, "."];
  }

  phrase(label) {
    return /^(with|without)\b/i.test(label) ? label.slice(0, 1).toLowerCase() + label.slice(1) : `under “${label}”`;
  }

  besideChart(outcome, values, worlds, t) {
    const said = [differenceText(outcome, values, worlds, t)];
    if (worlds && values[0] !== null) {
      said.push(`This world is above ${worlds.runs[0][outcome.name].below[t - 1]} of the other ${worlds.worlds - (this.state.world < worlds.worlds ? 1 : 0)}`);
    }
    return said.filter(Boolean).map((text) => `${text}.`).join(" ");
  }

  pick(selected, place) {
    const again = selected && JSON.stringify(selected) === JSON.stringify(this.state.selected) && place === this.whyPlace;
    this.whyPlace = place;
    const opener = document.activeElement;
    this.update({ selected: again ? null : selected });
    for (const network of this.networks) network.select(this.state.selected);
    this.showWhy(Math.floor(this.playback.frame));
    if (!this.state.selected && !document.contains(opener)) $("main").focus();
  }

  showWhy(frame) {
    const place = this.beside() ? this.whyPlace : 0;
    const hide = this.hidden();
    this.why.show({
      run: this.trajectory.runs[place], others: this.beside() ? this.trajectory.runs : [this.trajectory.runs[0]], place, names: this.names, frame,
      selected: hide ? null : this.state.selected,
      onRun: (chosen) => {
        this.whyPlace = chosen;
        this.showWhy(Math.floor(this.playback.frame));
      },
    });
  }

  say(text, kind = "") {
    const message = $("message");
    message.hidden = !text;
    message.textContent = text;
    message.dataset.kind = kind;
  }

  chooseLesson(id) {
    const lesson = this.lessons.find(id);
    const fresh = { ...structuredClone(START), scenario: this.state.scenario, lessons: true, lesson: id };
    if (lesson) Object.assign(fresh, { seed: lesson.seed, world: lesson.world });
    this.say("");
    this.update(fresh, { load: true });
    window.scrollTo(0, 0);
  }

  goTo(step) {
    const reload = this.state.programme !== null && step !== "try";
    this.update({ step, selected: null, ...(reload ? { programme: null } : {}) });
    const total = this.trajectory.months;
    const frame = step === "predict" || step === "see" ? 0 : total;
    this.state.frame = frame;
    this.playback.playing = false;
    this.playback.frame = frame;
    this.redraw();
    this.playback.setMonths(total, frame);
    if (reload) this.load();
    if (step === "see" && !reload) {
      this.playback.setSpeed(2); // slowly, so that the mechanism can be seen
      this.playback.play();
    }
    $("lesson").querySelector("h1")?.scrollIntoView({ block: "nearest" });
  }

  // The lesson's scenario, with all sliders open.
  toSandbox() {
    const run = this.trajectory?.runs[0];
    const table = this.lesson()?.scenario ?? {};
    const same = this.catalogue.scenarios.find((one) => one.table.partnership === table.partnership);
    const programme = run && this.lesson() ? run.scenario.programme : null;
    const { seed, world } = this.state;
    this.update({
      ...structuredClone(START), scenario: same ? same.name : this.data.start, seed, world, ...(same && this.source.live ? { programme, months: table.months ?? null, parameters: table.parameters ?? {}, outcome: this.outcome()?.name ?? START.outcome } : {}),
    }, { load: true });
  }

  async copyLink() {
    this.writeLink();
    const field = el("input", { type: "text", readonly: true, value: location.href, "aria-label": "The link" });
    let copied = false;
    try {
      await navigator.clipboard.writeText(location.href);
      copied = true;
    } catch {
      copied = false; // a browser may not allow it: then it is there to be copied by hand
    }
    this.dialog("A link that holds all of this", [el("p", { text: copied ? "It has been copied." : "Copy it:" }), field]);
    field.select();
  }

  dialog(title, body) {
    const dialog = $("dialog");
    dialog.replaceChildren(
      el("div", { class: "dialog-top" }, el("h2", { id: "dialog-title", text: title }), el("button", { type: "button", class: "close", "aria-label": "Close", text: "×", onclick: () => dialog.close() })),
      el("div", { class: "dialog-body", tabindex: 0 }, ...body));
    dialog.showModal();
  }

  saveDialog() {
    if (!this.trajectory) return;
    const name = `collabsim-${this.trajectory.partnership.name}`.replace(/[^\w-]+/g, "-");
    const runs = this.trajectory.runs;
    const pictures = () => poster([...this.networks.keys()].filter((place) => !$(`net-${place}`).hidden)
      .map((place) => ({ svg: this.networks[place].svg, caption: $(`net-${place}`).querySelector("figcaption").textContent }))
      .concat({ svg: $("chart"), caption: this.outcome().title }), $("headline").textContent);
    const button = (id, text, what, onclick) => el("li", {}, el("button", { type: "button", id, text, onclick }), el("span", { class: "small", text: what }));
    this.dialog("Save", [el("ul", { class: "saves" },
      button("save-png", "Picture (PNG)", "what is on the page now", async () => save(`${name}.png`, await asPng(pictures()))),
      button("save-svg", "Picture (SVG)", "the same, to be scaled and edited", () => save(`${name}.svg`, pictures().text, "image/svg+xml")),
      button("save-csv", "Numbers (CSV)", "every outcome, run and month", () => save(`${name}.csv`, outcomesCsv(runs, this.catalogue.outcomes), "text/csv")),
      button("save-toml", "Scenario (TOML)", "for 'collabsim run' and 'collabsim export'", () => save(`${name}.toml`, asToml(runs[0].scenario), "text/plain")),
      ...(this.source.live ? [button("save-html", "One file (HTML)", "plays anywhere, without a server", () => this.saveFile(`${name}.html`))] : []))]);
  }

  async saveFile(name) {
    const answer = await fetch("api/export", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(this.question()) });
    if (answer.ok) save(name, await answer.blob());
    else this.say((await answer.json()).faults.join(" "), "refusal");
  }

  tablesDialog() {
    if (!this.trajectory) return;
    const { runs, months: total } = this.trajectory;
    const frame = Math.floor(this.playback.frame);
    const shownRuns = this.beside() ? runs : runs.slice(0, 1);
    const folded = (title, ...tables) => el("details", {}, el("summary", { text: title }), ...tables);
    this.dialog("The same in numbers", [
      programmeTable(this.catalogue, runs[0].scenario.programme),
      nowTable(shownRuns, this.catalogue.outcomes, frame),
      folded("The outcome, month by month", outcomeTable(shownRuns, this.outcome(), total)),
      folded("The organisations", ...shownRuns.map((run) => organisationTable(run, this.names, frame))),
      folded("The ties", ...shownRuns.map((run) => tieTable(run, this.names, frame))),
      folded("The whole run", summaryTable(shownRuns, this.catalogue.outcomes, this.catalogue.run_outcomes)),
    ]);
  }

  namesDialog() {
    if (!this.trajectory) return;
    const inputs = this.trajectory.organisations.map((one, row) => el("label", { class: "rename" }, el("span", { text: one.name }),
      el("input", { type: "text", maxlength: 60, value: this.state.names[row] ?? "", placeholder: one.name, "data-row": row,
        onchange: (event) => this.rename(row, event.target.value.trim()) })));
    this.dialog("Names for your class", [el("p", { class: "small", text: "These names are kept in the link and nowhere else. Empty a name to have the old one back." }), ...inputs]);
  }

  rename(row, name) {
    const names = { ...this.state.names };
    if (name) names[row] = name;
    else delete names[row];
    this.update({ names }, { redraw: true });
  }

  aboutDialog() {
    this.dialog("Assumptions, sources and limits", about(this.catalogue));
  }
}

window.collabsim = new Page(JSON.parse($("data").textContent));
