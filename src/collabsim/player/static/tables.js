// A table of numbers for every picture, for those who do not see it and for those who want to check.

import { el, hundredths, months, shown } from "./words.js";

function table(caption, head, rows) {
  return el("table", {}, el("caption", { text: caption }),
    el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col", text })))),
    el("tbody", {}, ...rows.map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row", text: first }), ...rest.map((text) => el("td", { text }))))));
}

export function outcomeTable(runs, outcome, total) {
  const rows = [];
  for (let frame = 1; frame <= total; frame += 1) {
    rows.push([`${frame}`, ...runs.map((run) => shown(outcome, run.outcome(outcome.name, frame)))]);
  }
  return table(`${outcome.title}, after each month`, ["Month", ...runs.map((run) => run.label)], rows);
}

export function nowTable(runs, outcomes, frame) {
  return table(`Every outcome after ${months(frame)}`, ["Outcome", ...runs.map((run) => run.label)],
    outcomes.map((outcome) => [outcome.title, ...runs.map((run) => shown(outcome, run.outcome(outcome.name, frame)))]));
}

export function summaryTable(runs, outcomes, runOutcomes) {
  const number = (value) => (value === null ? "–" : Number.isInteger(value) ? String(value) : value.toFixed(2));
  return table("The whole run: means of the last 12 months, and what is counted once a run", ["Outcome", ...runs.map((run) => run.label)], [
    ...outcomes.map((outcome) => [outcome.title, ...runs.map((run) => shown(outcome, run.summary[outcome.name]))]),
    ...runOutcomes.map((outcome) => [`${outcome.title} (${outcome.unit})`, ...runs.map((run) => number(run.summary[outcome.name]))]),
  ]);
}

export function organisationTable(run, names, frame) {
  const states = ["accountability", "courage", "systems_view", "expectation", "view"];
  return table(`${run.label}: the organisations after ${months(frame)}`,
    ["Organisation", "Sector", "Accountability", "Courage", "Systems view", "Expectation", "View of the purpose"],
    run.trajectory.organisations.map((one, row) => [names(row), run.trajectory.sectors[one.sector].title,
      ...states.map((name) => hundredths(run.state(name, frame, row)))]));
}

export function tieTable(run, names, frame) {
  const rows = [];
  run.pairs.forEach(([i, j], pair) => {
    if (!run.known(frame, pair)) return;
    rows.push([`${names(i)} and ${names(j)}`, run.trustShown(frame, pair, 0), run.trustShown(frame, pair, 1),
      hundredths(run.shared("contact", frame, pair)), hundredths(run.shared("tension", frame, pair))]);
  });
  return table(`${run.label}: the ties after ${months(frame)}`, ["Pair", "The first trusts the second", "The second trusts the first", "Contact", "Tension"], rows);
}

export function programmeTable(catalogue, entries) {
  return table("The programme", ["Practice", "Strength", "From month", "To month", "With"],
    entries.map((entry) => [catalogue.practices.find((one) => one.name === entry.practice).title, `${Math.round(100 * entry.strength)}%`,
      String(entry.from_month), String(entry.to_month), entry.with ? entry.with.join(", ") : "everyone"]));
}
