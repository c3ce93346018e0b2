// "Why did this change?": what happened to an organisation, or to one tie, month by month.

import { capital, el, hundredths, listed, signed } from "./words.js";

// How a month of a tie is told: `me` judges `you`.
const TELLS = {
  met: () => "They met.",
  led: ({ me }) => `${me} moved first.`,
  followed: ({ you }) => `${you} moved first.`,
  kept_seen: ({ you }) => `${you} kept its promise, and was seen to.`,
  kept_unseen: ({ you }) => `${you} kept its promise, but nobody noticed.`,
  failed: ({ you }) => `${you} promised and did not deliver.`,
  held_back: ({ you }) => `${you} did not commit.`,
  named_safe: () => "What had stayed unspoken was named in safety.",
  named_unsafe: () => "What had stayed unspoken was named without safety, and hurt.",
  vouched: ({ you, teller }) => `${teller} told of its experience with ${you}.`,
  turnover: ({ who }) => `Leaders of ${who} left; half of what was known left with them.`,
  faded: () => "Memory faded.",
};

export class Why {
  // pick(selection or null) changes what is looked at
  constructor(panel, pick) {
    this.panel = panel;
    this.pick = pick;
  }

  // given: run, others (the runs beside it), names, selected, frame, onRun (choose another run), place (which)
  show(given) {
    Object.assign(this, given);
    const { selected, panel } = this;
    panel.hidden = !selected;
    document.body.classList.toggle("with-why", Boolean(selected));
    document.body.dataset.why = this.place;
    if (!selected) return;
    const body = selected.kind === "tie" ? this.tie() : this.organisation();
    const scroll = panel.scrollTop;
    const focused = panel.contains(document.activeElement) ? document.activeElement.dataset.control : null;
    panel.replaceChildren(
      el("div", { class: "why-top" },
        el("p", { class: "small", text: "Why did this change?" }),
        el("button", { type: "button", class: "close", "data-control": "close", "aria-label": "Close (Escape)", text: "×", onclick: () => this.pick(null) })),
      this.runs(), ...body);
    panel.scrollTop = scroll;
    if (focused) panel.querySelector(`[data-control="${focused}"]`)?.focus();
  }

  runs() {
    if (this.others.length < 2) return null;
    const group = el("div", { class: "switch", role: "group", "aria-label": "Which run" });
    this.others.forEach((run, place) => group.append(el("button", {
      type: "button", text: run.label, "aria-pressed": place === this.place ? "true" : "false",
      "data-control": `run-${place}`, onclick: () => this.onRun(place),
    })));
    return group;
  }

  organisation() {
    const { run, names, frame } = this;
    const row = this.selected.row;
    const one = run.trajectory.organisations[row];
    const states = [["accountability", "Accountability"], ["expectation", "Expects of partners"],
      ["courage", "Courage"], ["systems_view", "Systems view"], ["view", "View of the purpose"]];
    const table = el("table", { class: "states" },
      el("caption", { class: "small", text: frame ? `At the start, and after ${frame === 1 ? "1 month" : `${frame} months`}` : "At the start" }));
    const body = table.appendChild(el("tbody"));
    for (const [name, title] of states) {
      const [first, now] = [run.state(name, 0, row), run.state(name, frame, row)];
      body.append(el("tr", {}, el("th", { scope: "row", text: title }), el("td", { text: hundredths(first) }),
        el("td", { class: "now", text: hundredths(now) }), el("td", { class: "change", text: now === first ? "" : signed(now - first) })));
    }
    return [
      el("h2", { text: names(row) }),
      el("p", { class: "kind", text: `${run.trajectory.sectors[one.sector].title}, ${one.statutory ? "statutory, " : ""}staff of about ${one.size.toLocaleString("en-GB")}` }),
      table,
      this.partners(row),
      el("h3", { text: "What happened, the latest first" }),
      this.months((month) => this.organisationMonth(row, month)),
    ];
  }

