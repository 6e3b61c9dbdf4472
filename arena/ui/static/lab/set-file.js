/* A file of prompts, or of answers to them, sent to a prompt set. */

import * as api from "/static/api.js";
import { english, figure, make } from "/static/making.js";
import { one, submits } from "/static/page.js";
import { say } from "/static/words.js";

const LOOK = 500; // milliseconds between two looks at how far it is
const SENDING = 60_000; // milliseconds that a small file may take; the arena gives up before the page does
const SLOWEST = 32; // bytes in a millisecond that a large file comes at, half of what the arena waits for
const SHOWN = 20; // rows that are named of those that were left outside

/** Send what a form names, and tell what became of it row by row; `then` is told the set that has it now. */
export function sends(section, then) {
  const { file, set } = one("form", section).elements;
  file.addEventListener("change", () => {
    if (!set.value && file.files.length) set.value = named(file.files[0].name);
  });
  submits(section, async (fields) => {
    const left = one("[data-left]", section);
    left.replaceChildren();
    const at = `/prompt-sets/${encodeURIComponent(fields.set.trim())}`;
    const said = new URLSearchParams({ file: fields.file.name, kind: fields.kind });
    let told = await api.ask("POST", `${at}/uploads?${said}`, { body: fields.file, deadline: SENDING + fields.file.size / SLOWEST });
    while (told.state === "reading") {
      await new Promise((resolve) => setTimeout(resolve, LOOK));
      told = await api.ask("GET", `${at}/imports/${told.import_id}`);
    }
    if (told.problem !== null) throw new api.Refusal(422, { detail: told.problem });
    left.replaceChildren(...told.told.slice(0, SHOWN).map((sentence) => make("li", {}, english(sentence))));
    await then(fields.set.trim());
    const { entered, here, outside } = told;
    return say("{entered} entered, {here} here already, {outside} left outside.", { entered: figure(entered), here: figure(here), outside: figure(outside) });
  });
}

/** The name of a set after that of a file. */
const named = (file) => file.replace(/\.[^.]*$/, "").toLowerCase().replace(/[^a-z0-9._-]+/g, "-").replace(/^[._-]+|[._-]+$/g, "");
