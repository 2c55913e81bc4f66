// The live page: one stream of changes in, tiles, tables, goals, funnel and alerts out. No build step, no dependencies.
import { say } from "./format.js";

const TILES = {
  calls: "Calls", connect_rate: "Connect rate", talk_time: "Talk time", emails: "Emails", meetings_held: "Meetings held",
  won: "Deals won", win_rate: "Win rate", bookings: "Bookings", open_pipeline: "Open pipeline", answer_speed: "Speed of answer",
  occupancy: "Occupancy",
};
const TEAM = {
  calls: "calls", connect_rate: "connected", talk_time: "talk", emails: "emails", meetings_held: "meetings",
  won: "won", win_rate: "win rate", bookings: "bookings", activity_score: "score", open_pipeline: "open pipeline",
};
const REP = {
  activities: "activities", calls: "calls", connect_rate: "connected", talk_time: "talk", emails: "emails", won: "won", bookings: "bookings",
  agent_states: "phone",
};
const COACHING = {
  one_to_ones: "one-to-ones", coaching_sessions: "coaching sessions", call_quality: "call quality",
  customer_satisfaction: "customer satisfaction", enps: "eNPS", survey_response_rate: "answered surveys",
};
const COMPANY = "company";
const DRAW_MS = 30;
const SHOWN_CONTESTS = 3;
const SHOWN_PLACES = 5;
const SHOWN_ACHIEVED = 8;

const units = {};
const windows = {};
// The windows in which figures of reps are published.
let ofReps = [];
let scopes = {};
let alerts = [];
// Display names by scope, where somebody keeps a directory; the page keeps them nowhere.
let names = {};
// What this board lets people do about alerts.
let actions = [];
let contests = [];
let achieved = [];
let industry = [];
let chosen = COMPANY;
let shownWindow = "day";
let drawing = false;
// What the board said last of who vouches for the figures; null while it says nothing.
let vouched = null;

const element = (id) => document.getElementById(id);

