// What the other parts of the page are made of. All of it leaves alone what is right already.

const DRAWN = "http://www.w3.org/2000/svg"; // the name of a language; nothing is fetched there
const now = () => performance.now();
const find = (selector) => document.querySelector(selector);

/* An element with its attributes, and with nodes or texts in it. */
function make(tag, settings = {}, ...children) {
  const isDrawn = ["svg", "path", "title"].includes(tag);
  const node = isDrawn ? document.createElementNS(DRAWN, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const put = (node, text) => node.textContent === text || (node.textContent = text);
const show = (node, is) => node.hidden === !is || (node.hidden = !is);
const set = (node, name, value) =>
  node.getAttribute(name) === value || node.setAttribute(name, value);
const flag = (node, name, is) =>
  node.classList.contains(name) === is || node.classList.toggle(name, is);

/* Seconds as a clock shows them. */
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours}:${two(minutes)}:${two(whole)}` : `${minutes}:${two(whole)}`;
}

// -- what stays from one visit to the next --

const keeper = (storage) => ({
  get(name) {
    try {
      return storage().getItem("board." + name);
    } catch {
      return null; // a browser may refuse; then nothing stays
    }
  },
  set(name, value) {
    try {
      storage().setItem("board." + name, value);
    } catch {}
  },
});
const kept = keeper(() => localStorage);
const keptByTab = keeper(() => sessionStorage);

const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => kept.get("theme") || (dark.matches ? "dark" : "light");
const paint = () => (document.documentElement.dataset.theme = theme());
paint(); // before anything can be seen
dark.addEventListener("change", () => (paint(), label()));
