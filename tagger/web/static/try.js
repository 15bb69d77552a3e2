"use strict";
// Text goes into the page by textContent alone, so that nothing of it is markup.
const WORDS = {
  zh: {
    title: "贴一篇文章试试", given: "文章", found: "主题", hint: "每段一行；边输入边打标签，不会保存。",
    download: "下载结果（JSON）", working: "正在打标签…", done: "{n} 段，用时 {ms} 毫秒", empty: "还没有文字",
    furniture: "附带文字，不打标签", lost: "服务器没有回应：它可能已经停止", speaks: "支持“{topic}” +{value}",
  },
  en: {
    title: "Paste an article to try", given: "Article", found: "Topics",
    hint: "A paragraph a line; tagged as you type, never stored.",
    download: "Download the result (JSON)", working: "tagging …", done: "{n} paragraphs, in {ms} ms",
    empty: "no text yet", furniture: "furniture of the page, not tagged",
    lost: "the server does not answer: it may have stopped", speaks: "speaks for {topic} +{value}",
  },
};
const words = WORDS[document.documentElement.lang] || WORDS.zh;
const $ = (id) => document.getElementById(id);
const token = new URLSearchParams(location.search).get("token");
// Not left in the address, where a screenshot or the history would show it.
if (token) history.replaceState(null, "", location.pathname);
for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
document.title = words.title;

const PAUSE = 250; // milliseconds without a key
const allTitles = JSON.parse(document.documentElement.dataset.titles);
let timer = 0, asked = 0, url = "";

$("text").addEventListener("input", (event) => {
  clearTimeout(timer);
  if (!event.isComposing) timer = setTimeout(tag, PAUSE);
});
$("text").addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(tag, PAUSE); });
say(words.empty);

function say(what, wrong = false) {
  $("state").textContent = what;
  $("state").classList.toggle("wrong", wrong);
}

async function tag() {
  const number = ++asked, text = $("text").value;
  if (!text.trim()) { show({ topics: [], titles: [], probabilities: {}, paragraphs: [] }); say(words.empty); return; }
  say(words.working);
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const began = performance.now();
  let response, found;
  try {
    response = await fetch("tag", { method: "POST", headers, body: JSON.stringify({ text, evidence: true }) });
    found = await response.json();
  } catch {
    if (number === asked) say(words.lost, true);
    return;
  }
  if (number !== asked) return; // a later one is on its way
  if (!response.ok) { say(found.error, true); return; }
  show(found);
  const took = Math.round(performance.now() - began);
  say(words.done.replace("{n}", found.paragraphs.length).replace("{ms}", took));
}

function make(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function show(found) {
  const ranked = Object.entries(found.probabilities).sort((a, b) => b[1] - a[1]).slice(0, 20);
  $("topics").replaceChildren(...ranked.map(([topic, probability]) => {
    const item = make("li", found.topics.includes(topic) ? "has" : "");
    item.append(make("span", "name", allTitles[topic]), bar(probability));
    item.append(make("span", "number", `${(Math.floor(1000 * probability) / 10).toFixed(1)}%`));
    return item;
  }));
  $("paragraphs").replaceChildren(...found.paragraphs.map((paragraph) => {
    const item = make("li", paragraph.furniture ? "furniture" : "");
    if (paragraph.furniture) item.title = words.furniture;
    for (const title of paragraph.titles) item.append(make("span", "tag", title));
    item.append(...marked(paragraph));
    return item;
  }));
  URL.revokeObjectURL(url);
  url = URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: "application/json" }));
  Object.assign($("download"), { href: url, download: "tagged.json", hidden: !found.paragraphs.length });
}

function bar(share) {
  const holder = make("span", "bar"), svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const rectangle = document.createElementNS(svg.namespaceURI, "rect");
  holder.setAttribute("aria-hidden", "true");
  svg.setAttribute("preserveAspectRatio", "none");
  rectangle.setAttribute("width", `${100 * share}%`);
  rectangle.setAttribute("height", "100%");
  svg.append(rectangle);
  holder.append(svg);
  return holder;
}

// Offsets count characters as Python does: a character outside the first plane is one, where JavaScript has two.
function marked(paragraph) {
  const characters = Array.from(paragraph.text), nodes = [];
  const most = Math.max(...paragraph.evidence.map((stretch) => stretch.value), 0);
  let at = 0;
  for (const stretch of [...paragraph.evidence].sort((a, b) => a.start - b.start || b.value - a.value)) {
    if (stretch.start < at) continue; // of two topics, one stretch over another
    nodes.push(characters.slice(at, stretch.start).join(""));
    const share = stretch.value / most;
    const part = make("mark", share > 0.66 ? "much" : share > 0.33 ? "some" : "little");
    part.textContent = characters.slice(stretch.start, stretch.end).join("");
    const value = stretch.value.toFixed(2);
    part.title = words.speaks.replace("{topic}", allTitles[stretch.topic]).replace("{value}", value);
    part.tabIndex = 0;
    part.setAttribute("aria-label", `${part.textContent}: ${part.title}`);
    nodes.push(part);
    at = stretch.end;
  }
  nodes.push(characters.slice(at).join(""));
  return nodes;
}