function make(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Write a text only where it differs, and let the place flash when a figure changed.
function put(place, text) {
  if (place.textContent === text) return;
  const first = place.textContent === "";
  place.textContent = text;
  if (first) return;
  place.classList.remove("changed");
  void place.offsetWidth;
  place.classList.add("changed");
}

function figure(scope, kpi) {
  const known = scopes[scope];
  if (kpi === "agent_states") return phoneOf(known);
  return say(known?.kpis[kpi]?.value, units[kpi], known?.currency);
}

// What the phone of one rep is set to, and since when; nothing where it is off.
function phoneOf(known) {
  const [state] = Object.entries(known?.kpis.agent_states?.states ?? {});
  return state ? `${stateName(state[0])} ${clockTime(state[1].since_ms)}` : "–";
}

const stateName = (state) => state.replaceAll("_", " ").replace(":", ": ");

function value(scope, kpi) {
  return scopes[scope]?.kpis[kpi]?.value ?? 0;
}

// What is unassigned is shown only where there is something.
function shown(scope) {
  return !scope.endsWith(":unassigned") || Object.values(scopes[scope].kpis).some((kpi) => kpi.value);
}

// Ids are kept with what is not ASCII escaped; people read them as their source writes them. What turns the direction
// of writing, and the like, stays escaped.
function nameOf(scope) {
  const name = names[scope.split("@")[0]];
  if (name) return name;
  const kept = scope.slice(scope.indexOf(":") + 1);
  try {
    const written = decodeURIComponent(kept);
    return /\p{C}/u.test(written) ? kept : written;
  } catch {
    return kept;
  }
}

// A calendar window in words: which day, or week, or month it is.
function dayOf(id) {
  const [kind, name] = id.split(":");
  if (!/^\d{4}-\d{2}-\d{2}$/.test(name)) return name ?? "";
  const day = new Date(`${name}T12:00:00Z`).toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  return kind === "day" ? day : `from ${day}`;
}

// How far the midnight at which a window begins is from UTC: "UTC+1", "UTC−3:30".
function zoneOf(start) {
  const past = Date.parse(start) / 60000 % 1440;
  const ahead = past > 720 ? 1440 - past : -past;
  const hours = Math.floor(Math.abs(ahead) / 60), minutes = Math.abs(ahead) % 60;
  return `UTC${ahead < 0 ? "−" : "+"}${hours}${minutes ? `:${String(minutes).padStart(2, "0")}` : ""}`;
}

// Whose midnight the figures of a scope begin at: the same word, today, may be two days.
function sinceWhen(scope) {
  const window = scopes[scope]?.window;
  if (!window?.id.includes(":") && shownWindow !== "90d") return "";
  const day = window?.id.includes(":") ? dayOf(window.id) : "";
  const zone = window?.start ? `days begin at midnight ${zoneOf(window.start)}` : "";
  return [day, zone].filter(Boolean).map((each) => `· ${each}`).join(" ");
}

// The day of a row, where it is another one than the company's.
function otherDay(scope) {
  const own = scopes[scope]?.window?.id, whole = scopes[COMPANY]?.window?.id;
  return own && whole && own !== whole ? dayOf(own) : "";
}

// Whether a rep is absent or in ramp, by what any of the teams says.
function standingOf(scope) {
  if (!scope.startsWith("rep:")) return "";
  const rep = scope.slice(4), isSaid = (field) => Object.values(scopes).some((each) => each?.[field]?.includes(rep));
  return [isSaid("absent") && "absent", isSaid("ramping") && "in ramp"].filter(Boolean).join(" · ");
}

function drawTiles() {
  const list = element("tiles");
  for (const [kpi, title] of Object.entries(TILES)) {
    let tile = list.querySelector(`[data-kpi="${kpi}"]`);
    if (!tile) {
      tile = make("div", "", { "data-kpi": kpi });
      tile.append(make("dt", title), make("dd"));
      list.append(tile);
    }
    put(tile.querySelector("dd"), figure(chosen, kpi));
  }
  element("chosen").textContent = chosen === COMPANY ? "Company" : nameOf(chosen);
  element("since").textContent = sinceWhen(chosen);
  element("tiles").classList.toggle("stale", isStale(chosen));
}

// Callers who wait now, and since when the first of them does.
function drawWaiting() {
  const wait = scopes[chosen]?.kpis.callers_waiting;
  const callers = wait?.value === 1 ? "caller waits" : "callers wait";
  put(element("waiting"), wait?.value ? `${say(wait.value, "count")} ${callers}, the first since ${clockTime(wait.since_ms)}` : "");
}

// The days of a period that are over, beside those of the one before up to the same worked day; of a day, what is usual
// of a whole one.
const AGAINST = ["week", "month", "quarter"];
const AGAINST_MS = 300_000;
let asked = "", askedAt = 0;

async function drawAgainst() {
  const day = shownWindow === "day" ? scopes[chosen]?.window?.id : "";
  const question = AGAINST.includes(shownWindow) ? `${chosen} ${shownWindow}` : day ? `${chosen} ${day}` : "";
  const old = performance.now() - askedAt > AGAINST_MS;
  if (question === asked && !(question && old)) return;
  if (question !== asked) element("against").textContent = "";
  asked = question;
  askedAt = performance.now();
  if (!question) return;
  let text = "";
  try {
    const found = await json(`api/v1/figures/${encodeURIComponent(chosen)}?${day ? "window" : "against"}=${shownWindow}&kpi=${COMPARED}`);
    text = day ? usualWords(found) : againstWords(found);
  } catch {
    // A day is not kept, or the board does not answer: then nothing is compared.
  }
  if (question === asked) put(element("against"), text);
}

const COMPARED = ["calls", "meetings_held", "won", "bookings"];

function againstWords({ before, worked_days: worked, kpis, currency }) {
  const said = kpis.filter(({ kpi }) => COMPARED.includes(kpi)).map(({ kpi, current, before: then }) => {
    const [now, past] = [current, then].map((each) => say(each?.value, units[kpi], currency));
    return `${(TILES[kpi] ?? kpi).toLowerCase()} ${now} (${past})`;
  });
  const point = worked ? `${worked} worked ${worked === 1 ? "day" : "days"}` : `${before.days} days`;
  return said.length ? `Up to yesterday, and in brackets ${before.window.replace(":", " ")} after ${point}: ${said.join(", ")}` : "";
}

function usualWords({ windows: [{ id, usual_whole_day: usual }], currency }) {
  const said = COMPARED.filter((kpi) => usual?.[kpi]?.value != null).map((kpi) => {
    const told = (value) => say(units[kpi] === "count" ? Math.round(10 * value) / 10 : value, units[kpi], currency);
    const { value, low, high } = usual[kpi];
    return `${(TILES[kpi] ?? kpi).toLowerCase()} ${told(value)} (${told(low)} to ${told(high)})`;
  });
  const weekday = new Date(`${id.split(":")[1]}T12:00:00Z`).toLocaleDateString(undefined, { weekday: "long", timeZone: "UTC" });
  return said.length ? `Usual of a whole ${weekday}: ${said.join(", ")}` : "";
}

function head(table, first, columns) {
  const row = make("tr");
  row.append(make("th", first, { scope: "col" }));
  for (const title of Object.values(columns)) row.append(make("th", title, { scope: "col" }));
  table.tHead.replaceChildren(row);
}

// Rows are kept and moved, so that focus and flashes survive a new order.
function drawTable(id, order, columns, selected, choose) {
  const body = element(id).tBodies[0];
  const rows = new Map([...body.rows].map((row) => [row.dataset.scope, row]));
  order.forEach((scope, place) => {
    let row = rows.get(scope);
    rows.delete(scope);
    if (!row) row = newRow(scope, columns, choose);
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
    row.setAttribute("aria-selected", String(scope === selected));
    row.classList.toggle("stale", isStale(scope));
    const own = scopes[scope] ?? {};
    const said = [standingOf(scope), own.special_day, ...(own.beyond ?? []), otherDay(scope), own.splits];
    row.querySelector("th small").textContent = said.filter(Boolean).join(" · ");
    Object.keys(columns).forEach((kpi, cell) => put(row.cells[cell + 1], figure(scope, kpi)));
  });
  for (const row of rows.values()) row.remove();
}

function newRow(scope, columns, choose) {
  const row = make("tr", "", { "data-scope": scope, "data-kind": scope.split(":")[0] });
  const name = make("th", "", { scope: "row" });
  const button = make("button", nameOf(scope), { type: "button" });
  button.addEventListener("click", () => choose(scope));
  name.append(button, " ", make("small"));
  row.append(name, ...Object.keys(columns).map((kpi) => make("td", "", { "data-kpi": kpi })));
  return row;
}

function teamOrder() {
  const place = (scope) => [scope.startsWith("group:"), scope === "team:unassigned", scope].map(String).join();
  return Object.keys(scopes).filter((scope) => /^(team|group):/.test(scope) && shown(scope)).sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

function repOrder() {
  const all = Object.keys(scopes).filter((scope) => scope.startsWith("rep:") && shown(scope));
  return all.sort((a, b) => value(b, "activities") - value(a, "activities") || (a < b ? -1 : 1)).slice(0, 50);
}

function drawReps() {
  const published = ofReps.includes(shownWindow);
  element("reps-unpublished").hidden = published;
  element("reps-unpublished").textContent = `Figures of reps are published in ${ofReps.map((window) => windows[window]).join(", ") || "no window"}.`;
  element("reps").hidden = !published;
  drawTable("reps", published ? repOrder() : [], REP, askedRep, (scope) => { askedRep = scope === askedRep ? "" : scope; draw(); });
}

function drawFunnel() {
  const list = element("funnel");
  const stages = scopes[chosen]?.funnel ?? [];
  const most = Math.max(1, ...stages.map((stage) => stage.open));
  const items = stages.map((stage) => {
    const id = `${stage.process}:${stage.stage}`;
    const item = [...list.children].find((child) => child.dataset.stage === id) ?? newStage(id, stage.stage);
    // Where nothing is open, as in won and lost, there is nothing to draw.
    item.querySelector(".bar").hidden = !stage.open;
    item.querySelector("i").style.width = `${(100 * stage.open) / most}%`;
    put(item.querySelector("b"), stage.open ? say(stage.open, "count") : "");
    put(item.querySelector("small"), `+${say(stage.entered, "count")}`);
    return item;
  });
  list.replaceChildren(...(items.length ? items : [make("li", "no deals yet", { class: "empty" })]));
  list.classList.toggle("stale", isStale(chosen));
  put(element("stall"), scopes[chosen]?.stall ?? "");
  const unknown = value(chosen, "unknown_stages");
  put(element("undeclared"), unknown ? `${say(unknown, "count")} ${unknown === 1 ? "deal" : "deals"} in stages that no process declares` : "");
}

// The pace, and where the period is going to end: with a curve between which two totals, and when it was learnt.
function paceWords(kpi, pace, currency) {
  const amount = (value) => say(value, units[kpi], currency), words = `pace ${say(pace.value, "ratio")}`;
  if (pace.projection == null) return words;
  if (pace.projection_low == null) return `${words}, ends at ${amount(pace.projection)}`;
  const between = `${amount(pace.projection_low)} to ${amount(pace.projection_high)}`;
  return `${words}, ends at ${amount(pace.projection)} (${between}, curve of ${pace.curve})`;
}

function drawGoals() {
  const kpis = scopes[chosen]?.kpis ?? {};
  const goals = kpis.goal_attainment?.goals ?? {}, paces = kpis.goal_pace?.goals ?? {};
  const list = element("goals"), currency = scopes[chosen]?.currency;
  const items = Object.entries(goals).map(([kpi, goal]) => {
    const item = [...list.children].find((child) => child.dataset.stage === kpi) ?? newStage(kpi, kpi.replaceAll("_", " "));
    item.querySelector("i").style.width = `${100 * Math.max(0, Math.min(1, goal.value ?? 0))}%`;
    put(item.querySelector("b"), `${say(goal.numerator, units[kpi], currency)} of ${say(goal.denominator, units[kpi], currency)}`);
    put(item.querySelector("small"), paces[kpi] ? paceWords(kpi, paces[kpi], currency) : say(goal.value, "ratio"));
    item.title = goal.below_n ? `${goal.below_n} targets below add up to ${say(goal.below, units[kpi], currency)}` : "";
    return item;
  });
  list.replaceChildren(...items);
  list.classList.toggle("stale", isStale(chosen));
  element("goals-card").hidden = !items.length;
}

// What the phone of the rep that was clicked was set to through the day.
let askedRep = "", timelineOf = "", timelineAt = 0;
const TIMELINE_MS = 5_000;

async function drawTimeline() {
  const rep = askedRep, list = element("timeline");
  const old = performance.now() - timelineAt > TIMELINE_MS;
  if (rep === timelineOf && !(rep && old)) return;
  if (rep !== timelineOf) list.replaceChildren();
  timelineOf = rep;
  timelineAt = performance.now();
  element("timeline-card").hidden = !rep;
  if (!rep) return;
  element("timeline-of").textContent = nameOf(rep);
  let items;
  try {
    const { stretches, beyond } = await json(`api/v1/timelines/${encodeURIComponent(rep)}`);
    items = stretches.map(({ state, start, end }) => make("li", `${clockTime(Date.parse(start))} to ${end ? clockTime(Date.parse(end)) : "now"}: ${stateName(state)}`));
    if (beyond) items.push(make("li", `and ${say(beyond, "count")} more`));
    if (!items.length) items.push(make("li", "the phone was off all day", { class: "empty" }));
  } catch {
    items = [make("li", "not published: it is with the family timeline of reps", { class: "empty" })];
  }
  if (rep === timelineOf) list.replaceChildren(...items);
}

// What phones are set to; of several reps the clock says when in the middle they came to be in a state.
function drawPhones() {
  const states = Object.entries(scopes[chosen]?.kpis.agent_states?.states ?? {});
  const list = element("phones"), most = Math.max(1, ...states.map(([, state]) => state.value));
  const items = states.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, state]) => {
    const item = [...list.children].find((child) => child.dataset.stage === name) ?? newStage(name, stateName(name));
    item.querySelector("i").style.width = `${(100 * state.value) / most}%`;
    put(item.querySelector("b"), say(state.value, "count"));
    put(item.querySelector("small"), `since ${clockTime(state.since_ms)}`);
    return item;
  });
  list.replaceChildren(...items);
  list.classList.toggle("stale", isStale(chosen));
  element("phones-card").hidden = !items.length;
}

