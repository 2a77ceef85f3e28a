// The room's own clock, its bell, and what a facilitator does with it.

const STROKES = 20000; // ms between two strokes of the bell
const PATIENCE = 4000; // ms for an answer

let end = null; // when the running round will be over

/* An answer may be half a second old: what only that has changed must not turn the clock back. */
function keepEnd({ left, runs }) {
  const found = saidAt + left * 1000;
  const isLate = end !== null && found > end && found < end + 1500;
  end = runs ? (isLate ? end : found) : null;
}

const leftNow = ({ left }) => (end === null ? left : (end - saidAt) / 1000 - since());

function drawRound(round) {
  const left = leftNow(round);
  const isUp = left <= 0 && round.runs; // a clock that stands calls nobody
  const untouched = !round.runs && round.number === 1 && left >= round.every;
  const state = round.runs || round.is_break ? "" : untouched ? "not started yet" : "paused";
  put(find("#name span"), `Round ${round.number}${state ? " · " + state : ""}`);
  const text = round.is_break ? "Break" : isUp ? "Change seats" : clock(Math.ceil(left));
  put(find("#clock"), text);
  const root = document.documentElement;
  flag(root, "up", isUp);
  flag(root, "still", !round.runs);
  show(find("#break"), round.is_break_due && !round.is_break);
  const share = Math.min(1, Math.max(0, left / round.every));
  const sand = find("#sand i").style;
  const scale = `scaleX(${Number(share.toFixed(3))})`;
  if (sand.transform !== scale) sand.transform = scale;
  put(find("#go span"), round.runs ? "Pause" : "Start");
  set(find("#go"), "data-do", round.runs ? "pause" : "start");
  const sentence = `Round ${round.number} is over. Change seats.`;
  if (isUp && isNews(sentence)) news.push(sentence);
  bell.isDue = isUp;
  bell.ring();
}

const bell = {
  isOn: false,
  isDue: false,
  rungAt: -Infinity,
  toggle() {
    bell.isOn = !bell.isOn;
    bell.rungAt = -Infinity;
    label();
    if (!bell.isOn) return;
    bell.sound ??= new AudioContext(); // only now: browsers want a hand for it
    bell.sound.resume();
    bell.stroke();
  },
  ring() {
    if (bell.isOn && bell.isDue && now() - bell.rungAt >= STROKES) bell.stroke();
  },
  /* Two soft notes that die away. */
  stroke() {
    bell.rungAt = now();
    const at = bell.sound.currentTime + 0.05;
    [523.25, 784].forEach((pitch, number) => {
      const tone = new OscillatorNode(bell.sound, { frequency: pitch });
      const loudness = new GainNode(bell.sound, { gain: 0 });
      loudness.gain.setValueAtTime(0, at);
      loudness.gain.linearRampToValueAtTime(0.16 / (number + 1), at + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + 2.6);
      tone.connect(loudness).connect(bell.sound.destination);
      tone.start(at);
      tone.stop(at + 2.7);
    });
  },
};

// -- the facilitator's buttons --

let complaint = ""; // about a button that reached nobody
let complainedAt = 0;

async function lead(what) {
  if (!said?.may_lead) return;
  complaint = "";
  try {
    const response = await fetch("round", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ do: what, number: said.round.number }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!response.ok) throw new Error(response.statusText);
  } catch {
    [complaint, complainedAt] = ["That has not reached the board's computer: press it again.", now()];
  }
  ask();
}
