// Draw a dashboard's charts from the page's JSON twin, and look again every half minute.
"use strict";

(() => {
  const COLOURS = ["#2f7fd4", "#d9822b", "#2e9d62", "#c0392b", "#8e5bd0", "#b8860b", "#00838f", "#c2478c"];
  const HEIGHT = 190;
  const AGAIN_MS = 30000;
  const root = document.querySelector("[data-charts]");
  const places = [...root.querySelectorAll(".plot")];
  const plots = new Map();

  const short = (value) => (value === null || value === undefined ? "–" : Number(value.toPrecision(4)).toString());

  // Lines of one resource share a colour; what it has beside its first line is dashed.
  const WORDS = / (minimum|used|charged|wasted|saved)$/;
  const DASHES = { minimum: [6, 4], wasted: [6, 4], saved: [2, 3] };

  function options(chart, width) {
    const names = [...new Set(chart.lines.map((line) => line.label.replace(WORDS, "")))];
    const axis = { stroke: () => getComputedStyle(root).color, grid: { stroke: "#8883", width: 1 }, ticks: { show: false } };
    const series = chart.lines.map((line) => ({
      label: line.label,
      stroke: COLOURS[names.indexOf(line.label.replace(WORDS, "")) % COLOURS.length],
      dash: DASHES[WORDS.exec(line.label)?.[1]],
      width: 1.5,
      spanGaps: true,
      points: { show: chart.times.length < 40 },
      value: (_, value) => short(value),
    }));
    return {
      width,
      height: HEIGHT,
      series: [{}, ...series],
      axes: [axis, { ...axis, size: 52, values: (_, ticks) => ticks.map(short) }],
      scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high ?? 0) > 0 ? high * 1.08 : 1] } },
      legend: { live: chart.lines.length < 9, show: chart.lines.length < 25 },
    };
  }

  function draw(chart, place) {
    const data = [chart.times, ...chart.lines.map((line) => line.values)];
    const key = JSON.stringify(chart.lines.map((line) => line.label));
    const old = plots.get(place);
    place.parentElement.querySelector(".nothing")?.toggleAttribute("hidden", chart.times.length > 0);
    if (old && old.key === key) return old.plot.setData(data);
    old?.plot.destroy();
    plots.delete(place);
    if (chart.times.length) plots.set(place, { key, plot: new uPlot(options(chart, place.clientWidth), data, place) });
  }

  async function load() {
    const problem = document.getElementById("problem");
    try {
      const reply = await fetch(root.dataset.charts);
      if (!reply.ok) throw new Error(`The server answered ${reply.status}.`);
      const page = await reply.json();
      if (page.charts.length !== places.length) return location.reload();
      page.charts.forEach((chart, number) => draw(chart, places[number]));
      root.dataset.drawn = new Date().toISOString();
      problem.hidden = true;
    } catch (error) {
      problem.textContent = `These charts may be old: ${error.message}`;
      problem.hidden = false;
    }
    setTimeout(load, AGAIN_MS);
  }

  new ResizeObserver(() => {
    for (const [place, { plot }] of plots) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(root);
  load();
})();