// Talks, ratings and surveys of the window; what nobody tells of, or too few answered, is not there.
function drawCoaching() {
  const kpis = scopes[chosen]?.kpis ?? {};
  const told = Object.entries(COACHING).filter(([kpi]) => kpis[kpi]?.value != null);
  element("coaching").replaceChildren(...told.map(([kpi, title]) => {
    const row = make("div", "", { "data-kpi": kpi });
    row.append(make("dt", title), make("dd", figure(chosen, kpi)));
    return row;
  }));
  element("coaching").classList.toggle("stale", isStale(chosen));
  element("coaching-card").hidden = !told.length;
}

function newStage(id, name) {
  const item = make("li", "", { "data-stage": id });
  const bar = make("span", "", { class: "bar", "aria-hidden": "true" });
  bar.append(make("i"));
  const numbers = make("span", "", { class: "numbers" });
  numbers.append(make("b"), make("small"));
  item.append(make("span", name), bar, numbers);
  return item;
}

// That nobody is silent is said only where it is known, and of somebody.
function noAlerts() {
  if (!vouched?.live) return "Whether teams are active is not known.";
  return teamOrder().length ? "All teams are active." : "No teams yet.";
}

function drawAlerts() {
  const items = alerts.map((alert) => {
    const item = make("li", "", { "data-alert": alert.id });
    item.append(make("strong", nameOf(alert.scope)), make("span", alert.summary));
    if (actions.length) item.append(buttonsOf(alert));
    return item;
  });
  element("alerts").replaceChildren(...(items.length ? items : [make("li", noAlerts(), { class: "empty" })]));
  element("alerts").classList.toggle("stale", !vouched?.live);
  element("alert-count").hidden = !items.length;
  element("alert-count").textContent = String(items.length);
}

