/* Documents that a page hands to the browser to save. */

/** Save a text under a name. */
export function savedText(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Save something as JSON. */
export const saved = (name, content) => savedText(name, `${JSON.stringify(content, null, 2)}\n`);
