// The specification curve of any outcome, for the analyses that a reader picks. Without this script the table shows them all.
(function () {
  "use strict";
  var table = document.getElementById("explorer");
  if (!table) { return; }
  var SVG = "http://www.w3.org/2000/svg";
  var WIDTH = 760, HEIGHT = 260, LEFT = 56, RIGHT = 12, TOP = 12, BOTTOM = 26;

  function make(name, attributes, text) {
    var element = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    if (text !== undefined) { element.textContent = text; }
    return element;
  }

  function draw(name, attributes, text) {
    var element = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    if (text !== undefined) { element.textContent = text; }
    return element;
  }

  function words(element) { return element.textContent.replace(/\s+/g, " ").trim(); }

  var heads = Array.from(table.tHead.rows[0].cells);
  var questions = heads.map(function (cell, place) { return { place: place, name: words(cell), cell: cell }; })
    .filter(function (entry) { return entry.cell.hasAttribute("data-question"); });
  var body = table.tBodies[0];
  var rows = Array.from(body.rows).map(function (row, at) {
    return {
      row: row, at: at, outcome: row.dataset.outcome, label: words(row.cells[0]), model: words(row.cells[1]),
      estimate: Number(row.dataset.estimate), low: Number(row.dataset.low), high: Number(row.dataset.high),
      text: words(row.cells[heads.length - 2]), headline: row.classList.contains("strong"),
      answers: questions.map(function (entry) { return words(row.cells[entry.place]); })
    };
  });

  var outcomes = [];
  rows.forEach(function (row) {
    if (!outcomes.some(function (known) { return known.name === row.outcome; })) {
      outcomes.push({ name: row.outcome, label: row.label });
    }
  });

  var panel = make("div", { class: "control picker" });
  function field(label, id, options) {
    var box = make("p", {}), select = make("select", { id: id });
    box.appendChild(make("label", { for: id }, label));
    options.forEach(function (option) { select.appendChild(make("option", { value: option[0] }, option[1])); });
    box.appendChild(select);
    panel.appendChild(box);
    return select;
  }
  var outcome = field("Outcome", "explorer-outcome", outcomes.map(function (one) { return [one.name, one.label]; }));
  var order = field("Order", "explorer-order", [["estimate", "by estimate"], ["width", "by width of the interval"],
    ["plan", "as in the plan"]]);
  var choices = make("div", { class: "choices" });
  panel.appendChild(choices);
  var buttons = make("p", {});
  var reset = make("button", { type: "button" }, "Show all analyses");
  buttons.appendChild(reset);
  panel.appendChild(buttons);
  var status = make("p", { role: "status", id: "explorer-status" });
  var figure = make("div", { class: "curve scroll", role: "group", "aria-label": "Specification curve", tabindex: "0" });
  var holder = table.closest(".scroll");
  [panel, status, figure].forEach(function (part) { holder.parentNode.insertBefore(part, holder); });

  function ofOutcome() { return rows.filter(function (row) { return row.outcome === outcome.value; }); }

  function offerChoices() {
    choices.textContent = "";
    questions.forEach(function (question, at) {
      var answers = [];
      ofOutcome().forEach(function (row) { if (answers.indexOf(row.answers[at]) < 0) { answers.push(row.answers[at]); } });
      if (answers.length < 2) { return; }
      var set = make("fieldset", {});
      set.appendChild(make("legend", {}, question.name));
      answers.forEach(function (answer, number) {
        var id = "choice-" + at + "-" + number, line = make("label", { for: id });
        var box = make("input", { type: "checkbox", id: id, "data-at": at });
        box.value = answer;
        box.checked = true;
        line.appendChild(box);
        line.appendChild(document.createTextNode(" " + answer));
        set.appendChild(line);
      });
      choices.appendChild(set);
    });
  }

  function picked() {
    var refused = Array.from(choices.querySelectorAll("input")).filter(function (box) { return !box.checked; });
    return ofOutcome().filter(function (row) {
      return !refused.some(function (box) { return row.answers[Number(box.dataset.at)] === box.value; });
    });
  }

  function ordered(found) {
    var key = order.value;
    return found.slice().sort(function (a, b) {
      var x = key === "estimate" ? a.estimate : key === "width" ? a.high - a.low : a.at;
      var y = key === "estimate" ? b.estimate : key === "width" ? b.high - b.low : b.at;
      return x - y || a.at - b.at;
    });
  }

  function step(span) {
    var power = Math.pow(10, Math.floor(Math.log10(span / 5)));
    return [1, 2, 5, 10].map(function (unit) { return unit * power; }).find(function (size) { return span / size <= 6; });
  }

  function number(value, size) {
    var text = Math.abs(value).toFixed(Math.max(0, -Math.floor(Math.log10(size) + 1e-9)));
    return (value < 0 && Number(text) !== 0 ? "\u2212" : "") + text;
  }

  function drawCurve(found, summary) {
    figure.textContent = "";
    if (!found.length) { return; }
    var all = ofOutcome();
    var low = Math.min.apply(null, all.map(function (row) { return row.low; }).concat(0));
    var high = Math.max.apply(null, all.map(function (row) { return row.high; }).concat(0));
    var size = step(high - low || 1);
    function y(value) { return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low || 1); }
    var svg = draw("svg", { viewBox: "0 0 " + WIDTH + " " + HEIGHT, role: "img", "aria-label": summary });
    for (var tick = Math.ceil(low / size) * size; tick <= high + size / 1e6; tick += size) {
      svg.appendChild(draw("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick),
        class: Math.abs(tick) < size / 1e6 ? "zero" : "grid" }));
      svg.appendChild(draw("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, number(tick, size)));
    }
    found.forEach(function (row, place) {
      var x = LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / found.length;
      var mark = draw("g", { class: row.headline ? "headline" : "other" });
      mark.appendChild(draw("title", {}, row.model + ": " + row.text));
      mark.appendChild(draw("line", { x1: x, x2: x, y1: y(row.low), y2: y(row.high), class: "interval" }));
      mark.appendChild(row.headline
        ? draw("path", { d: "M" + x + " " + (y(row.estimate) - 7) + "l7 7l-7 7l-7 -7z" })
        : draw("circle", { cx: x, cy: y(row.estimate), r: 5 }));
      mark.appendChild(draw("text", { x: x, y: HEIGHT - 8, "text-anchor": "middle" }, String(place + 1)));
      svg.appendChild(mark);
    });
    figure.appendChild(svg);
  }

  function update() {
    var found = ordered(picked()), total = ofOutcome().length;
    rows.forEach(function (row) { row.row.classList.toggle("left-out", found.indexOf(row) < 0); });
    found.forEach(function (row) { body.appendChild(row.row); });
    var summary = found.length + " of " + total + " analyses of " + outcome.selectedOptions[0].textContent;
    if (found.length) {
      var sorted = found.slice().sort(function (a, b) { return a.estimate - b.estimate; });
      var beyond = found.filter(function (row) { return row.low > 0 || row.high < 0; }).length;
      var ends = [sorted[0], sorted[sorted.length - 1]].map(function (row) { return row.text.split(" (")[0]; });
      summary += ": estimates from " + ends[0] + " to " + ends[1] + "; " + beyond + " of " + found.length
        + (found.length === 1 ? " interval excludes" : " intervals exclude") + " zero.";
      var head = found.findIndex(function (row) { return row.headline; });
      summary += head < 0 ? " The headline analysis is not among them."
        : " The headline analysis is number " + (head + 1) + " (diamond).";
    } else {
      summary += ".";
    }
    status.textContent = summary;
    drawCurve(found, summary);
  }

  outcome.addEventListener("change", function () { offerChoices(); update(); });
  order.addEventListener("change", update);
  choices.addEventListener("change", update);
  reset.addEventListener("click", function () {
    choices.querySelectorAll("input").forEach(function (box) { box.checked = true; });
    update();
  });
  offerChoices();
  update();
}());
