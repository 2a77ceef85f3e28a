// Draws what the room's computer says, once a second, and changes only what has changed.
//
// Whatever pairs have written is put in as text, never as markup. Times between two answers are
// counted by a clock that never goes back; nobody's clock on the wall is looked at.

const POLL = 1000; // ms between two questions
const CALM_POLL = 10000; // ms, while nobody looks at the page
const SHUT_OUT_POLL = 15000; // ms, while the page is not let in
const QUIET = 5000; // ms without an answer after which the page says so

// -- the course: it stays as it is for as long as the page does --

let course, chapters, koans;

function readCourse() {
  course = JSON.parse(find("#course").textContent);
  koans = course.lessons.flatMap(({ number, file, koans }) =>
    koans.map((said) => ({ name: `${String(number).padStart(2, "0")} · ${said}`, file })),
  );
  let from = 0;
  chapters = course.chapters.map(({ name, koans: count }) => {
    const chapter = { name, from, to: from + count, open: false, columns: 1 };
    from += count;
    return chapter;
  });
}

// -- asking --

let said = null; // the last answer
let saidAt = 0; // when it came
let isShutOut = false; // the code of this page is not right any more
let asked; // the timer of the next question
let begun; // when the page did
let questions = 0;
let answered = 0; // which of them was last: an older answer says nothing new

async function ask() {
  clearTimeout(asked);
  const question = ++questions;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  let answer = null;
  try {
    const response = await fetch("data", { cache: "no-store", signal: stop.signal });
    isShutOut = response.status === 401;
    if (response.ok) answer = await response.json();
  } catch {
    // nobody answers; the banner says so after a while
  } finally {
    clearTimeout(timer);
    clearTimeout(asked); // two may have asked at once: one goes on asking
    const calm = document.hidden && !bell.isOn ? CALM_POLL : POLL;
    asked = setTimeout(ask, isShutOut ? SHUT_OUT_POLL : calm);
  }
  if (answer && question > answered) {
    answered = question;
    take(answer);
  }
  tick();
}

function take(answer) {
  if (answer.course !== course.key && keptByTab.get("reloaded") !== answer.course) {
    keptByTab.set("reloaded", answer.course); // once: a page that stays old is better than none
    location.reload();
    return;
  }
  [said, saidAt] = [answer, now()];
  keepEnd(answer.round);
  draw();
}

/* Seconds for which what was said last may be counted on: nobody knows what came after. */
const since = () => Math.min(now() - saidAt, QUIET) / 1000;

// -- between two answers --

const calledFor = new Set();

/* What goes on between two answers. */
function tick() {
  drawBanner();
  if (!said) return;
  drawRound(said.round);
  for (const row of rows.values()) drawTime(row);
  const stuck = [...rows.values()].filter(({ isLong }) => isLong);
  drawHelp(stuck.sort((one, other) => other.shown - one.shown));
  if (news.length) put(find("#said"), news.splice(0).join(" "));
}

const news = []; // what those who listen to the page are told, all that is new at once

/* Whether a thing is said for the first time. */
function isNews(what) {
  return !calledFor.has(what) && Boolean(calledFor.add(what));
}

function drawBanner() {
  const silent = now() - (said ? saidAt : begun);
  const parts = [];
  if (isShutOut) parts.push("This page is not let in any more: open the board's link again.");
  else if (silent > QUIET) {
    const [seconds, minutes] = [1000, 60000].map((unit) => Math.floor(silent / unit));
    const span = minutes < 2 ? `${seconds} s` : `${minutes} min`;
    parts.push(`No word from the board's computer for ${span}; still trying.`);
  }
  if (now() - complainedAt < QUIET && complaint) parts.push(complaint);
  if (said?.trouble) parts.push(said.trouble);
  put(find("#banner"), parts.join(" "));
  show(find("#banner"), parts.length > 0);
  flag(document.documentElement, "silent", isShutOut || silent > QUIET);
}

// -- what a person does --

function drawJoin() {
  const hidden = kept.get("join") === "hidden";
  const isLate = Boolean(said?.join) && said.pairs.length > 0; // before, it stands in the middle
  show(find("#join"), isLate && !hidden);
  show(find("#late"), isLate);
  put(find("#join code"), said?.join ?? "");
  put(find("#late span"), hidden ? "Show join line" : "Hide join line");
}

function label() {
  put(find("#theme span"), theme() === "dark" ? "Light" : "Dark");
  put(find("#bell span"), `Bell: ${bell.isOn ? "on" : "off"}`);
  flag(find("#bell"), "on", bell.isOn);
}

const deeds = {
  " ": () => lead(find("#go").dataset.do),
  "+": () => lead("more"),
  n: () => lead("next"),
  b: () => bell.toggle(),
  d: () => {
    kept.set("theme", theme() === "dark" ? "light" : "dark");
    paint();
    label();
  },
  j: () => {
    if (find("#late").hidden) return;
    kept.set("join", kept.get("join") === "hidden" ? "shown" : "hidden");
    drawJoin();
  },
};

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === " " && (event.target.closest("button, a") || find("#lead").hidden)) return;
  const deed = deeds[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
}

addEventListener("DOMContentLoaded", () => {
  begun = now();
  readCourse();
  measureNames();
  buildTable();
  drawLegend();
  label();
  for (const button of document.querySelectorAll("#lead button"))
    button.addEventListener("click", () => lead(button.dataset.do));
  find("#bell").addEventListener("click", deeds.b);
  find("#theme").addEventListener("click", deeds.d);
  find("#late").addEventListener("click", deeds.j);
  find("#room").addEventListener("pointermove", pointAt);
  document.addEventListener("keydown", press);
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  new ResizeObserver(arrangeAnew).observe(find("#room"));
  setInterval(tick, 250);
  ask();
});
