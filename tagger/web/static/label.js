"use strict";
// Text goes into the page by textContent alone, so that nothing of it is markup.
const WORDS = {
  zh: {
    title: "标注", last: "最近的标注（点开可改）", help: "快捷键", filter: "筛选主题", none: "都不是", unsure: "拿不准，跳过",
    undo: "撤销", flag: "做记号", confirm: "确认", saved: "已保存 ✓", saving: "正在保存…", loading: "正在读取…",
    all: "全部标完了", lost: "服务器没有回应，按键已停用；已保存的标注都在，重新运行同一条命令即可继续",
    locked: "标注已安全保存，但还写不进表格（可能正被 Excel 打开），关闭后自动写入：{problem}",
    progress: "已标 {decided} · 今日 {today} · 拿不准 {unsure} · 剩余 {left}", few: "（少）", comma: "、",
    speaks: "支持“{topic}” {value}", supports: "支持建议 {value}", opposes: "反对建议 {value}",
    why: { new: "随便看看", unsure: "模型拿不准", random: "随机抽查", review: "改以前的", doubtful: "标注存疑" },
    where: "{document} · 为何问：{why}", at: "第 {line} 行 · {document}",
    review: {
      title: "复查标注", confirm: { suggestion: "按建议改", topics: "原来的没错", other: "改成所选" }, keep: "原来的没错",
      unsure: "拿不准，不动", progress: "已看 {seen} · 改了 {changed} · 没错 {kept} · 拿不准 {unsure} · 剩余 {left}",
      topics: "现标", suggestion: "建议", problems: "问题", evidence: "依据", signs: "（+ 支持建议，实线；- 反对，虚线）", nothing: "没有", wrong: "（标错的把握 {percent}%）",
      all: "全部看完了", refused: "有 {number} 条没有写进表格，那一行后来被改过：{reasons}",
    },
    reviewKeys: [
      ["回车、空格", "确认所选；先已选好建议的主题"], ["K", "原来的没错"], ["1–9、0", "选主题；主题恰好一个时，选中即确认"],
      ["Shift+数字", "第 11 到 20 个主题"], ["`、N", "都不是"], ["S", "拿不准，这一行不动"],
      ["退格", "撤销上一条，重新打开之后也可以"], ["F", "做记号，以后再看"], ["/", "按名称筛选主题"],
    ],
    keys: [
      ["1–9、0", "选主题；主题恰好一个时，选中即确认"], ["Shift+数字", "第 11 到 20 个主题"], ["`、N", "都不是"], ["回车、空格", "确认，下一条"],
      ["S", "拿不准，跳过；不会写进表格"], ["退格", "撤销上一条，重新打开之后也可以"], ["F", "做记号，以后再看"], ["/", "按名称筛选主题"],
    ],
  },
  en: {
    title: "Label", last: "Last decisions (open to change)", help: "Keys", filter: "Filter topics", none: "none of them",
    unsure: "not sure, skip", undo: "undo", flag: "flag", confirm: "confirm", saved: "saved ✓", saving: "saving …",
    loading: "loading …", all: "all is labelled",
    lost: "The server does not answer, so keys do nothing. What was saved is safe: run the same command to go on.",
    locked: "Safe in the journal, but the file cannot be written yet; it will be once it can: {problem}",
    progress: "{decided} labelled · {today} today · {unsure} not sure · {left} left", few: " (few)", comma: ", ",
    speaks: "speaks for {topic}: {value}", supports: "for the suggestion: {value}", opposes: "against the suggestion: {value}",
    why: {
      new: "to begin with", unsure: "the model is not sure", random: "taken at random", review: "to change",
      doubtful: "the label is doubtful",
    },
    where: "{document} · why: {why}", at: "line {line} · {document}",
    review: {
      title: "Review", confirm: { suggestion: "take the suggestion", topics: "it is right", other: "change to the chosen" },
      keep: "it is right", unsure: "not sure, leave it",
      progress: "{seen} seen · {changed} changed · {kept} right · {unsure} not sure · {left} left",
      topics: "labelled", suggestion: "suggestion", problems: "problem", evidence: "evidence", signs: " (+ and a line: for the suggestion; - and dashes: against)",
      nothing: "none",
      wrong: " ({percent}% sure that it is wrong)", all: "all is looked at",
      refused: "{number} not written to the file, as the line has changed since: {reasons}",
    },
    reviewKeys: [
      ["Enter, Space", "confirm what is chosen; the suggestion is, to begin with"], ["K", "the label is right"],
      ["1–9, 0", "choose a topic; with exactly one topic that confirms"], ["Shift+digit", "the 11th to the 20th topic"],
      ["`, N", "none of them"], ["S", "not sure, leave the row"], ["Backspace", "undo the last, over restarts too"],
      ["F", "flag, to look at later"], ["/", "filter topics by name"],
    ],
    keys: [
      ["1–9, 0", "choose a topic; with exactly one topic that confirms"], ["Shift+digit", "the 11th to the 20th topic"],
      ["`, N", "none of them"], ["Enter, Space", "confirm, next"], ["S", "not sure, skip; never written to the file"],
      ["Backspace", "undo the last, over restarts too"], ["F", "flag, to look at later"], ["/", "filter topics by name"],
    ],
  },
};
const root = document.documentElement, words = WORDS[root.lang] || WORDS.zh, $ = (id) => document.getElementById(id);
const reviewing = root.dataset.review === "true" ? words.review : null;
if (reviewing) Object.assign(words, { title: reviewing.title, all: reviewing.all, unsure: reviewing.unsure, keys: words.reviewKeys });
const mode = root.dataset.mode, topics = JSON.parse(root.dataset.topics);
const titles = Object.fromEntries(topics.map((topic) => [topic.name, topic.title]));
const token = new URLSearchParams(location.search).get("token");
const FEW = 20;
let item = null, chosen = new Set(), flagged = false, busy = true;