// What may be done about an alert as it stands.
function buttonsOf(alert) {
  const place = make("span", "", { class: "alert-actions" });
  const add = (title, action, more) => {
    const button = make("button", title, { type: "button", "data-action": action });
    button.addEventListener("click", () => act(action, { id: alert.id, ...more }));
    place.append(button);
  };
  if (alert.state === "open") add("Acknowledge", "ack", { opened_ms: alert.opened_ms });
  if (alert.state === "muted") add("Unmute", "unmute");
  else [[60, "1 hour"], [1440, "1 day"]].forEach(([minutes, title]) => add(`Mute ${title}`, "mute", { minutes }));
  return place;
}

// Name and token stay on this page until it is closed, and are kept nowhere.
async function act(action, asked) {
  if (!element("actions").reportValidity()) return;
  const headers = { "content-type": "application/json", authorization: `Bearer ${element("token").value}` };
  const body = JSON.stringify({ ...asked, by: element("by").value });
  element("action-result").textContent = "…";
  try {
    const answer = await fetch(`api/v1/alerts/${action}`, { method: "POST", headers, body, signal: AbortSignal.timeout(WRITE_MS) });
    const said = await answer.json();
    element("action-result").textContent = answer.ok ? `${asked.id}: ${said.said}. Shown within a minute.` : `Not done: ${said.error}.`;
  } catch {
    element("action-result").textContent = "Not known whether it was done: the board does not answer.";
  }
}

