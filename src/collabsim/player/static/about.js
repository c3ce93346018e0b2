// Assumptions, sources and limits, one click away; and how the picture is read.

import { el } from "./words.js";

export function about(catalogue) {
  return [
    el("h3", { text: "What it can and cannot support" }),
    el("p", { text: catalogue.limits }),
    el("h3", { text: "How it works" }),
    el("p", { text: "Organisations meet, decide whether to commit, and deliver or fail. From what partners keep and break each learns whom to trust. A practice moves a few levers, such as how visible kept promises are, and nothing else: it never adds to trust or to an outcome. The comparison runs in the same world with the same luck, so what differs is the programme's doing." }),
    el("h3", { text: "The six practices, and on what evidence" }),
    el("dl", {}, ...catalogue.practices.flatMap((practice) => [
      el("dt", { text: practice.title }), el("dd", {}, el("p", { text: practice.sentence }), el("p", { class: "source", text: practice.evidence }))])),
    el("h3", { text: "What can happen from outside" }),
    el("dl", {}, ...catalogue.shocks.flatMap((shock) => [
      el("dt", { text: shock.title }), el("dd", {}, el("p", { text: shock.sentence }), el("p", { class: "source", text: shock.evidence }))])),
    el("h3", { text: "Where it comes from" }),
    el("p", { text: "The practices are inspired by the headings of “Developing Effective Collaborations: Learning from Our Practice”, Administrative Sciences 2019, 9(3), 68, a study of health and social care integration in Scotland. What each moves, and how far, are assumptions taken from the theory named with it." }),
    el("h3", { text: "Keys" }),
    el("dl", { class: "keys" }, ...[["Space", "play and pause"], ["← →", "a month back, a month on"], ["Page up, down", "a year"], ["Home, End", "start, end"], ["+ −", "faster, slower"], ["Tab, then arrows", "to the organisations, and round the ring"], ["Enter", "why did this change?"], ["Escape", "close what is open"]].flatMap(([key, what]) => [el("dt", {}, el("kbd", { text: key })), el("dd", { text: what })])),
    el("p", { class: "small", text: `collabsim ${catalogue.version}, under the MIT licence; drawn with D3, under the ISC licence. Nothing is fetched from any network, and nothing is kept about who looks.` }),
  ];
}
