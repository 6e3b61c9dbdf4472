/* Pictures of boards: each can be read out, has its numbers as a table, and is saved as SVG, PNG or CSV. */

import { drawing, part, scrolled } from "/static/drawing.js";
import { button, make } from "/static/making.js";
import { figure, say } from "/static/words.js";

const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "font-family", "font-size", "font-weight", "text-anchor", "opacity"];
const NARROW = innerWidth <= 720;
const WIDTH = NARROW ? 350 : 640;
const NAMES = NARROW ? 112 : 210; // pixels for what a row is called
const VALUES = NARROW ? 78 : 96; // and for its number
const LETTERS = NARROW ? 16 : 28; // of a name
const ROW = 30;
const LINE = 14; // pixels from one name at the end of a line to the next
const SHARP = 2; // pixels of a PNG for one of the picture

/** A row of dots with intervals. `rows`: [{ name, value, lower, upper, words }]; `middle`: where the dashed line stands. */
export function dots(id, title, description, rows, middle = null) {
  const known = rows.flatMap((row) => [row.value, row.lower, row.upper]).concat(middle ?? []).filter((number) => number !== null && number !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = WIDTH - NAMES - VALUES - 20;
  const x = (number) => (NAMES + 10 + ((number - low) / (high - low || 1)) * room).toFixed(1);
  const height = rows.length * ROW + 12;
  const made = drawing(id, WIDTH, height, title, description);
  if (middle !== null) made.append(part("line", { class: "middle", x1: x(middle), x2: x(middle), y1: 0, y2: height }));
  rows.forEach((row, place) => {
    const y = place * ROW + ROW / 2 + 6;
    made.append(part("text", { class: "ink", x: 0, y: y + 4 }, shortened(row.name)));
    if (row.lower != null && row.upper != null) made.append(part("line", { class: "wh", x1: x(row.lower), x2: x(row.upper), y1: y, y2: y }));
    if (row.value != null) made.append(part("circle", { class: "dot", cx: x(row.value), cy: y, r: 4 }));
    made.append(part("text", { class: row.bold ? "ink strong" : "ink", x: WIDTH, y: y + 4, "text-anchor": "end" }, row.words));
  });
  return made;
}

const shortened = (name) => (name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name);

/** Lines over time. `series`: [{ name, points: [[x, y]], strong }]; `marks`: [[x, words]] below the picture. */
export function lines(id, title, description, series, marks) {
  const [width, height, left, right, below] = NARROW ? [350, 300, 40, 104, 26] : [760, 340, 46, 190, 26];
  const every = series.flatMap((one) => one.points);
  const [from, to] = [Math.min(...every.map(([at]) => at)), Math.max(...every.map(([at]) => at))];
  const [low, high] = [Math.min(...every.map(([, value]) => value)), Math.max(...every.map(([, value]) => value))];
  const x = (at) => left + ((at - from) / (to - from || 1)) * (width - left - right);
  const y = (value) => 10 + (1 - (value - low) / (high - low || 1)) * (height - below - 20);
  const made = drawing(id, width, height, title, description);
  for (const value of round(low, high)) {
    made.append(part("line", { class: "gridl", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
    made.append(part("text", { class: "ax", x: left - 8, y: y(value) + 4, "text-anchor": "end" }, figure(value)));
  }
  for (const [at, words] of marks) made.append(part("text", { class: "ax", x: x(at), y: height - 6, "text-anchor": at === to && from !== to ? "end" : "middle" }, words));
  const sorted = [...series].sort((first, second) => second.points.at(-1)[1] - first.points.at(-1)[1]);
  const places = spread(sorted.map((one) => y(one.points.at(-1)[1])), height - below - 8);
  sorted.forEach((one, number) => {
    const path = one.points.map(([at, value], place) => `${place ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const line = part("path", { class: one.strong ? "course strong" : "course", d: path });
    line.append(part("title", {}, one.name));
    made.append(line, part("text", { class: one.strong ? "ink strong" : "ink", x: width - right + 8, y: places[number] + 4 }, shortened(one.name)));
  });
  return made;
}

/** Heights of names, from the top: none over another, and none below the last place where there is room for one. */
function spread(heights, lowest) {
  const found = [];
  for (const height of heights) found.push(Math.max(height, (found.at(-1) ?? -Infinity) + LINE));
  for (let place = found.length - 1, most = lowest; place >= 0; place -= 1, most -= LINE) found[place] = Math.min(found[place], most);
  return found;
}

function round(low, high) {
  const step = [10, 20, 50, 100, 200, 500, 1000].find((one) => (high - low) / one <= 6) ?? 2000;
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) found.push(value);
  return found;
}

/** A picture with its table and what saves it. `table`: rows of cells, the first of heads. */
export function pictured(name, title, drawn, table) {
  const [heads, ...rows] = table;
  const cells = (tag, row) => row.map((cell, place) => make(place ? tag : "th", { scope: tag === "th" ? "col" : place ? null : "row", class: place ? "r" : null }, String(cell ?? "–")));
  const whole = make("table", {}, [
    make("caption", { class: "vh" }, title),
    make("thead", {}, make("tr", {}, cells("th", heads))),
    make("tbody", {}, rows.map((row) => make("tr", {}, cells("td", row)))),
  ]);
  const shown = make("details", { class: "numbers" }, [
    make("summary", {}, say("Show as a table")),
    make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": say("{title}, scrolls sideways", { title }) }, whole),
  ]);
  const buttons = [
    ["SVG", () => saved(`${name}.svg`, new Blob([written(drawn)], { type: "image/svg+xml" }))],
    ["PNG", () => painted(drawn).then((png) => saved(`${name}.png`, png))],
    ["CSV", () => saved(`${name}.csv`, new Blob([table.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n"], { type: "text/csv" }))],
  ].map(([kind, does]) => button([kind, make("span", { class: "vh" }, ` – ${title}`)], does));
  return make("figure", { class: "picture" }, [scrolled(title, drawn), make("figcaption", { class: "saves" }, [make("span", { class: "mute" }, say("Save as")), ...buttons]), shown]);
}

/** A cell of CSV; what a spreadsheet would read as a formula gets a sign before it. */
function cell(value) {
  const text = typeof value === "number" || value == null ? String(value ?? "") : value.replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A picture as a file of its own: with the styles that it has on the page. */
function written(drawn) {
  const copy = drawn.cloneNode(true);
  const here = [drawn, ...drawn.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((one, place) => {
    const style = getComputedStyle(here[place]);
    for (const name of KEPT) one.style.setProperty(name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.style.setProperty("background", getComputedStyle(document.body).backgroundColor);
  return new XMLSerializer().serializeToString(copy);
}

async function painted(drawn) {
  const { width, height } = drawn.viewBox.baseVal;
  const image = new Image();
  const address = URL.createObjectURL(new Blob([written(drawn)], { type: "image/svg+xml" }));
  image.src = address;
  await image.decode();
  URL.revokeObjectURL(address);
  const canvas = Object.assign(document.createElement("canvas"), { width: width * SHARP, height: height * SHARP });
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function saved(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
