/* The API as a page, made from its own OpenAPI document: every address, what it takes and what it answers. */

import { english, make } from "/static/making.js";
import { one, show, table } from "/static/page.js";
import { plural, say } from "/static/words.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
let schemas = {};

const resolved = (schema) => (schema?.$ref ? schemas[schema.$ref.split("/").at(-1)] : schema) ?? {};
const named = (schema) => schema?.$ref?.split("/").at(-1);

/** The type of a value in a few words. */
function kind(schema) {
  if (named(schema)) return named(schema);
  if (schema.enum) return schema.enum.join(" | ");
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return [...new Set(options.map(kind))].join(" | ");
  if (schema.type === "array") return `[${schema.items ? kind(schema.items) : ""}]`;
  return [schema.type ?? "any", schema.format && `(${schema.format})`].filter(Boolean).join(" ");
}

/** What bounds a value, as the document writes it. */
const bounds = (schema) =>
  ["default", "minimum", "maximum", "minLength", "maxLength", "maxItems"].filter((key) => schema[key] !== undefined)
    .map((key) => `${key} ${JSON.stringify(schema[key])}`).join(", ");

/** Names of the bodies that a value holds, each once. */
function held(schema) {
  const inner = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.items ? [schema.items] : [])];
  return [...new Set([...inner.map(named), ...inner.flatMap((part) => (part !== schema ? held(part) : []))].filter(Boolean))];
}

/** The fields of a body, and below them those of the bodies that it holds, each opened when somebody looks. */
function fields(label, schema, above = []) {
  const { properties = {}, required = [], description } = resolved(schema);
  const rows = Object.entries(properties).map(([name, value]) => ({ name, value, needed: required.includes(name) }));
  const inner = [...new Set([...(rows.length ? [] : held(schema)), ...rows.flatMap(({ value }) => held(value))])].filter((name) => !above.includes(name));
  return [
    description ? make("p", { class: "sm" }, english(description)) : "",
    rows.length ? table(label, [
      { head: say("Field"), row: true, cell: ({ name }) => make("code", {}, name) },
      { head: say("Type"), cell: ({ value }) => make("code", {}, kind(value)) },
      { head: say("Needed"), cell: ({ needed }) => (needed ? say("yes") : "") },
      { head: say("What it is"), cell: ({ value }) => [english(value.description), make("span", { class: "subl" }, bounds(value))] },
    ], rows, "") : make("p", { class: "sm" }, make("code", {}, kind(schema))),
    ...inner.map((name) => unfolding(name, () => fields(name, { $ref: `#/components/schemas/${name}` }, [...above, ...inner]))),
  ];
}

/** Something that is made when it is opened for the first time. */
function unfolding(summary, content, attributes = {}) {
  const made = make("details", attributes, make("summary", {}, summary));
  made.addEventListener("toggle", () => {
    if (made.open && made.childElementCount === 1) made.append(...[content()].flat().filter((part) => part !== ""));
  });
  return made;
}

const content = (carrier) => Object.entries(carrier?.content ?? {});

function told({ path, method, operation }) {
  const parameters = operation.parameters ?? [];
  const bodies = content(operation.requestBody);
  return [
    make("p", {}, english(operation.description)),
    parameters.length ? table(`${method} ${path}`, [
      { head: say("Parameter"), row: true, cell: ({ name }) => make("code", {}, name) },
      { head: say("In"), cell: (parameter) => make("code", {}, parameter.in) },
      { head: say("Type"), cell: ({ schema }) => make("code", {}, kind(schema)) },
      { head: say("Needed"), cell: ({ required }) => (required ? say("yes") : "") },
      { head: say("What it is"), cell: ({ description, schema }) => [english(description), make("span", { class: "subl" }, bounds(schema))] },
    ], parameters, "") : "",
    ...bodies.flatMap(([type, { schema }]) => [make("h4", {}, say("It takes {type}", { type })), ...fields(`${method} ${path}`, schema)]),
    make("h4", {}, say("It answers")),
    ...Object.entries(operation.responses).map(([status, response]) => {
      const found = content(response);
      const words = [make("b", {}, `${status} `), english(response.description)];
      if (!found.some(([, { schema }]) => schema)) return make("p", { class: "sm" }, words);
      return unfolding(words, () => found.flatMap(([type, { schema }]) => [make("p", { class: "sm mute" }, type), ...(schema ? fields(`${status}`, schema) : [])]));
    }),
  ];
}

function drawn(entry) {
  const { path, method, operation } = entry;
  const summary = [make("code", { class: "verb" }, method), " ", make("code", {}, path), " ", make("span", { class: "mute", lang: "en" }, operation.summary ?? "")];
  return unfolding(summary, () => told(entry), { class: "op", id: `${method.toLowerCase()}${path.replaceAll(/[^a-z0-9]+/gi, "-")}` });
}

function draw(document) {
  schemas = document.components?.schemas ?? {};
  const entries = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method: method.toUpperCase(), operation: item[method] })));
  const tags = [...new Set(entries.map(({ operation }) => operation.tags?.[0] ?? ""))];
  const sections = tags.map((tag) => {
    const own = entries.filter(({ operation }) => (operation.tags?.[0] ?? "") === tag).map((entry) => ({ entry, made: drawn(entry) }));
    return { own, made: make("section", { class: "sec", "aria-label": tag || say("Others") }, [make("header", {}, make("h2", { lang: "en" }, tag || say("Others"))), ...own.map(({ made }) => made)]) };
  });
  one("[data-part]").append(...sections.map(({ made }) => made));
  const find = one("[data-find]");
  const narrow = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { own, made } of sections) {
      for (const { entry, made: line } of own) {
        const text = [entry.method, entry.path, entry.operation.summary, entry.operation.description].join(" ").toLowerCase();
        line.hidden = !words.every((word) => text.includes(word));
        count += !line.hidden;
      }
      made.hidden = own.every(({ made: line }) => line.hidden);
    }
    one("[data-found]").textContent = plural(count, "{n} address", "{n} addresses");
  };
  find.addEventListener("input", narrow);
  narrow();
}

show(one("[data-part]"), async () => (await fetch("/api/openapi.json")).json(), draw);