  partners(row) {
    const { run, names, frame } = this;
    const ties = run.tiesOf(row, frame).map((tie) => ({
      ...tie, trust: run.trust(frame, tie.pair, tie.side), shown: run.trustShown(frame, tie.pair, tie.side),
      back: run.trustShown(frame, tie.pair, 1 - tie.side),
    }));
    ties.sort((a, b) => b.trust - a.trust || a.partner - b.partner);
    const table = el("table", { class: "partners" },
      el("caption", { class: "small", text: "Trust now: choose one to see why" }),
      el("thead", {}, el("tr", {}, el("th", { scope: "col", text: "Partner" }), el("th", { scope: "col", text: "is trusted" }), el("th", { scope: "col", text: "trusts back" }))));
    const body = table.appendChild(el("tbody"));
    for (const tie of ties) {
      body.append(el("tr", {}, el("th", { scope: "row", text: names(tie.partner) }),
        el("td", {}, this.tieButton(row, tie.partner, tie.shown)), el("td", {}, this.tieButton(tie.partner, row, tie.back))));
    }
    return el("details", { open: ties.length <= 6 }, el("summary", { text: `Its ${ties.length} ties` }), table);
  }

  tieButton(from, to, text) {
    return el("button", {
      type: "button", class: "number", text, "data-control": `tie-${from}-${to}`,
      "aria-label": `${this.names(from)} trusts ${this.names(to)} ${text}`,
      onclick: () => this.pick({ kind: "tie", from, to }),
    });
  }

  organisationMonth(row, month) {
    const { run, names } = this;
    const lines = [];
    const say = (text, tone = "") => lines.push(el("li", { class: tone, text }));
    if (run.turnover.some(([t, i]) => t === month && i === row)) say("Its leaders left; successors start anew.", "bad");
    const mine = run.meetings[month].filter((met) => run.pairs[met.pair].includes(row));
    if (!mine.length) say("It met nobody.", "quiet");
    else {
      const joint = mine.filter((met) => met.joint).length;
      say(`It met ${mine.length === 1 ? "1 partner" : `${mine.length} partners`}; ${joint} of these meetings ended in joint delivery.`, joint * 2 >= mine.length ? "good" : "");
      const side = (met) => (run.pairs[met.pair][0] === row ? 0 : 1);
      const partner = (met) => names(run.pairs[met.pair][1 - side(met)]);
      const failedMe = mine.filter((met) => met.judged[side(met)] === "failed").map(partner);
      if (failedMe.length) say(`${listed(failedMe)} promised and did not deliver.`, "bad");
      const failedThem = mine.filter((met) => met.judged[1 - side(met)] === "failed").map(partner);
      if (failedThem.length) say(`It did not deliver what it had promised to ${listed(failedThem)}.`, "bad");
      const heldBack = mine.filter((met) => met.judged[1 - side(met)] === "held_back").map(partner);
      if (heldBack.length) say(`It did not commit with ${listed(heldBack)}.`);
      const led = mine.filter((met) => met.leader === side(met)).map(partner);
      if (led.length) say(`It moved first with ${listed(led)}.`);
      for (const [named, text, tone] of [["named_safe", "Tension was named in safety with", "good"], ["named_unsafe", "Tension was named without safety with", "bad"]]) {
        const found = mine.filter((met) => met.named === named).map(partner);
        if (found.length) say(`${text} ${listed(found)}.`, tone);
      }
    }
    for (const [t, i, j, k] of run.introductions) {
      if (t !== month) continue;
      if (i === row) say(`It introduced ${names(j)} and ${names(k)} to each other.`, "good");
      else if (j === row || k === row) say(`${names(i)} introduced it to ${names(j === row ? k : j)}.`, "good");
    }
    for (const [name, title] of [["accountability", "Accountability"], ["expectation", "what it expects"]]) {
      const change = run.state(name, month + 1, row) - run.state(name, month, row);
      if (change) say(`${capital(title)} went from ${hundredths(run.state(name, month, row))} to ${hundredths(run.state(name, month + 1, row))}.`, "quiet");
    }
    return { lines, note: "" };
  }