// Contests that run or have lately been over, each with its first places; what people call it is text and nothing else.
function drawContests() {
  const shown = contests.filter((contest) => contest.standings.length || contest.state === "upcoming").slice(0, SHOWN_CONTESTS);
  element("contests").replaceChildren(...shown.map((contest) => {
    const item = make("li", "", { "data-contest": contest.id, "data-state": contest.state });
    const places = contest.standings.slice(0, SHOWN_PLACES).map((each) => {
      const value = say(each.value, contest.unit, contest.currency);
      return make("li", `${each.place ?? "–"} ${nameOf(each.scope)} ${value}`, { "data-entrant": each.scope });
    });
    const list = make("ol");
    list.append(...places);
    item.append(make("strong", contest.title), make("small", `${contest.kpi.replaceAll("_", " ")}, ${contest.summary}`), list);
    return item;
  }));
  element("contests-card").hidden = !shown.length;
  element("contests").classList.toggle("stale", !vouched?.live);
}

// What reps and teams achieved, the latest first: what was taken back is not among it.
function drawAchieved() {
  element("achieved").replaceChildren(...achieved.slice(0, SHOWN_ACHIEVED).map((each) => {
    const item = make("li", "", { "data-achieved": each.id });
    item.append(make("strong", nameOf(each.scope)), make("span", each.summary));
    return item;
  }));
  element("achieved-card").hidden = !achieved.length;
  element("achieved").classList.toggle("stale", !vouched?.live);
}

