// Who is in the room, where they are, and who has been there for so long that somebody should ask.

const BEAT = 10; // seconds between two words of a pair that works
const NUMBERS = { 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 10: "ten" };
const STATES = { paused: "paused", break: "on a break", away: "away", over: "done" };
const most = () => (innerWidth > NARROW && innerWidth < 1300 ? 3 : 6); // pairs that are named

const rows = new Map(); // by the number of the pair
let table, body, heads;

function buildTable() {
  const head = { scope: "col", role: "columnheader" };
  heads = chapters.map(({ name }) => make("th", head, make("span", {}, name)));
  heads.forEach((node, at) => node.style.setProperty("--word", chapters[at].word.toFixed(2)));
  const titles = [make("span", {}, "Pair and koan at hand"), make("span", {}, "at it for")];
  const pair = make("th", { ...head, class: "pair" }, make("div", {}, ...titles));
  const first = make("tr", { role: "row" }, pair, ...heads);
  body = make("tbody", { role: "rowgroup" });
  table = make("table", { role: "table" }, make("thead", { role: "rowgroup" }, first), body);
  find("#room").append(table);
}

function buildRow(number) {
  const [people, koan, time] = ["people", "koan", "time"].map((kind) => make("p", { class: kind }));
  const who = make("th", { scope: "row", role: "rowheader" }, make("div", {}, people, koan, time));
  const blocks = chapters.map(buildBlock);
  const cells = blocks.map((block) => block.node);
  const node = make("tr", { role: "row", id: `pair-${number}` }, who, ...cells);
  return { node, people, koan, time, blocks, pair: null, stuck: 0, limit: 0, shown: 0 };
}

const isTouched = ({ lights, here }, { from, to }) =>
  (here !== null && from <= here && here < to) || /[^.]/.test(lights.slice(from, to));

function draw() {
  const { pairs } = said;
  drawPairs(pairs);
  show(table, pairs.length > 0);
  drawNobody(pairs.length === 0);
  for (const chapter of chapters) chapter.open = pairs.some((pair) => isTouched(pair, chapter));
  arrange();
  for (const row of rows.values()) drawLights(row);
  drawJoin();
  show(find("#lead"), said.may_lead);
}

/* Until the first pair has come, what the others need to come in is all that there is to see. */
function drawNobody(isEmpty) {
  show(find("#nobody"), isEmpty);
  const nobody = "Nobody is here yet: no session was begun in this clone.";
  put(find("#nobody h2"), said.join ? "In each pair's clone, type:" : nobody);
  show(find("#nobody p"), Boolean(said.join));
  const join = isEmpty ? (said.join ?? "") : "";
  if (find("#nobody code").textContent === join) return;
  const words = join.split(" ").map((word) => make("span", {}, word));
  find("#nobody code").replaceChildren(...words.flatMap((word, at) => (at ? [" ", word] : [word])));
  fitJoin();
}

/* One row a pair, in the order in which they came. */
function drawPairs(pairs) {
  for (const [number, { node }] of rows) {
    if (pairs.some((pair) => pair.number === number)) continue;
    node.remove();
    rows.delete(number);
  }
  pairs.forEach((pair, at) => {
    if (!rows.has(pair.number)) rows.set(pair.number, buildRow(pair.number));
    const row = rows.get(pair.number);
    if (body.children[at] !== row.node) body.insertBefore(row.node, body.children[at] ?? null);
    drawPair(row, pair);
  });
}

function drawPair(row, pair) {
  const { here, state, stuck, silent } = pair;
  const counts = state === "here" && stuck > 0;
  const found = counts ? stuck + Math.min(silent, BEAT) : stuck;
  // A word that came a moment late must not turn the time back.
  const isLate = counts && row.pair?.here === here && found < row.shown && found > row.shown - 3;
  Object.assign(row, { pair, stuck: isLate ? row.shown : found });
  row.limit = counts ? stuck + BEAT : 0;
  drawPeople(row, pair);
  put(row.koan, koanOf(pair));
  set(row.koan, "title", koans[here]?.file ?? "");
  set(row.node, "data-state", state);
}

function drawPeople(row, { people, away }) {
  const key = JSON.stringify([people, away]);
  if (row.drawnPeople === key) return;
  row.drawnPeople = key;
  const [driver, navigator, ...others] = people;
  const parts = [];
  if (driver) parts.push(make("b", {}, driver), " drives");
  if (navigator) parts.push(", ", make("b", {}, navigator), " navigates");
  if (others.length) parts.push(`, then ${others.join(", ")}`);
  if (!people.length) parts.push("nobody is here");
  if (away.length) parts.push(`; ${away.join(", ")} ${away.length > 1 ? "are" : "is"} away`);
  row.people.replaceChildren(...parts);
  flag(row.node, "wordy", row.people.textContent.length > 40);
}

// -- how long they have been at it --

/* Seconds at the koan at hand by now: they go on only where the pair was heard lately. */
const stuckNow = (row) => Math.max(row.stuck, Math.min(row.stuck + since(), row.limit));

function drawTime(row) {
  row.shown = stuckNow(row);
  row.isLong = row.pair.state === "here" && row.shown >= course.stuck;
  put(row.time, timeOf(row));
  flag(row.time, "long", row.isLong);
}

function timeOf({ pair: { state, silent }, shown }) {
  if (state === "away" && silent !== null) return `away ${Math.floor(silent / 60)} min`;
  if (state !== "here") return STATES[state];
  return shown > 0 ? clock(shown) : "";
}

// -- where help is needed --

/* Who has been at it longest, first: this is no order of merit, it says where to go first. */
function drawHelp(stuck) {
  const list = find("#help ol");
  const named = stuck.slice(0, most());
  named.forEach((row, at) => drawItem(list.children[at] ?? list.appendChild(buildItem()), row));
  while (list.children.length > named.length) list.lastChild.remove();
  const span = `${NUMBERS[course.stuck / 60] ?? course.stuck / 60} minutes`;
  put(find("#calm"), stuck.length ? "" : `No pair has been at one koan for ${span}.`);
  show(find("#others"), stuck.length > named.length);
  put(find("#others"), `and ${stuck.length - named.length} more, below`);
  const fresh = stuck.filter(({ pair }) => isNews(`${pair.number} ${pair.here}`));
  const who = fresh.map(({ pair }) => `${pairOf(pair)} on ${koanOf(pair)}`);
  if (who.length) news.push(`At one koan for ${span}: ${who.join("; ")}.`);
}

function buildItem() {
  const parts = [make("b"), make("span", { class: "time long" }), make("span", { class: "koan" })];
  return make("li", {}, make("a", {}, ...parts));
}

function drawItem({ firstChild: link }, { pair, shown }) {
  const [names, time, koan] = link.children;
  set(link, "href", `#pair-${pair.number}`);
  drawNames(names, pair);
  put(time, clock(shown));
  put(koan, koanOf(pair));
  set(koan, "title", koans[pair.here]?.file ?? "");
}

/* Everybody is named; where there is no room for it, long names are cut, each by itself. */
function drawNames(node, { people }) {
  const said = people.join(", ");
  if (node.title === said) return;
  node.title = said;
  const parts = said.split(/(?<=, )/);
  const kind = (part) => (part.length > 10 ? "" : "short");
  node.replaceChildren(...parts.map((part) => make("span", { class: kind(part) }, part)));
}

/* A place of -1 is that of a koan which another version of the course has. */
function koanOf({ here }) {
  if (here === null) return "no koan yet";
  return koans[here]?.name ?? "a koan that this board's course does not have";
}

const pairOf = ({ people }) => people.join(", ");
