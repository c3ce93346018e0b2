// What can be taken along: pictures, numbers, and the scenario as a file.

import { el } from "./words.js";

export function save(name, content, type) {
  const link = el("a", { href: URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const DRAWN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "stroke-opacity", "fill-opacity", "font-family", "font-size", "font-weight",
  "letter-spacing", "text-anchor", "display", "paint-order"];

// A picture with its style written out, so that it looks the same anywhere.
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const [from, to] = [[...svg.querySelectorAll("*")], [...copy.querySelectorAll("*")]];
  from.forEach((element, k) => {
    const style = getComputedStyle(element);
    for (const name of DRAWN) to[k].setAttribute(name, style.getPropertyValue(name));
  });
  for (const idle of copy.querySelectorAll("[display=none]")) idle.remove();
  return copy;
}

// Puts several pictures, each under its title, into one.
export function poster(pictures, title) {
  const boxes = pictures.map(({ svg }) => svg.getBoundingClientRect());
  const beside = boxes.length > 1 && Math.abs(boxes[0].top - boxes[1].top) < 4;
  const width = Math.max(...boxes.map((box, k) => (k < 2 && beside ? boxes[0].width + boxes[1].width + 20 : box.width)));
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const write = (text, x, y, size, weight) => {
    const words = made.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "text"));
    for (const [key, value] of Object.entries({ x, y, "font-size": size, "font-weight": weight, "font-family": "system-ui, sans-serif", fill: "#1d2530" })) words.setAttribute(key, value);
    words.textContent = text;
  };
  write(title, 20, 34, 20, 650);
  let [y, next] = [56, 56];
  pictures.forEach(({ svg, caption }, k) => {
    const x = beside && k === 1 ? boxes[0].width + 40 : 20;
    if (!(beside && k === 1)) y = next;
    write(caption, x, y + 14, 14, 600);
    const copy = standalone(svg);
    for (const [key, value] of Object.entries({ x, y: y + 22, width: boxes[k].width, height: boxes[k].height })) copy.setAttribute(key, value);
    made.append(copy);
    next = Math.max(next, y + 22 + boxes[k].height + 16);
  });
  const size = [Math.ceil(width + 40), Math.ceil(next + 8)];
  made.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
  made.setAttribute("width", size[0]);
  made.setAttribute("height", size[1]);
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [key, value] of Object.entries({ width: size[0], height: size[1], fill: "white" })) paper.setAttribute(key, value);
  made.prepend(paper);
  return { text: new XMLSerializer().serializeToString(made), width: size[0], height: size[1] };
}

export async function asPng(picture) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture.text)}`;
  await image.decode();
  const canvas = el("canvas", { width: picture.width * 2, height: picture.height * 2 });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function cell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// Every outcome of every run and month, a row each; a month counts from 0, as everywhere outside the page.
export function outcomesCsv(runs, outcomes) {
  const rows = [["run", "month", ...outcomes.map((outcome) => outcome.name)]];
  for (const run of runs) {
    for (let month = 0; month < run.trajectory.months; month += 1) {
      rows.push([run.label, month, ...outcomes.map((outcome) => run.outcomes[outcome.name][month])]);
    }
  }
  return `${rows.map((row) => row.map(cell).join(",")).join("\n")}\n`;
}

function quoted(text) {
  const escapes = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r" };
  // eslint-disable-next-line no-control-regex
  return `"${text.replace(/[\\"\n\t\r]/g, (letter) => escapes[letter]).replace(/[\u0000-\u001f\u007f]/g, "")}"`;
}

function line(key, value) {
  if (Array.isArray(value)) return `${key} = [${value.map((one) => (typeof one === "string" ? quoted(one) : one)).join(", ")}]`;
  return `${key} = ${typeof value === "string" ? quoted(value) : value}`;
}

// A scenario as the file that the command line reads.
export function asToml(table) {
  const parts = [];
  for (const key of ["name", "title", "description", "partnership", "months", "support"]) {
    if (table[key] !== undefined && table[key] !== "") parts.push(line(key, table[key]));
  }
  for (const heading of ["parameters", "costs"]) {
    const found = Object.entries(table[heading] ?? {});
    if (found.length) parts.push("", `[${heading}]`, ...found.map(([key, value]) => line(key, value)));
  }
  for (const [heading, entries] of [["programme", table.programme ?? []], ["shock", table.shock ?? []]]) {
    for (const entry of entries) parts.push("", `[[${heading}]]`, ...Object.entries(entry).map(([key, value]) => line(key, value)));
  }
  return `${parts.join("\n")}\n`;
}
