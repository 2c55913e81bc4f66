// The live page: one stream of changes in, tiles, tables, funnel and alerts out. No build step, no dependencies.
import { say } from "./format.js";

const TILES = {
  calls: "Calls", connect_rate: "Connect rate", talk_time: "Talk time", emails: "Emails", meetings_held: "Meetings held",
  won: "Deals won", win_rate: "Win rate", bookings: "Bookings", open_pipeline: "Open pipeline", answer_speed: "Speed of answer",
};
const TEAM = {
  calls: "calls", connect_rate: "connected", talk_time: "talk", emails: "emails", meetings_held: "meetings",
  won: "won", win_rate: "win rate", bookings: "bookings", open_pipeline: "open pipeline",
};
const REP = {
  activities: "activities", calls: "calls", connect_rate: "connected", talk_time: "talk", emails: "emails", won: "won", bookings: "bookings",
};
const COMPANY = "company";

const units = {};
const windows = {};
let scopes = {};
let alerts = [];
let chosen = COMPANY;
let stream = null;
let drawing = false;

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
  return say(known?.kpis[kpi]?.value, units[kpi], known?.currency);
}

function value(scope, kpi) {
  return scopes[scope]?.kpis[kpi]?.value ?? 0;
}

// What is unassigned is shown only where there is something.
function shown(scope) {
  return !scope.endsWith(":unassigned") || Object.values(scopes[scope].kpis).some((kpi) => kpi.value);
}

const nameOf = (scope) => scope.slice(scope.indexOf(":") + 1);

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
}

function head(table, first, columns) {
  const row = make("tr");
  row.append(make("th", first, { scope: "col" }));
  for (const title of Object.values(columns)) row.append(make("th", title, { scope: "col" }));
  table.tHead.replaceChildren(row);
}

// Rows are kept and moved, so that focus and flashes survive a new order.
function drawTable(id, order, columns, choose) {
  const body = element(id).tBodies[0];
  const rows = new Map([...body.rows].map((row) => [row.dataset.scope, row]));
  order.forEach((scope, place) => {
    let row = rows.get(scope);
    rows.delete(scope);
    if (!row) row = newRow(scope, columns, choose);
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
    if (choose) row.setAttribute("aria-selected", String(scope === chosen));
    Object.keys(columns).forEach((kpi, cell) => put(row.cells[cell + 1], figure(scope, kpi)));
  });
  for (const row of rows.values()) row.remove();
}

function newRow(scope, columns, choose) {
  const row = make("tr", "", { "data-scope": scope, "data-kind": scope.split(":")[0] });
  const name = make("th", choose ? "" : nameOf(scope), { scope: "row" });
  if (choose) {
    const button = make("button", nameOf(scope), { type: "button" });
    button.addEventListener("click", () => { chosen = scope === chosen ? COMPANY : scope; draw(); });
    name.append(button);
  }
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

function drawFunnel() {
  const list = element("funnel");
  const stages = scopes[chosen]?.funnel ?? [];
  const most = Math.max(1, ...stages.map((stage) => stage.open));
  const items = stages.map((stage) => {
    const id = `${stage.process}:${stage.stage}`;
    const item = [...list.children].find((child) => child.dataset.stage === id) ?? newStage(id, stage.stage);
    item.querySelector("i").style.width = `${(100 * stage.open) / most}%`;
    put(item.querySelector("b"), say(stage.open, "count"));
    put(item.querySelector("small"), `+${say(stage.entered, "count")}`);
    return item;
  });
  list.replaceChildren(...(items.length ? items : [make("li", "no deals yet", { class: "empty" })]));
  const unknown = value(chosen, "unknown_stages");
  put(element("undeclared"), unknown ? `${say(unknown, "count")} ${unknown === 1 ? "deal" : "deals"} in stages that no process declares` : "");
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

function drawAlerts() {
  const items = alerts.map((alert) => {
    const item = make("li", "", { "data-alert": alert.id });
    item.append(make("strong", nameOf(alert.scope)), make("span", alert.summary));
    return item;
  });
  element("alerts").replaceChildren(...(items.length ? items : [make("li", "All teams are active.", { class: "empty" })]));
  element("alert-count").hidden = !items.length;
  element("alert-count").textContent = String(items.length);
}

function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    if (chosen !== COMPANY && !scopes[chosen]) chosen = COMPANY;
    drawTiles();
    drawTable("teams", teamOrder(), TEAM, true);
    drawTable("reps", repOrder(), REP, false);
    drawFunnel();
  });
}

function state(name, text) {
  element("light").dataset.state = name;
  element("state").textContent = text;
}

function listen(window) {
  stream?.close();
  stream = new EventSource(`events?window=${window}`);
  let fresh = true;
  stream.addEventListener("open", () => { fresh = true; state("live", "live"); });
  stream.addEventListener("error", () => state("down", "connection lost, trying again"));
  stream.addEventListener("source", (event) => {
    const { down } = JSON.parse(event.data);
    state(down ? "down" : "live", down ? "Redis does not respond" : "live");
  });
  stream.addEventListener("alerts", (event) => { alerts = JSON.parse(event.data); drawAlerts(); });
  stream.addEventListener("figures", (event) => {
    const message = JSON.parse(event.data);
    if (fresh) scopes = {};
    fresh = false;
    for (const [scope, known] of Object.entries(message.scopes)) {
      if (known) scopes[scope] = known; else delete scopes[scope];
    }
    if (message.as_of) {
      element("as-of").dateTime = message.as_of;
      element("as-of").textContent = new Date(message.as_of).toLocaleTimeString();
    }
    draw();
  });
}

function drawWindows() {
  const kept = new URLSearchParams(location.search).get("window");
  const first = kept in windows ? kept : "day";
  for (const [window, title] of Object.entries(windows)) {
    const label = make("label");
    const input = make("input", "", { type: "radio", name: "window", value: window });
    input.checked = window === first;
    input.addEventListener("change", () => { history.replaceState(null, "", `?window=${window}`); choose(window); });
    label.append(input, make("span", title));
    element("windows").append(label);
  }
  choose(first);
}

function choose(window) {
  for (const place of document.querySelectorAll(".window-name")) place.textContent = windows[window];
  listen(window);
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
for (const kpi of await (await fetch("api/v1/kpis")).json()) units[kpi.name] = kpi.unit;
for (const { name, title } of await (await fetch("api/v1/windows")).json()) windows[name] = title;
head(element("teams"), "Team", TEAM);
head(element("reps"), "Rep", REP);
drawAlerts();
drawWindows();