for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
document.title = `${words.title} ${document.title}`;
for (const [key, what] of words.keys) {
  const line = make("li", "");
  line.append(make("kbd", "", key), what);
  $("keys").append(line);
}

function make(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

function button(key, label, press, pressed) {
  const element = make("button", "");
  element.type = "button";
  if (key) element.append(make("kbd", "", key));
  element.append(label);
  if (pressed !== undefined) element.setAttribute("aria-pressed", String(pressed));
  // Keys decide, wherever the focus is: a click must not leave it on a button that Enter would press again.
  element.addEventListener("click", () => { element.blur(); press(); });
  return element;
}

const topicKey = (index) => (index < 10 ? String((index + 1) % 10) : index < 20 ? `⇧${(index + 1) % 10}` : "");

function drawChoices() {
  const wanted = $("wanted").value.trim().toLowerCase();
  const buttons = topics.map((topic, index) => {
    const element = button(topicKey(index), topic.title, () => toggle(topic.name), chosen.has(topic.name));
    element.title = topic.description || topic.name;
    if (item?.guess) element.append(make("span", "share", `${Math.round(100 * (item.guess.probabilities[topic.name] ?? 0))}%`));
    element.hidden = wanted !== "" && !`${topic.title} ${topic.name}`.toLowerCase().includes(wanted);
    return element;
  });
  if (mode === "any") buttons.push(button("N", words.none, () => decide([], "decided")));
  $("choices").replaceChildren(...buttons);
  const keep = reviewing && item?.doubt ? [button("K", reviewing.keep, () => decide(item.doubt.topics, "decided"))] : [];
  $("actions").replaceChildren(
    button("⏎", confirmWord(), confirm), ...keep, button("S", words.unsure, () => decide([], "unsure")),
    button("⌫", words.undo, undo), button("F", words.flag, flag, flagged),
  );
  for (const element of document.querySelectorAll("#choices button, #actions button")) element.disabled = busy;
}

// Offsets count characters as Python does: a character outside the first plane is one, where JavaScript has two.
function marked(text, stretches) {
  const characters = Array.from(text), nodes = [];
  const most = Math.max(...stretches.map((stretch) => Math.abs(stretch.value)), 0);
  let at = 0;
  for (const stretch of [...stretches].sort((a, b) => a.start - b.start || b.value - a.value)) {
    if (stretch.start < at) continue; // of two topics, one stretch over another
    const share = Math.abs(stretch.value) / most, against = stretch.value < 0;
    const part = make("mark", share > 0.66 ? "much" : share > 0.33 ? "some" : "little");
    part.classList.toggle("against", against);
    part.textContent = characters.slice(stretch.start, stretch.end).join("");
    const value = `${against ? "-" : "+"}${Math.abs(stretch.value).toFixed(stretch.topic ? 2 : 1)}`;
    part.title = fill(stretch.topic ? words.speaks : against ? words.opposes : words.supports, {
      topic: titles[stretch.topic], value,
    });
    nodes.push(characters.slice(at, stretch.start).join(""), part);
    at = stretch.end;
  }
  nodes.push(characters.slice(at).join(""));
  return nodes;
}

const isChosen = (names) => names?.length === chosen.size && names.every((name) => chosen.has(name));

function confirmWord() {
  if (!reviewing) return words.confirm;
  const doubt = item?.doubt;
  return reviewing.confirm[isChosen(doubt?.suggestion) ? "suggestion" : isChosen(doubt?.topics) ? "topics" : "other"];
}

function named(names) {
  return names.map((name) => titles[name] ?? name).join(words.comma);
}

function drawDoubt(doubt) {
  $("doubt").hidden = !doubt;
  if (!doubt) return;
  const sure = doubt.wrong === null ? "" : fill(reviewing.wrong, { percent: Math.min(99, Math.floor(100 * doubt.wrong)) });
  const lines = [["topics", [named(doubt.topics) || reviewing.nothing]]];
  if (doubt.suggestion) lines.push(["suggestion", [named(doubt.suggestion) || reviewing.nothing]]);
  const problems = doubt.problems.filter(Boolean).join(words.comma);
  if (problems || sure) lines.push(["problems", [problems + sure]]);
  const signs = / [+-]\d/.test(doubt.evidence) ? reviewing.signs : "";
  if (doubt.evidence) lines.push(["evidence", [...marked(doubt.evidence, doubt.marks.evidence), signs]]);
  $("doubt").replaceChildren(...lines.flatMap(([name, parts]) => {
    const told = make("dd", name === "suggestion" ? "suggested" : "");
    told.append(...parts);
    return [make("dt", "", reviewing[name]), told];
  }));
}

// What was decided before, or else what is suggested or guessed; a topic that is gone since cannot be chosen again.
function firstChosen({ past, doubt, guess }) {
  if (past?.answer === "decided") return past.topics.filter((name) => Object.hasOwn(titles, name) || doubt?.topics.includes(name));
  const names = doubt?.suggestion ?? doubt?.topics ?? guess?.topics ?? [];
  return mode === "one" && names.length > 1 ? [] : names;
}

function draw(found) {
  const { state } = found;
  item = found.item;
  chosen = new Set(item ? firstChosen(item) : []);
  flagged = Boolean(item?.past?.flag);
  $("text").replaceChildren(...(item ? marked(item.text, item.guess?.evidence ?? item.doubt?.marks.text ?? []) : [words.all]));
  $("ahead").textContent = state.ahead ?? "";
  $("before").textContent = item?.before ?? "";
  $("after").textContent = item?.after ?? "";
  $("where").textContent = item ? fill(item.doubt ? words.at : words.where, {
    document: item.document ?? "", why: words.why[item.why], line: item.doubt?.line,
  }).replace(/^ · | · $/, "") : "";
  drawDoubt(item?.doubt);
  $("progress").textContent = fill(reviewing?.progress ?? words.progress, { ...state, seen: state.decided + state.unsure });
  $("counts").hidden = Boolean(reviewing);
  $("counts").replaceChildren(...(reviewing ? [] : topics.slice(0, 40)).map((topic) => {
    const few = state.counts[topic.name] < FEW;
    return make("li", few ? "few" : "", `${topic.title} ${state.counts[topic.name]}${few ? words.few : ""}`);
  }));
  $("last").replaceChildren(...state.last.map((decision) => {
    const line = make("li", ""), names = named(decision.topics);
    line.append(make("span", "what", `${decision.flag ? "⚑ " : ""}${decision.answer === "unsure" ? words.unsure : names || words.none}`));
    line.append(button("", decision.text, () => review(decision)));
    return line;
  }));
  if (state.refused?.length) {
    say(fill(reviewing.refused, { number: state.refused.length, reasons: state.refused.slice(0, 3).join("; ") }), true);
  }
  if (state.problem) say(fill(words.locked, state), true);
  $("filter").hidden = topics.length <= 10;
  window.scrollTo(0, 0);
}

function say(what, wrong = false) {
  $("state").textContent = what;
  $("state").classList.toggle("wrong", wrong);
}

async function ask(path, body, done) {
  busy = true;
  drawChoices();
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  let response, found;
  try {
    const given = body === null ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    response = await fetch(path, given);
    found = await response.json();
  } catch {
    document.body.classList.add("lost");
    say(words.lost, true);
    return;
  }
  busy = false;
  if (response.ok) {
    say(done);
    draw(found);
  } else {
    say(found.error, true);
  }
  drawChoices();
}

function toggle(name) {
  if (busy || !item) return;
  if (mode === "one") { decide([name], "decided"); return; }
  if (!chosen.delete(name)) chosen.add(name);
  drawChoices();
}

function confirm() {
  if (chosen.size || mode === "any" || isChosen(item?.doubt?.topics)) decide([...chosen], "decided");
}

function decide(names, answer) {
  if (busy || !item) return;
  say(words.saving);
  ask("decide", { key: item.key, topics: names, answer, flag: flagged }, words.saved);
}

function undo() {
  if (!busy) ask("undo", {}, "");
}

function flag() {
  flagged = !flagged;
  drawChoices();
}

function review(decision) {
  if (!busy) ask(`item?key=${encodeURIComponent(decision.key)}`, null, "");
}

// Keys by their place, not their character: with a Chinese input method on, the character never comes.
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target instanceof HTMLInputElement) {
    if (event.key === "Escape" || event.key === "Enter") event.target.blur();
    return;
  }
  if (event.target instanceof HTMLButtonElement && (event.code === "Enter" || event.code === "Space")) return;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  if (digit) {
    const place = (Number(digit[1]) + 9) % 10 + (event.shiftKey ? 10 : 0);
    if (place < topics.length) toggle(topics[place].name);
    event.preventDefault();
    return;
  }
  const press = {
    Enter: confirm, NumpadEnter: confirm, Space: confirm, Backspace: undo, KeyS: () => decide([], "unsure"), KeyF: flag,
    KeyK: () => reviewing && item?.doubt && decide(item.doubt.topics, "decided"),
    KeyN: () => mode === "any" && decide([], "decided"), Backquote: () => mode === "any" && decide([], "decided"),
    Slash: () => $("filter").hidden || $("wanted").focus(),
  }[event.code];
  if (!press || event.shiftKey) return;
  event.preventDefault();
  press();
});
$("wanted").addEventListener("input", drawChoices);
say(words.loading);
ask("next", {}, "");
