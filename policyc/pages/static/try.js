// One claim, two days: a form or JSON on the left, what is decided on the right, anew at each key.
// The claim is the one truth; form and JSON show it. What a form does not know of a claim stays in it.

const setting = JSON.parse(document.getElementById("setting").textContent);
const byId = (id) => document.getElementById(id);
const sides = ["first", "second"].map((name) => ({
  day: byId(`day-${name}`), known: byId(`known-${name}`), answer: byId(`answer-${name}`),
}));
const SCOPES = { claim: "The claim", member: "The member", contract: "The contract" };
let claim = setting.start.claim;
let waiting = 0;
let question;
let numbers = 0;

// ---- the link holds the claim

function read() {
  const said = location.hash.slice(1);
  let held = setting.start;
  if (said) {
    try {
      held = JSON.parse(decodeURIComponent(said));
    } catch {
      byId("said").textContent = "The link holds no claim; this is another one.";
    }
  }
  claim = isObject(held.claim) ? held.claim : setting.start.claim;
  sides.forEach((side, at) => {
    side.day.value = held.sides?.[at]?.day ?? "";
    side.known.value = held.sides?.[at]?.known_on ?? "";
  });
  drawForm();
  drawText();
  ask(0);
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const asSides = () => sides.map((side) => ({ day: side.day.value, known_on: side.known.value }));

function keep() {
  const held = JSON.stringify({ claim, sides: asSides() });
  history.replaceState(null, "", `#${encodeURIComponent(held)}`);
}

// ---- what is decided

function ask(after = 80) {
  keep();
  clearTimeout(waiting);
  waiting = setTimeout(decide, after);
}

async function decide() {
  question?.abort();
  question = new AbortController();
  try {
    const answer = await fetch("decide", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ claim, sides: asSides() }),
      signal: question.signal,
    });
    if (!answer.ok) throw new Error((await answer.text()).trim());
    const told = await answer.json();
    sides.forEach((side, at) => show(side, told.sides[at]));
    byId("heard").textContent = sides.map((side) => heard(side)).join("; ");
    mark();
  } catch (error) {
    if (error.name === "AbortError") return;
    for (const side of sides) side.answer.replaceChildren(element("p", { className: "error" }, error.message));
  }
}

// The markup is made, and everything in it escaped, where decisions are made.
function show(side, markup) {
  const open = [...side.answer.querySelectorAll("details")].map((each) => each.open);
  side.answer.innerHTML = markup;
  side.answer.querySelectorAll("details").forEach((each, at) => {
    each.open = open[at] ?? each.open;
  });
}

const heard = (side) =>
  [...side.answer.querySelectorAll(".head .determination, .error")].map((each) => each.textContent).join(", ");

function mark() {
  const asked = [...document.querySelectorAll(".answer [data-fact]")].map(place);
  for (const field of document.querySelectorAll("#form [data-path]")) {
    field.classList.toggle("asked", asked.some((each) => isAt(field, each)));
  }
}

// Where a fact is asked: `lines[2].drug` on line 2, `line.drug` on the line that asks, `claim.nights[0].hours`
// in the list of the claim.
function place(button) {
  const [, other, rest] = /^lines\[(\d+)\]\.(.*)$/.exec(button.dataset.fact) ?? [];
  const path = other ? `line.${rest}` : button.dataset.fact;
  return { path: path.replace(/\[\d+\]/g, ""), line: other ?? button.closest("[data-line]").dataset.line };
}

function isAt(field, { path, line }) {
  const own = field.closest("[data-number]")?.dataset.number;
  const held = field.dataset.path;
  return held !== "" && (path === held || path.startsWith(`${held}.`)) && (own === undefined || own === line);
}

document.addEventListener("click", (event) => {
  if (!event.target.dataset?.fact) return;
  const asked = place(event.target);
  const field = [...document.querySelectorAll("#form [data-path]")].find((each) => isAt(each, asked));
  mode(true);
  field?.querySelector("input, select, button")?.focus();
});

// ---- JSON

function drawText() {
  byId("text").value = JSON.stringify(claim, null, 2);
  byId("wrong").textContent = "";
}

byId("text").addEventListener("input", () => {
  try {
    const said = JSON.parse(byId("text").value);
    if (!isObject(said)) throw new Error("a claim is an object");
    claim = said;
    byId("wrong").textContent = "";
    drawForm();
    ask();
  } catch (error) {
    byId("wrong").textContent = `Not JSON yet: ${error.message}`;
  }
});

function mode(form) {
  byId("form").hidden = !form;
  byId("json").hidden = form;
  byId("as-form").setAttribute("aria-pressed", form);
  byId("as-json").setAttribute("aria-pressed", !form);
}

byId("as-form").addEventListener("click", () => mode(true));
byId("as-json").addEventListener("click", () => mode(false));
byId("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(location.href);
  byId("said").textContent = "The link is copied; it holds the claim.";
});
for (const side of sides) for (const each of [side.day, side.known]) each.addEventListener("input", () => ask());
addEventListener("hashchange", read);

// ---- the form

function element(tag, properties = {}, ...children) {
  const { data, ...others } = properties;
  const made = Object.assign(document.createElement(tag), others);
  Object.assign(made.dataset, data);
  made.append(...children);
  return made;
}

function drawForm() {
  const lines = Array.isArray(claim.lines) ? claim.lines.filter(isObject) : [];
  const parts = lines.map((line, at) => drawLine(line, at, lines.length));
  const add = element("button", { type: "button", onclick: addLine }, "Add a line");
  for (const [scope, title] of Object.entries(SCOPES)) {
    const fields = setting.fields[scope];
    if (fields.length) parts.push(group(title, fields.map((field) => drawField(field, holder(scope)))));
  }
  byId("form").replaceChildren(...parts.slice(0, lines.length), add, ...parts.slice(lines.length));
  mark();
}

