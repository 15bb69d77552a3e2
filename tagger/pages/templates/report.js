"use strict";
// What comes from files is put into the page by textContent alone.
(() => {
  const PAGE = 50, PARAGRAPHS = 300, SHARES = [1 / 3, 2 / 3];
  const get = (id) => document.getElementById(id);
  const read = (id) => { const node = get(id), value = JSON.parse(node.textContent); node.remove(); return value; };
  const { titles, words, dated } = read("data");
  const articles = read("articles");
  // Doubtful paragraphs: [article, paragraph].
  const doubtful = [];
  articles.forEach((article, a) => article[5].forEach((p, n) => { if (!p[1] && p[4] < 70) doubtful.push([a, n]); }));
  let haystacks = null;
  const state = { tab: "articles", page: 0, articles: [], doubtful: [], open: new Set(), needle: "" };

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  const many = (number) => number.toLocaleString("en");
  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function isolated(text) { return element("bdi", "", text); }

  // Filters.
  const sureness = { sure: [90, 101], fairly: [70, 90], doubtful: [-1, 70] };
  function has(tags, topic) {
    if (topic === "none") return tags.length === 0;
    for (let i = 0; i < tags.length; i += 2) if (tags[i] === topic) return true;
    return false;
  }
  function filtered() {
    const chosen = get("topic").value, topic = chosen === "" || chosen === "none" ? chosen : Number(chosen);
    const range = sureness[get("sureness").value];
    const from = dated ? get("from").value : "", to = dated ? get("to").value : "";
    state.needle = get("search").value.trim().toLowerCase();
    if (state.needle && haystacks === null)
      haystacks = articles.map((a) => [a[0], a[1], ...a[5].map((p) => p[0])].join("\n").toLowerCase());
    const fits = (number, tags, sure) => {
      const date = articles[number][2];
      return (topic === "" || has(tags, topic)) && (!range || (sure >= range[0] && sure < range[1]))
        // A month without a day is in a range that has a part of it.
        && (!from || (date && date >= from.slice(0, date.length))) && (!to || (date && date <= to));
    };
    state.articles = [];
    articles.forEach((a, n) => {
      if (fits(n, a[3], a[4]) && (!state.needle || haystacks[n].includes(state.needle))) state.articles.push(n);
    });
    state.doubtful = doubtful.filter(([a, n]) => {
      const p = articles[a][5][n];
      return fits(a, topic === "none" ? p[2] : p[2].concat(p[3]), p[4])
        && (!state.needle || p[0].toLowerCase().includes(state.needle) || articles[a][0].toLowerCase().includes(state.needle));
    });
    const order = get("order").value;
    if (order === "doubt") {
      state.articles.sort((x, y) => articles[x][4] - articles[y][4] || x - y);
      state.doubtful.sort((x, y) => articles[x[0]][5][x[1]][4] - articles[y[0]][5][y[1]][4]);
    } else if (order === "new") {
      const newer = (x, y) => (articles[y][2] > articles[x][2] ? 1 : articles[y][2] < articles[x][2] ? -1 : x - y);
      state.articles.sort(newer);
      state.doubtful.sort((x, y) => newer(x[0], y[0]));
    }
  }

  // Tags and marks.
  function tag(topic, percent, perhaps) {
    const made = element("span", `tag t${topic % 6}${perhaps ? " perhaps" : ""}`);
    const [before, after] = fill(perhaps ? words.perhaps : words.given, { title: "\0", p: percent }).split("\0");
    made.append(before, isolated(titles[topic]), after);
    return made;
  }
  function tags(into, flat, perhaps) {
    for (let i = 0; i < flat.length; i += 2) into.append(tag(flat[i], flat[i + 1], perhaps), " ");
  }
  // Where stretches of several topics overlap, the strongest is drawn and all are told.
  function marked(text, evidence) {
    const cuts = new Set([0, text.length]), stretches = [];
    for (const [topic, ...flat] of evidence) {
      let sum = 0, most = 0;
      for (let i = 2; i < flat.length; i += 3) { sum += flat[i]; most = Math.max(most, flat[i]); }
      for (let i = 0; i < flat.length; i += 3) {
        const [start, length, value] = flat.slice(i, i + 3);
        stretches.push({ topic, start, end: start + length, value, share: value / sum, weight: value / most });
        cuts.add(start).add(start + length);
      }
    }
    const places = [...cuts].sort((x, y) => x - y), made = [];
    for (let i = 0; i + 1 < places.length; i++) {
      const [start, end] = [places[i], places[i + 1]], piece = text.slice(start, end);
      const over = stretches.filter((s) => s.start <= start && s.end >= end).sort((x, y) => y.value - x.value);
      if (!over.length) { made.push(document.createTextNode(piece)); continue; }
      const { topic, weight } = over[0];
      const mark = element("span", `e t${topic % 6} w${1 + SHARES.filter((share) => weight > share).length}`, piece);
      const told = over.map((s) => fill(words.counts, { title: titles[s.topic], value: (s.value / 1000).toFixed(2), share: Math.round(100 * s.share) }));
      mark.tabIndex = made.some((node) => node.tabIndex === 0) ? -1 : 0;
      mark.setAttribute("role", "button");
      mark.setAttribute("aria-label", `${piece}: ${told.join("; ")}`);
      mark.dataset.tip = told.join("\n");
      made.push(mark);
    }
    return made;
  }
  function paragraph(p, number) {
    const [text, furniture, given, perhaps, sure, evidence] = p;
    const doubt = !furniture && sure < 70;
    const kind = furniture ? "furniture" : doubt ? "maybe" : given.length ? `has t${given[0] % 6}` : "plain";
    const row = element("div", `p ${kind}`), side = element("div", "tags"), body = element("p", "text");
    if (furniture) side.append(words.furniture);
    tags(side, given, false);
    if (doubt) side.append(element("span", "doubt", words.doubtful));
    tags(side, perhaps, true);
    body.dir = "auto";
    body.append(...marked(text, evidence));
    row.append(side, body);
    if (number !== undefined) side.prepend(element("small", "", fill(words.number, { n: number + 1 })));
    return row;
  }
  function about(a) {
    const row = element("p", "about");
    if (a[2]) row.append(element("span", "", a[2]));
    row.append(isolated(a[1]));
    if (a[3].length) tags(row, a[3], false);
    else row.append(element("span", "none", words.no_topic));
    if (a[4] < 70) row.append(element("span", "doubt", words.doubtful));
    const some = a[5].filter((p) => !p[1] && p[4] < 70).length;
    if (some) row.append(element("span", "", fill(words.some_doubtful, { n: some })));
    return row;
  }
  function articleRow(number) {
    const a = articles[number], row = element("article", "row"), heading = element("h3"), button = element("button");
    button.type = "button";
    button.append(isolated(a[0] || words.empty_article));
    button.dataset.article = number;
    heading.append(button);
    row.append(heading, about(a));
    toggle(row, button, state.open.has(number));
    return row;
  }
  function toggle(row, button, open) {
    button.setAttribute("aria-expanded", String(open));
    const body = row.querySelector(".body");
    if (body) body.remove();
    if (!open) return;
    const made = element("div", "body"), a = articles[Number(button.dataset.article)];
    if (!a[5].length) made.append(element("p", "none", words.empty_article));
    addParagraphs(made, a[5], 0);
    row.append(made);
  }
  function addParagraphs(body, paragraphs, first) {
    body.append(...paragraphs.slice(first, first + PARAGRAPHS).map((p) => paragraph(p)));
    const left = paragraphs.length - first - PARAGRAPHS;
    if (left <= 0) return;
    const more = element("button", "more", fill(words.more_paragraphs, { n: many(left) }));
    more.type = "button";
    more.addEventListener("click", () => {
      more.remove();
      addParagraphs(body, paragraphs, first + PARAGRAPHS);
      const next = body.querySelectorAll(".p")[first + PARAGRAPHS];
      next.tabIndex = -1;
      next.focus();
      highlight();
    });
    body.append(more);
  }
  function doubtfulRow([number, n]) {
    const a = articles[number], row = element("article", "row"), source = element("p", "about"), link = element("button");
    link.type = "button";
    link.dataset.show = number;
    link.append(words.show_article, isolated(a[0]));
    row.append(paragraph(a[5][n], n), source);
    if (a[2]) source.append(element("span", "", a[2]));
    source.append(link);
    return row;
  }

  // The list.
  function render() {
    const rows = state[state.tab], first = state.page * PAGE, shown = rows.slice(first, first + PAGE);
    const panel = get("panel");
    panel.replaceChildren(...shown.map(state.tab === "articles" ? articleRow : doubtfulRow));
    if (!rows.length) panel.append(element("p", "none", words.nothing));
    get("pages").hidden = rows.length <= PAGE;
    get("page").textContent = fill(words.page, { from: many(first + 1), to: many(first + shown.length), n: many(rows.length) });
    get("previous").disabled = first === 0;
    get("next").disabled = first + PAGE >= rows.length;
    for (const name of ["articles", "doubtful"]) {
      const tab = get(`tab-${name}`), chosen = state.tab === name;
      tab.textContent = fill(words[`tab_${name}`], { n: many(state[name].length) });
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    panel.setAttribute("aria-labelledby", `tab-${state.tab}`);
    hideTip();
    highlight();
  }
  function refresh() {
    filtered();
    state.page = 0;
    get("found").textContent = fill(words.found, { n: many(state.articles.length), all: many(articles.length) });
    render();
  }
  function highlight() {
    if (!window.Highlight || !CSS.highlights) return;
    CSS.highlights.delete("found");
    if (!state.needle) return;
    const ranges = [], walker = document.createTreeWalker(get("panel"), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data.toLowerCase();
      if (text.length !== node.data.length) continue;
      for (let at = text.indexOf(state.needle); at >= 0; at = text.indexOf(state.needle, at + state.needle.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + state.needle.length);
        ranges.push(range);
      }
    }
    if (ranges.length) CSS.highlights.set("found", new Highlight(...ranges));
  }
  function turn(by) {
    state.page += by;
    render();
    get("panel").focus({ preventScroll: true });
    get("list").scrollIntoView();
  }
  function choose(tab) {
    state.tab = tab;
    state.page = 0;
    render();
    get(`tab-${tab}`).focus();
  }
  function show(number) {
    if (!state.articles.includes(number)) get("filters").reset();
    filtered();
    state.tab = "articles";
    state.page = Math.floor(state.articles.indexOf(number) / PAGE);
    state.open.add(number);
    get("found").textContent = fill(words.found, { n: many(state.articles.length), all: many(articles.length) });
    render();
    const button = get("panel").querySelector(`[data-article="${number}"]`);
    button.focus();
    button.scrollIntoView();
  }

  // What a stretch counts: under the mouse, at the focus, at a tap.
  function showTip(mark) {
    const tip = get("tip"), box = mark.getClientRects()[0];
    if (!box) return;
    tip.textContent = mark.dataset.tip;
    tip.hidden = false;
    const left = Math.max(8, Math.min(box.left, innerWidth - tip.offsetWidth - 8));
    const below = box.bottom + 8, above = box.top - tip.offsetHeight - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${below + tip.offsetHeight < innerHeight ? below : above}px`;
  }
  function hideTip() { get("tip").hidden = true; }
  // Scrolling goes on under the mouse; to the focus it has led, and what is told there stays.
  function followTip() {
    const mark = document.activeElement;
    if (!get("tip").hidden && mark.classList.contains("e") && mark.dataset.tip === get("tip").textContent) showTip(mark);
    else hideTip();
  }

  get("panel").addEventListener("click", (event) => {
    const button = event.target.closest("button"), mark = event.target.closest(".e");
    if (mark) showTip(mark);
    else if (button && button.dataset.show !== undefined) show(Number(button.dataset.show));
    else if (button && button.dataset.article !== undefined) {
      const number = Number(button.dataset.article), open = !state.open.delete(number);
      if (open) state.open.add(number);
      toggle(button.closest(".row"), button, open);
      highlight();
    }
  });
  get("panel").addEventListener("mouseover", (event) => { const mark = event.target.closest(".e"); if (mark) showTip(mark); else hideTip(); });
  get("panel").addEventListener("mouseleave", hideTip);
  get("panel").addEventListener("focusin", (event) => { const mark = event.target.closest(".e"); if (mark) showTip(mark); else hideTip(); });
  get("panel").addEventListener("focusout", hideTip);
  get("panel").addEventListener("keydown", (event) => {
    const mark = event.target.closest(".e");
    if (event.key === "Escape") hideTip();
    if (!mark) return;
    const marks = [...mark.parentElement.querySelectorAll(".e")], at = marks.indexOf(mark);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); showTip(mark); }
    if (next === undefined || !marks[next]) return;
    event.preventDefault();
    mark.tabIndex = -1;
    marks[next].tabIndex = 0;
    marks[next].focus();
  });
  addEventListener("scroll", followTip, { passive: true });
  document.querySelector("[role=tablist]").addEventListener("click", (event) => { if (event.target.id) choose(event.target.id.slice(4)); });
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") choose(state.tab === "articles" ? "doubtful" : "articles");
  });
  let waiting = 0;
  get("filters").addEventListener("input", (event) => { clearTimeout(waiting); waiting = setTimeout(refresh, event.target.type === "search" ? 60 : 0); });
  get("filters").addEventListener("submit", (event) => event.preventDefault());
  get("filters").addEventListener("reset", () => setTimeout(refresh));
  get("previous").addEventListener("click", () => turn(-1));
  get("next").addEventListener("click", () => turn(1));
  get("print").addEventListener("click", () => print());
  // What is printed is whole: every article of the page that is shown.
  let before = null;
  addEventListener("beforeprint", () => {
    before = new Set(state.open);
    for (const number of state.articles.slice(state.page * PAGE, (state.page + 1) * PAGE)) state.open.add(number);
    render();
  });
  addEventListener("afterprint", () => { if (before) state.open = before; before = null; render(); });
  refresh();
})();
