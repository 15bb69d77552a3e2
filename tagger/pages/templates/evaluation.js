"use strict";
// What another threshold would do: the curve of a topic, and a point on it that can be moved.
(() => {
  const get = (id) => document.getElementById(id);
  const { words, curves } = JSON.parse(get("data").textContent);
  if (!curves.length) return;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)}%` : "–");
  // Where nothing is given, nothing is wrong.
  const place = (curve, given, right) => [(100 * right) / (curve.examples || 1), given ? 100 - (100 * right) / given : 0];
  const plot = get("plot");

  function choose() {
    const curve = curves[Number(get("topic").value)], [given, right] = curve.now;
    plot.querySelector(".curve").setAttribute("points", curve.steps.map(([, g, r]) => place(curve, g, r).join(",")).join(" "));
    const [x, y] = place(curve, given, right), now = plot.querySelector(".now");
    now.setAttribute("cx", x);
    now.setAttribute("cy", y);
    now.setAttribute("visibility", given ? "visible" : "hidden");
    // Where as many are given as now, or as near to that as there is a step.
    const near = curve.steps.map(([, g]) => Math.abs(g - given));
    get("threshold").max = curve.steps.length - 1;
    get("threshold").value = near.indexOf(Math.min(...near));
    tell();
  }
  function tell() {
    const curve = curves[Number(get("topic").value)], [threshold, given, right] = curve.steps[Number(get("threshold").value)];
    const [x, y] = place(curve, given, right);
    plot.querySelector(".chosen").setAttribute("d", `M${x - 3} ${y}H${x + 3}M${x} ${y - 3}V${y + 3}`);
    const values = { title: curve.title, threshold: (threshold / 1000).toFixed(3), given, right, wrong: given - right,
      missed: curve.examples - right, precision: percent(right, given), recall: percent(right, curve.examples) };
    get("told").textContent = fill(words.told, values);
    get("threshold").setAttribute("aria-valuetext", get("told").textContent);
  }
  get("topic").addEventListener("input", choose);
  get("threshold").addEventListener("input", tell);
  get("curve").addEventListener("submit", (event) => event.preventDefault());
  get("try").hidden = false;
  choose();
})();