// Where a claim states the facts of a scope; it is made when the first is stated.
function holder(scope) {
  if (scope === "claim") return { get: () => claim, make: () => claim };
  return {
    get: () => (isObject(claim[scope]) ? claim[scope] : {}),
    make: () => (isObject(claim[scope]) ? claim[scope] : (claim[scope] = {})),
  };
}

const group = (title, children) => element("fieldset", {}, element("legend", {}, title), ...children);

function drawLine(line, at, count) {
  const fields = setting.fields.line.map((field) => drawField(field, { get: () => line, make: () => line }));
  const drawn = group(`Line ${line.line ?? at + 1}`, fields);
  drawn.dataset.number = line.line ?? at + 1;
  if (count > 1) {
    const remove = () => {
      claim.lines = claim.lines.filter((each) => each !== line);
      changed(true);
    };
    drawn.append(element("button", { type: "button", onclick: remove }, `Remove line ${line.line ?? at + 1}`));
  }
  return drawn;
}

function addLine() {
  if (!Array.isArray(claim.lines)) claim.lines = [];
  const lines = claim.lines.filter(isObject);
  const last = lines.at(-1) ?? setting.start.claim.lines[0];
  const number = Math.max(0, ...lines.map((line) => Number(line.line) || 0)) + 1;
  claim.lines.push({ line: number, procedure: last.procedure, service_date: last.service_date });
  changed(true);
}

function changed(anew = false) {
  if (anew) drawForm();
  drawText();
  ask();
}

function put(at, name, value) {
  if (value === undefined) delete at.get()[name];
  else at.make()[name] = value;
  changed();
}

function drawField(field, at) {
  if (field.kind === "records") return drawRecords(field, at);
  const id = `field-${++numbers}`;
  const value = at.get()[field.name];
  const input = control(field, value, (said) => put(at, field.name, said));
  input.id = id;
  const label = element("label", { htmlFor: id }, field.label + (field.unit ? ` (${field.unit})` : ""));
  const drawn = element("div", { className: "field", data: { path: field.path ?? "" } }, label, input);
  const hints = [field.question, field.absent && `not stated means ${field.absent}`].filter(Boolean);
  if (field.kind === "texts") hints.push("separated by blanks; “none” where it is known that there is none");
  if (hints.length) {
    input.setAttribute("aria-describedby", `${id}-hint`);
    drawn.append(element("p", { className: "hint", id: `${id}-hint` }, hints.join("; ")));
  }
  return drawn;
}

function control(field, value, say) {
  switch (field.kind) {
    case "boolean":
      return choice(["true", "false"], value === undefined || value === null ? "" : String(value), (said) =>
        say(said === "" ? undefined : said === "true"), { true: "yes", false: "no" });
    case "choice":
      return choice(field.options, value ?? "", (said) => say(said || undefined));
    case "number":
      return typed({ type: "number", step: field.whole ? "1" : "any", min: field.low ?? "", max: field.high ?? "" },
        value, (said) => say(said === "" ? undefined : Number(said)));
    case "date":
      return typed({ type: "date" }, value, (said) => say(said || undefined));
    case "texts":
      return typed({ type: "text" }, Array.isArray(value) ? value.join(" ") || "none" : "", (said) => {
        const parts = said.split(/[\s,]+/).filter(Boolean);
        say(parts.length === 0 ? undefined : parts.length === 1 && parts[0] === "none" ? [] : parts);
      });
    default:
      return typed({ type: "text", options: field.options }, value, (said) => say(said || undefined));
  }
}

function typed({ options, ...properties }, value, say) {
  const input = element("input", { ...properties, value: value ?? "", autocomplete: "off", spellcheck: false });
  input.addEventListener("input", () => say(input.value));
  if (options?.length) input.setAttribute("list", datalist(options));
  return input;
}

function datalist(options) {
  const id = `options-${options.join("-").replace(/[^\w-]/g, "")}`;
  if (!byId(id)) document.body.append(element("datalist", { id }, ...options.map((value) => element("option", { value }))));
  return id;
}

function choice(options, value, say, words = {}) {
  const known = options.includes(value) || value === "" ? options : [...options, value];
  const shown = known.map((each) => element("option", { value: each }, words[each] ?? String(each).replaceAll("_", " ")));
  const select = element("select", {}, element("option", { value: "" }, "not stated"), ...shown);
  select.value = value;
  select.addEventListener("input", () => say(select.value));
  return select;
}

function drawRecords(field, at) {
  const held = at.get()[field.name];
  const records = Array.isArray(held) ? held.filter(isObject) : [];
  const drawn = group(field.label, records.map((record, number) => {
    const inner = field.fields.map((each) => drawField(each, { get: () => record, make: () => record }));
    const one = group(`${field.each} ${number + 1}`, inner);
    const remove = () => {
      at.make()[field.name] = records.filter((each) => each !== record);
      changed(true);
    };
    one.append(element("button", { type: "button", onclick: remove }, `Remove ${field.each} ${number + 1}`));
    return one;
  }));
  drawn.classList.add("records");
  drawn.dataset.path = field.path ?? "";
  const none = element("input", { type: "checkbox", checked: Array.isArray(held) && !records.length });
  none.addEventListener("change", () => {
    if (none.checked) at.make()[field.name] = [];
    else delete at.get()[field.name];
    changed(true);
  });
  const add = () => {
    at.make()[field.name] = [...records, {}];
    changed(true);
  };
  drawn.append(
    element("p", {}, element("button", { type: "button", onclick: add }, `Add ${field.each}`)),
    element("p", {}, element("label", {}, none, ` it is known that there is none`)),
  );
  return drawn;
}

read();
