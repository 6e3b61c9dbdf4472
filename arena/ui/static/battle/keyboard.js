/* The keyboard: which key does what, and when a key is left to the browser. */

const VOTES = { a: "model_a", arrowleft: "model_a", b: "model_b", arrowright: "model_b", t: "tie", x: "both_bad" };
const STRENGTHS = { 1: "slightly", 2: "clearly" };
const PLAYING = { Space: "play", Comma: "back", Period: "forward", BracketLeft: "a", BracketRight: "b" };
const READING = ["waiting", "streaming", "ready", "chosen", "revealed"];
const TYPED = "textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox]):not([type=range])";
const PRESSED = "a, button, summary, select";

/** The action of a key press as `[name, argument]`, or null to leave the key alone.

    `state` is the page's; `single` says whether single keys are on. */
export function action(event, state, single) {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return null;
  if (document.querySelector("dialog[open]")) return null;
  const key = event.key.toLowerCase();
  const { target } = event;
  const { screen } = state;
  if (key === "enter") return event.altKey || event.shiftKey ? null : enter(event, target, state);
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches(TYPED)) return null;
  if (key === "escape") return screen === "chosen" ? ["clear"] : null;
  if (!single) return null;
  if (screen === "ready" || screen === "chosen") {
    if (target.matches("input[type=radio], input[type=range]") && key.startsWith("arrow")) return null;
    if (VOTES[key]) return ["choose", VOTES[key]];
    if (key === "arrowdown" && target.closest("[data-vote]")) return ["choose", "tie"];
  }
  if (key === "s" && ["ready", "chosen"].includes(screen) && state.battle.number) return ["ask", "skip"];
  if (screen === "chosen") {
    if (STRENGTHS[key]) return ["strength", STRENGTHS[key]];
    if (key === "r") return ["reason"];
    if (key === "e") return ["edit"];
  }
  if (PLAYING[event.code] && READING.includes(screen) && plays(state.battle, event, target)) return ["media", PLAYING[event.code]];
  if ((key === "[" || key === "]") && READING.includes(screen)) return ["jump", key === "[" ? "a" : "b"];
  if (key === "n" && ["revealed", "void", "follow"].includes(screen)) return ["compose"];
  if (key === "f" && screen === "revealed") return ["follow"];
  if (key === "s" && screen === "revealed") return ["again"];
  return null;
}

/** Whether a key is for what plays in the answers. Of films, brackets jump to an answer as everywhere. */
function plays(battle, event, target) {
  const kinds = [...(battle.media_a || []), ...(battle.media_b || [])].map((one) => one.kind);
  if (event.code.startsWith("Bracket")) return kinds.includes("audio");
  if (event.code === "Space" && target.closest(`${PRESSED}, input:not([type=range])`)) return false;
  return kinds.includes("audio") || kinds.includes("video");
}

function enter(event, target, { screen, cause, next }) {
  const chord = event.ctrlKey || event.metaKey;
  if (target.id === "pr") return event.repeat ? ["nothing"] : ["start"];
  if (target.matches("textarea")) return chord && screen === "chosen" ? ["record"] : null;
  if (chord) return null;
  const pressed = target.closest(PRESSED);
  if (pressed && !(screen === "chosen" && pressed.matches("[data-vote][aria-pressed=true]"))) return null;
  if (event.repeat) return ["nothing"];
  const afterVoid = next ? ["goOn"] : cause === "prompt" ? ["reword"] : ["again"];
  return { chosen: ["record"], revealed: ["compose"], void: afterVoid, error: ["resend"] }[screen] || null;
}