// The middle rep beside that of an industry, and whose account that is: asked for with the window, and now and then.
async function compare() {
  const asked = shownWindow;
  try {
    const found = await json(`api/v1/industry?window=${asked}`);
    if (asked === shownWindow) industry = found;
  } catch {
    return; // the stream says what is wrong
  }
  drawIndustry();
}

function drawIndustry() {
  element("industry").replaceChildren(...industry.map((each) => {
    const item = make("li", "", { "data-kpi": each.kpi });
    const since = each.effective_on ? `, from ${each.effective_on}` : "";
    item.append(make("span", each.summary), make("small", `${each.source_name}${since}; ${each.reps} reps here`));
    return item;
  }));
  element("industry-card").hidden = !industry.length;
  element("industry").classList.toggle("stale", !vouched?.live);
}

function draw() {
  if (drawing) return;
  drawing = true;
  // Not at the next frame: a page that is hidden or was frozen may wait for that for ever.
  setTimeout(() => {
    drawing = false;
    if (chosen !== COMPANY && !scopes[chosen]) chosen = COMPANY;
    drawTiles();
    drawWaiting();
    drawAgainst();
    drawTable("teams", teamOrder(), TEAM, chosen, (scope) => { chosen = scope === chosen ? COMPANY : scope; draw(); });
    drawReps();
    drawGoals();
    drawCoaching();
    drawPhones();
    drawTimeline();
    drawFunnel();
  }, DRAW_MS);
}

function isStale(scope) {
  return !vouched || vouched.stale.includes(scope);
}

const clockTime = (instant) => new Date(instant).toLocaleTimeString();

// The light, its word, and the line that says since when figures stand still, and why.
function drawState() {
  const banner = element("banner");
  const text = vouched?.live ? "live" : vouched ? "not live" : "connecting";
  element("light").dataset.state = vouched?.live ? "live" : vouched ? "down" : "waiting";
  if (element("state").textContent !== text) element("state").textContent = text;
  banner.hidden = !vouched || vouched.live;
  const since = vouched?.since ? ` since ${clockTime(vouched.since)}` : "";
  const line = banner.hidden ? "" : `Figures stand still${since}: ${vouched.why}.`;
  if (banner.textContent !== line) banner.textContent = line;
}

function vouch(said) {
  const before = JSON.stringify([vouched?.live, vouched?.stale]);
  vouched = said;
  drawState();
  if (before !== JSON.stringify([vouched?.live, vouched?.stale])) { draw(); drawAlerts(); drawContests(); drawAchieved(); drawIndustry(); }
}

// Nobody vouches for anything while the board says nothing: everything on the page is as old as its last word.
function lost(why) {
  if (vouched && !vouched.live && vouched.lost) return;
  vouch({ live: false, lost: true, since: heardAt ? new Date(heardAt).toISOString() : null, why, stale: { includes: () => true } });
}

const SILENT_MS = 10_000;
const ANSWER_MS = 5_000;
const NAMES_MS = 60_000;
const COMPARE_MS = 15_000;
const WRITE_MS = 30_000;
const LOOK_MS = 1_000;
const MOST_PAUSE_MS = 5_000;
let stream = null;
let heardAt = 0;
let toldAt = 0;
let triedAt = 0;
let failures = 0;
let next = null;

// The board speaks every few seconds. The wall clock knows of sleep, the other one of a wall clock that was set back.
function heard() {
  heardAt = Date.now();
  toldAt = performance.now();
  failures = 0;
}

const quiet = () => Math.max(Date.now() - heardAt, performance.now() - toldAt) > SILENT_MS;

function close() {
  clearTimeout(next);
  next = null;
  stream?.close();
  stream = null;
}

// Try again after a while that grows, so that a board that comes back is not overrun.
function again(why) {
  close();
  lost(why);
  const pause = Math.min(MOST_PAUSE_MS, 500 * 2 ** failures);
  failures += 1;
  next = setTimeout(connect, pause * (0.75 + Math.random() / 4));
}

