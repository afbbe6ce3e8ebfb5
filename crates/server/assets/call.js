// The live call. Without this file the page works through its forms; with it, replies come without a reload, and a
// lost connection is taken up again by itself. It knows only what is on the page and what the server sends.

const call = document.getElementById("call");
const talk = document.getElementById("talk");
const form = document.getElementById("say");
const box = document.getElementById("said");
const send = document.getElementById("send");
const turnField = document.getElementById("turn");
const status = document.getElementById("status");
const count = document.getElementById("said-count");
const over = document.getElementById("over");
const desk = document.getElementById("desk");

const CHARS_MAX = Number(call.dataset.charsMax);
const CHARS_WARN = CHARS_MAX - 500;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 15000;
/** Tries without ever having been connected after which the form is sent the plain way. */
const NEVER_OPENED_TRIES = 3;
const DRAFT = `draft ${location.pathname}`;

let have = Number(call.dataset.turns);
let socket = null;
/** Whether the server has said on this socket how the call stands. Until then nothing is sent, so nothing is sent twice. */
let greeted = false;
let pending = null;
let tries = 0;
let opened = false;
let done = false;

const tell = (words) => {
  status.textContent = words;
};

const toEnd = () => {
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
};

const add = (name, turn, words, manner) => {
  const piece = document.getElementById(name).content.cloneNode(true);
  const root = piece.firstElementChild;
  root.dataset.turn = turn;
  const text = root.querySelector(".words");
  text.textContent = words;
  if (!words) text.remove();
  const how = root.querySelector(".manner");
  if (how) {
    how.textContent = manner ?? "";
    if (!manner) how.remove();
  }
  talk.append(piece);
};

const whisper = (heard) => {
  const list = document.getElementById("whisper-list");
  if (!list) return;
  list.replaceChildren(
    ...(heard ?? []).map(({ short, quote, moved }) => {
      const item = document.createElement("li");
      const name = document.createElement("strong");
      name.textContent = short;
      item.append(name);
      if (quote) {
        const words = document.createElement("q");
        words.textContent = quote;
        item.append(" ", words);
      }
      for (const way of moved ?? []) {
        const word = document.createElement("span");
        word.className = "way";
        word.textContent = way;
        item.append(" ", word);
      }
      return item;
    }),
  );
};

const ENDS = {
  resolved: "The case is settled, and the caller said so.",
  agent_ended: "You put the phone down.",
  caller_hung_up: "The caller hung up.",
  caller_left: "The caller left quietly.",
  handed_over: "Somebody else has taken the caller over, with you on the line.",
  stopped_by_agent: "You stopped practising. Nothing is scored.",
  limit: "The call reached its longest length.",
};

const finish = (ended) => {
  done = true;
  if (ended.text !== undefined || ended.manner !== undefined) add("they", have, ended.text ?? "", ended.manner);
  document.getElementById("over-words").textContent = ENDS[ended.how] ?? "";
  desk.hidden = true;
  over.hidden = false;
  tell("");
  try {
    sessionStorage.removeItem(DRAFT);
  } catch {
    // Nothing was kept then.
  }
  toEnd();
  over.focus();
  socket?.close(1000);
};

const unlock = (clear) => {
  pending = null;
  box.readOnly = false;
  send.disabled = false;
  form.removeAttribute("aria-busy");
  if (clear) {
    box.value = "";
    keepDraft();
    size();
  }
  turnField.value = have + 1;
};

const showTurn = ({ turn, said, text, manner }) => {
  if (turn <= have) return;
  if (said !== undefined) add("you", turn, said);
  add("they", turn, text, manner);
  have = turn;
};

const onHello = (hello) => {
  greeted = true;
  const mine = pending && hello.turns.find((line) => line.turn === pending.turn);
  for (const line of hello.turns) showTurn(line);
  toEnd();
  if (hello.ended) {
    finish(hello.ended);
    return;
  }
  if (mine && mine.said === pending.text) unlock(true);
  else if (pending && (mine || hello.elsewhere)) {
    unlock(false);
    tell("This call went on elsewhere, perhaps in another tab. Here is how it stands now. What you wrote is still in the box.");
    return;
  } else if (pending) transmit();
  turnField.value = have + 1;
};

const onReply = (reply) => {
  if (reply.turn <= have) return; // It stands here already; what is in the box by now is something else.
  if (pending) add("you", reply.turn, pending.text);
  add("they", reply.turn, reply.text, reply.manner);
  have = reply.turn;
  unlock(true);
  whisper(reply.heard);
  tell("");
  toEnd();
  if (reply.ended) finish(reply.ended);
  else box.focus();
};

const onStopped = () => {
  done = true;
  try {
    sessionStorage.removeItem(DRAFT);
  } catch {
    // Nothing was kept then.
  }
  const main = document.getElementById("main");
  main.replaceChildren(document.getElementById("care").content.cloneNode(true));
  document.body.classList.remove("on-call");
  scrollTo(0, 0);
  main.focus();
  socket?.close(1000);
};

