/* What the languages of code are called: by models, by the highlighter, and on the page. */

/** Name on the page, by the name the highlighter knows. */
const NAMES = {
  bash: "Bash", c: "C", clojure: "Clojure", cpp: "C++", csharp: "C#", css: "CSS", dart: "Dart", diff: "Diff", dockerfile: "Dockerfile",
  elixir: "Elixir", go: "Go", graphql: "GraphQL", haskell: "Haskell", http: "HTTP", ini: "INI", java: "Java", javascript: "JavaScript",
  json: "JSON", julia: "Julia", kotlin: "Kotlin", latex: "LaTeX", less: "Less", lua: "Lua", makefile: "Makefile", markdown: "Markdown",
  matlab: "MATLAB", nginx: "nginx", objectivec: "Objective-C", perl: "Perl", php: "PHP", powershell: "PowerShell", python: "Python",
  r: "R", ruby: "Ruby", rust: "Rust", scala: "Scala", scss: "SCSS", shell: "Shell", sql: "SQL", swift: "Swift",
  typescript: "TypeScript", vbnet: "Visual Basic", wasm: "WebAssembly", xml: "XML", yaml: "YAML",
};

/** Other names models give them, with the name on the page where that differs. */
const ALIASES = {
  bat: null, "c#": ["csharp"], "c++": ["cpp"], cc: ["cpp"], clj: ["clojure"], console: ["shell", "Console"], cs: ["csharp"], docker: ["dockerfile"],
  ex: ["elixir"], golang: ["go"], h: ["c"], hpp: ["cpp"], hs: ["haskell"], html: ["xml", "HTML"], ipython: ["python"], jl: ["julia"],
  js: ["javascript"], jsonc: ["json"], jsx: ["javascript", "JSX"], kt: ["kotlin"], make: ["makefile"], md: ["markdown"], mysql: ["sql", "MySQL"],
  objc: ["objectivec"], patch: ["diff"], pgsql: ["sql", "PostgreSQL"], pl: ["perl"], postgresql: ["sql", "PostgreSQL"], ps1: ["powershell"],
  pwsh: ["powershell"], py: ["python"], python3: ["python"], rb: ["ruby"], rs: ["rust"], sass: ["scss", "Sass"], sh: ["bash", "Shell"],
  sqlite: ["sql", "SQLite"], svg: ["xml", "SVG"], terminal: ["shell", "Terminal"], tex: ["latex"], toml: ["ini", "TOML"], ts: ["typescript"],
  tsx: ["typescript", "TSX"], vb: ["vbnet"], vue: ["xml", "Vue"], xhtml: ["xml", "XHTML"], yml: ["yaml"], zsh: ["bash", "Zsh"],
};

/** The language of a fence: `{language, name}`, what the highlighter calls it ("" where it does not know it) and what a reader does. */
export function language(info) {
  const [first, ...rest] = info.trim().split(/\s+/);
  const [word, ...path] = first.replace(/^\{?\.?|[,}]+$/g, "").split(":");
  const asked = word.toLowerCase();
  const [known, name] = NAMES[asked] ? [asked] : ALIASES[asked] || [];
  const said = [name || NAMES[known] || word || "Code", path.join(":"), rest.join(" ")].filter(Boolean).join(" ");
  return { language: known || "", name: said };
}