// The definitions and then everything anew: whatever was known before may be of another time or release.
async function connect() {
  close();
  triedAt = performance.now();
  const mine = (connecting = Symbol("connection"));
  try {
    await define();
  } catch {
    if (mine === connecting) again("the board does not answer");
    return;
  }
  if (mine !== connecting) return;
  listen();
  compare();
}
let connecting = null;

async function json(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function define() {
  const asked = ["kpis", "windows", "alert-actions", "names"].map((path) => json(`api/v1/${path}`));
  const [kpis, offeredWindows, offered, called] = await Promise.all(asked);
  names = called;
  actions = offered.alerts;
  element("actions").hidden = !actions.length;
  for (const kpi of kpis) units[kpi.name] = kpi.unit;
  for (const { name, title } of offeredWindows) windows[name] = title;
  ofReps = offeredWindows.filter(({ reps }) => reps).map(({ name }) => name);
  if (!element("windows").querySelector("input")) drawWindows();
}

// Names change rarely, and nobody says so.
async function rename() {
  const before = JSON.stringify(names);
  try {
    names = await json("api/v1/names");
  } catch {
    return; // the stream says what is wrong
  }
  if (JSON.stringify(names) === before) return;
  element("teams").tBodies[0].replaceChildren();
  element("reps").tBodies[0].replaceChildren();
  draw();
  drawAlerts();
}

function listen() {
  const mine = (stream = new EventSource(`events?window=${shownWindow}`));
  let fresh = true;
  const on = (name, act) => mine.addEventListener(name, (event) => {
    if (mine !== stream) return;
    heard();
    act(JSON.parse(event.data));
  });
  mine.addEventListener("error", () => { if (mine === stream) again("the connection to the board is lost"); });
  on("freshness", vouch);
  on("alerts", (said) => { alerts = said; drawAlerts(); });
  on("contests", (said) => { contests = said; drawContests(); });
  on("achievements", (said) => { achieved = said; drawAchieved(); });
  on("figures", (message) => {
    if (fresh) scopes = {};
    fresh = false;
    for (const [scope, known] of Object.entries(message.scopes)) {
      if (known) scopes[scope] = known; else delete scopes[scope];
    }
    if (message.as_of) {
      element("as-of").dateTime = message.as_of;
      element("as-of").textContent = `as of ${clockTime(message.as_of)}`;
    }
    draw();
  });
}

// A connection may be open at one end only, and a browser that slept notices nothing by itself.
function look() {
  if (next || !quiet() || performance.now() - triedAt <= SILENT_MS) return;
  again("the board has gone silent");
}

function wake() {
  if (document.visibilityState === "hidden" || !quiet()) return;
  lost("the browser was asleep");
  failures = 0;
  connect();
}

function drawWindows() {
  const kept = new URLSearchParams(location.search).get("window");
  const first = Object.hasOwn(windows, kept) ? kept : "day";
  for (const [window, title] of Object.entries(windows)) {
    const label = make("label");
    const input = make("input", "", { type: "radio", name: "window", value: window });
    input.checked = window === first;
    input.addEventListener("change", () => { history.replaceState(null, "", `?window=${window}`); choose(window); connect(); });
    label.append(input, make("span", title));
    element("windows").append(label);
  }
  choose(first);
}

function choose(window) {
  shownWindow = window;
  for (const place of document.querySelectorAll(".window-name")) place.textContent = windows[window];
}

function theme() {
  const root = document.documentElement;
  const kept = localStorage.getItem("theme");
  if (kept) root.dataset.theme = kept;
  element("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  });
}

theme();
element("actions").addEventListener("submit", (event) => event.preventDefault());
head(element("teams"), "Team", TEAM);
head(element("reps"), "Rep", REP);
drawAlerts();
setInterval(look, LOOK_MS);
setInterval(rename, NAMES_MS);
setInterval(compare, COMPARE_MS);
setInterval(drawTimeline, TIMELINE_MS);
for (const event of ["visibilitychange", "resume"]) document.addEventListener(event, wake);
for (const event of ["online", "pageshow", "focus"]) window.addEventListener(event, wake);
connect();