const onFrame = (frame) => {
  if (frame.hello) onHello(frame.hello);
  else if (frame.reply) onReply(frame.reply);
  else if (frame.stopped) onStopped();
  else if (frame.error) {
    unlock(false);
    tell(`${frame.error.detail} ${frame.error.remedy}`);
  }
};

const transmit = () => {
  socket.send(JSON.stringify({ said: pending.text, turn: pending.turn, key: pending.key }));
};

const connect = () => {
  if (done || (socket && socket.readyState <= WebSocket.OPEN)) return;
  const address = new URL(call.dataset.live, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const mine = new WebSocket(address);
  socket = mine;
  greeted = false;
  mine.addEventListener("open", () => {
    if (tries > 0) tell(pending ? "Connected again. Sending what you said." : "Connected again.");
    opened = true;
    tries = 0;
    mine.send(JSON.stringify({ resume: { have } }));
  });
  mine.addEventListener("message", (event) => onFrame(JSON.parse(event.data)));
  mine.addEventListener("close", () => {
    if (done || socket !== mine) return;
    socket = null;
    tries += 1;
    if (opened || pending) tell("Reconnecting… What you write stays in the box.");
    const wait = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(tries, 6));
    setTimeout(connect, wait / 2 + (Math.random() * wait) / 2);
  });
};

/** A draft belongs to its turn: words that went out by the plain form do not come back into the box. */
const keepDraft = () => {
  try {
    if (box.value) sessionStorage.setItem(DRAFT, JSON.stringify({ turn: have + 1, text: box.value }));
    else sessionStorage.removeItem(DRAFT);
  } catch {
    // Storage is closed: the box itself still keeps the words.
  }
};

const keptDraft = () => {
  try {
    const { turn, text } = JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}");
    return turn === have + 1 ? text : "";
  } catch {
    return ""; // Storage is closed.
  }
};

const size = () => {
  const n = [...box.value].length;
  count.hidden = n < CHARS_WARN;
  count.textContent = n > CHARS_MAX ? `${n - CHARS_MAX} characters too many for one turn` : `${CHARS_MAX - n} characters left`;
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, innerHeight * 0.35)}px`;
};

form.addEventListener(
  "submit",
  (event) => {
    const text = box.value;
    if (!opened && tries >= NEVER_OPENED_TRIES) return;
    event.preventDefault();
    if (pending) return;
    if (!text.trim()) {
      tell("Nothing is written yet.");
      box.focus();
      return;
    }
    if ([...text].length > CHARS_MAX) {
      tell(`That is too long for one turn. Say it in at most ${CHARS_MAX} characters.`);
      return;
    }
    pending = { turn: have + 1, text, key: Math.random().toString(36).slice(2) };
    box.readOnly = true;
    send.disabled = true;
    form.setAttribute("aria-busy", "true");
    if (socket?.readyState === WebSocket.OPEN) {
      if (greeted) transmit(); // Else the greeting is on its way, and what is pending goes after it.
    } else {
      tell("Reconnecting… It will be sent as soon as the connection is back.");
      connect();
    }
  },
  true,
);

box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
  const touch = matchMedia("(pointer: coarse)").matches;
  if (touch && !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit();
});
box.addEventListener("input", () => {
  keepDraft();
  size();
});

document.getElementById("end").addEventListener("submit", (event) => {
  if (socket?.readyState !== WebSocket.OPEN) return;
  event.preventDefault();
  socket.send(JSON.stringify({ end: true }));
});

// The clock and the pause are the page's own business: the server measures nothing by them.
const clock = document.getElementById("clock");
const pause = document.getElementById("pause");
const paused = document.getElementById("paused");
let elapsed = Number(call.dataset.elapsedMs);
let since = performance.now();
const showClock = () => {
  const seconds = Math.floor((elapsed + (since === null ? 0 : performance.now() - since)) / 1000);
  clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};
setInterval(() => {
  if (!done) showClock();
}, 1000);
showClock();

const hold = (on) => {
  if (on) {
    elapsed += performance.now() - since;
    since = null;
  } else since = performance.now();
  document.getElementById("live-part").hidden = on;
  paused.hidden = !on;
  (on ? document.getElementById("go-on") : box).focus();
};
pause.hidden = false;
pause.addEventListener("click", () => hold(true));
document.getElementById("go-on").addEventListener("click", () => hold(false));

document.getElementById("said-keys").hidden = matchMedia("(pointer: coarse)").matches;
box.value ||= keptDraft();
keepDraft(); // What was written before this script ran.
addEventListener("online", connect);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) connect();
});
size();
toEnd();
box.focus({ preventScroll: true });
connect();