  tie() {
    const { run, names, frame } = this;
    const { from, to } = this.selected;
    const found = run.byEnds.get(`${from}-${to}`);
    const heading = el("h2", { text: `${names(from)} → ${names(to)}` });
    const back = el("p", { class: "links" },
      el("button", { type: "button", class: "link", "data-control": "from", text: names(from), onclick: () => this.pick({ kind: "organisation", row: from }) }),
      el("button", { type: "button", class: "link", "data-control": "reverse", text: "The other way round", onclick: () => this.pick({ kind: "tie", from: to, to: from }) }),
      el("button", { type: "button", class: "link", "data-control": "to", text: names(to), onclick: () => this.pick({ kind: "organisation", row: to }) }));
    if (!found || !run.known(frame, found[0])) {
      return [heading, back, el("p", { text: "They do not know each other yet." })];
    }
    const [pair, side] = found;
    const first = run.opened[pair];
    const evidence = (name, t) => run.sided(name, t, pair, side);
    return [
      heading,
      el("p", { class: "kind" }, el("span", { text: "Trust " }), el("b", { id: "tie-trust", text: run.trustShown(frame, pair, side) }),
        el("span", { text: `, ${run.trustShown(first, pair, side)} ${first ? "when they were introduced" : "at the start"}. ` }),
        el("span", { text: `Contact ${hundredths(run.shared("contact", frame, pair))}, unspoken tension ${hundredths(run.shared("tension", frame, pair))}.` })),
      el("p", { class: "evidence", id: "tie-evidence",
        "data-kept": evidence("kept", frame) - evidence("kept", first), "data-broken": evidence("broken", frame) - evidence("broken", first),
        text: `Evidence remembered: ${hundredths(evidence("kept", frame))} promises kept, ${hundredths(evidence("broken", frame))} broken. ` +
          "Trust is what this says, together with a disposition to trust strangers." }),
      back,
      el("h3", { text: "What happened, the latest first" }),
      this.months((month) => this.tieMonth(pair, side, month), first),
    ];
  }

  tieMonth(pair, side, month) {
    const { run, names } = this;
    const [from, to] = side === 0 ? run.pairs[pair] : [run.pairs[pair][1], run.pairs[pair][0]];
    const story = run.story(pair, side, month);
    const lines = story.map((line) => {
      const text = TELLS[line.kind]({ me: names(from), you: names(to), teller: names(line.teller ?? from), who: names(line.who ?? from) });
      const item = el("li", { class: line.kind, "data-kept": line.kept, "data-broken": line.broken }, el("span", { text }));
      if (line.kept) item.append(el("span", { class: "amount kept", text: `${signed(line.kept)} kept` }));
      if (line.broken) item.append(el("span", { class: "amount broken", text: `${signed(line.broken)} broken` }));
      return item;
    });
    const [before, after] = [run.trustShown(month, pair, side), run.trustShown(month + 1, pair, side)];
    return { lines, note: before === after ? `trust ${after}` : `trust ${before} → ${after}`, quiet: story.every((line) => line.kind === "faded") };
  }

  months(tell, first = 0) {
    const list = el("ol", { class: "months", reversed: true });
    for (let month = this.frame - 1; month >= first; month -= 1) {
      const { lines, note, quiet } = tell(month);
      if (!lines.length) continue;
      list.append(el("li", { class: quiet ? "quiet-month" : null, "data-month": month + 1 },
        el("p", { class: "when" }, el("b", { text: `Month ${month + 1}` }), el("span", { text: note })), el("ul", {}, ...lines)));
    }
    if (!list.childElementCount) return el("p", { text: "Nothing yet: press play." });
    return list;
  }
}
