// A light for each koan: its shape says what it is, and so does its colour.

const NARROW = 900; // pixels; board.css has the same
const NAMES = { ".": "untouched", o: "blank", x: "wrong", "!": "broken", g: "green" };

// -- shapes, in cells of ten by ten --

const SHAPES = {
  ".": (x, y) => disc(x, y, 1.05),
  o: (x, y) => disc(x, y, 3.1),
  x: (x, y) => `M${x + 2} ${y + 2}l6 6m0-6l-6 6`,
  "!": (x, y) => `M${x + 5} ${y + 1.1}l4.1 7.3h-8.2z`,
  g: (x, y) => disc(x, y, 3.9),
};
const disc = (x, y, r) =>
  `M${x + 5 - r} ${y + 5}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
const frame = (x, y) => `M${x + 0.3} ${y + 0.3}h9.4v9.4h-9.4z`;

/* All lights of a pair in a chapter: one picture, in which all lights of a kind are one path. */
function buildBlock({ name }) {
  const svg = make("svg", { role: "img" });
  const node = make("td", { role: "cell", "data-chapter": name }, svg);
  return { node, svg, paths: {}, drawn: "" };
}

function drawLights({ blocks, pair: { lights, here } }) {
  blocks.forEach((block, at) => {
    const { from, to, open, columns, name } = chapters[at];
    const letters = open ? lights.slice(from, to) : "";
    const marked = open && here !== null && from <= here && here < to ? here - from : -1;
    const key = [letters, marked, columns, cell].join();
    if (block.drawn === key) return;
    block.drawn = key;
    drawBlock(block, letters, marked, columns, name);
  });
}

function drawBlock({ node, svg, paths }, letters, marked, columns, name) {
  const at = (index) => [(index % columns) * 10, Math.floor(index / columns) * 10];
  const parts = {};
  [...letters].forEach((letter, index) => (parts[letter] ??= []).push(SHAPES[letter](...at(index))));
  if (marked >= 0) parts.now = [frame(...at(marked))];
  for (const kind of [...Object.keys(SHAPES), "now"]) {
    const shape = (parts[kind] ?? []).join("");
    if (shape) paths[kind] ??= svg.appendChild(make("path", { class: NAMES[kind] ?? kind }));
    if (paths[kind]) set(paths[kind], "d", shape);
  }
  const lines = Math.ceil(letters.length / columns);
  set(svg, "viewBox", `0 0 ${columns * 10} ${lines * 10}`);
  set(svg, "width", String(columns * cell));
  set(svg, "height", String(lines * cell));
  set(svg, "aria-label", `${name}: ${inWords(parts)}`);
  flag(node, "bare", marked < 0 && !/[^.]/.test(letters));
}

function inWords(parts) {
  const kinds = ["g", "x", "!", "o"].filter((kind) => parts[kind]);
  return kinds.map((kind) => `${parts[kind].length} ${NAMES[kind]}`).join(", ") || "untouched";
}

/* A light has its name where somebody points at it. */
function pointAt({ target, clientX, clientY }) {
  const svg = target.closest("td svg");
  if (!svg) return;
  const row = [...rows.values()].find(({ node }) => node.contains(svg));
  const { from, to, columns } = chapters[row.blocks.findIndex((block) => block.svg === svg)];
  const { top, left } = svg.getBoundingClientRect();
  const [line, column] = [clientY - top, clientX - left].map((way) => Math.floor(way / cell));
  const index = from + line * columns + column;
  if (index < from || index >= to || column >= columns) return;
  const title = svg.querySelector("title") ?? svg.appendChild(make("title"));
  put(title, `${koans[index].name}: ${NAMES[row.pair.lights[index]]}`);
}

function drawLegend() {
  const kinds = [..."ox!g."].map((kind) => [kind, NAMES[kind]]);
  const shape = (kind, name) => make("path", { class: name, d: SHAPES[kind](0, 0) });
  const items = kinds.map(([kind, name]) => entry(name, shape(kind, name)));
  items.push(entry("at hand", make("path", { class: "now", d: frame(0, 0) })));
  find("#legend").append(...items);
}

const entry = (name, path) =>
  make("li", {}, make("svg", { viewBox: "-.5 -.5 11 11", "aria-hidden": "true" }, path), name);

// -- how large they are, so that a chapter is seen as a whole --

let cell = 12; // pixels
let headHeight = 40; // pixels

function arrange() {
  const open = chapters.filter((chapter) => chapter.open);
  chapters.forEach(({ open }, at) => flag(heads[at], "folded", !open));
  for (const row of rows.values())
    row.blocks.forEach((block, at) => flag(block.node, "folded", !chapters[at].open));
  flag(table, "crowded", open.length > 10);
  const em = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const lines = innerWidth > NARROW ? arrangeTable(open, em) : 0;
  flag(document.documentElement, "cards", !lines);
  if (!lines) arrangeCards(em);
}

/* Returns in how many lines a chapter's lights stand, or 0 where the window is too narrow. */
function arrangeTable(open, em) {
  const room = find("#room");
  const isTable = !document.documentElement.classList.contains("cards");
  if (isTable) headHeight = table.tHead.offsetHeight; // else as it was when there was one
  const high = (room.clientHeight - headHeight - 1) / Math.max(1, rows.size);
  const line = Math.floor(Math.min(Math.max(high, 3.65 * em), 7.5 * em));
  const scale = Math.min(1.8, Math.max(1, line / (4.1 * em)));
  table.style.setProperty("--scale", scale.toFixed(3));
  table.style.setProperty("--row", `${line}px`);
  table.style.setProperty("--says", line / scale < 4 * em ? "1" : "2");
  const isCrowded = open.length > 10;
  const gaps = 2.1 * (chapters.length - open.length) + (isCrowded ? 1 : 1.2) * open.length;
  const wide = room.clientWidth - (27 * scale + gaps + 3.2) * em;
  const lines = largest(open, wide, line - 0.6 * em, em * (isCrowded ? 0.8 : 0.95));
  for (const chapter of chapters)
    chapter.columns = Math.ceil((chapter.to - chapter.from) / Math.max(1, lines));
  return lines;
}

/* How long the longest word of each name is: no column is narrower. */
function measureNames() {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `600 100px ${getComputedStyle(document.body).fontFamily}`;
  const length = (word) => pen.measureText(word).width / 100;
  for (const chapter of chapters) chapter.word = Math.max(...chapter.name.split(" ").map(length));
}

/* Makes the lights as large as they can be; returns in how many lines they stand then. */
function largest(open, wide, high, letter) {
  const width = ({ from, to, word }, lines) =>
    Math.max(word * letter, Math.ceil((to - from) / lines) * cell);
  const needed = (lines) => open.reduce((sum, chapter) => sum + width(chapter, lines), 0);
  for (cell = Math.floor(2.2 * letter); cell >= 8; cell -= 0.5)
    for (let lines = 1; lines * cell <= high; lines++) if (needed(lines) <= wide) return lines;
  return 0;
}

function arrangeCards(em) {
  cell = Math.floor(0.78 * em);
  const columns = Math.floor((Math.min(innerWidth - 4 * em, 20 * em) - 1.1 * em) / 2 / cell); // two abreast
  for (const chapter of chapters) {
    const count = chapter.to - chapter.from;
    chapter.columns = Math.ceil(count / Math.ceil(count / columns));
  }
}

function arrangeAnew() {
  if (!said) return;
  arrange();
  for (const row of rows.values()) drawLights(row);
  fitJoin();
}

/* The command of an empty room is as large as fits: in two lines where there is room, on a phone in
   as many as it has words. Only what fits in no way is broken within a word. */
function fitJoin() {
  const node = find("#nobody code");
  const [least, lines] = innerWidth > NARROW ? [18, 2] : [14, 6];
  const fits = (size) => {
    node.style.fontSize = `${size}px`;
    const { scrollWidth, clientWidth, offsetHeight } = node;
    return scrollWidth <= clientWidth && offsetHeight <= lines * 1.3 * size + 1;
  };
  flag(node, "tight", false);
  let size = Math.max(least, Math.floor(0.06 * innerWidth));
  while (!fits(size) && size > least) size -= 1;
  flag(node, "tight", node.scrollWidth > node.clientWidth);
}
