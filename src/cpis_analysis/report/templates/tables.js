// Tables that can be sorted and filtered. Without this script every row is shown in its order.
(function () {
  "use strict";
  var NOTHING = /^(|\u2013|\[c\])$/;

  function make(name, attributes, text) {
    var element = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    if (text !== undefined) { element.textContent = text; }
    return element;
  }

  function words(element) { return element.textContent.replace(/\s+/g, " ").trim(); }

  function titleOf(table) {
    var exhibit = table.querySelector("caption .exhibit");
    return exhibit ? words(exhibit).replace(/\.$/, "") : words(table.caption);
  }

  // Number at the start of a cell such as "\u22121.70 (\u22123.5 to 0.1)", "<0.001" or "1,234"; NaN if there is none.
  function numberIn(text) {
    var found = /^[<>]?\s*([\u2212-]?)\s*(\d[\d,]*(?:\.\d+)?|\.\d+|\u221e)/.exec(text);
    if (!found) { return NaN; }
    var size = found[2] === "\u221e" ? Infinity : Number(found[2].replace(/,/g, ""));
    return found[1] ? -size : size;
  }

  // Headers that stand directly over a column, each with the column's place.
  function columnHeaders(table) {
    var taken = [], found = [], rows = Array.from(table.tHead ? table.tHead.rows : []);
    rows.forEach(function (row, level) {
      var place = 0;
      Array.from(row.cells).forEach(function (cell) {
        while (taken[level] && taken[level][place]) { place += 1; }
        for (var down = 0; down < cell.rowSpan; down += 1) {
          taken[level + down] = taken[level + down] || [];
          for (var right = 0; right < cell.colSpan; right += 1) { taken[level + down][place + right] = true; }
        }
        if (level + cell.rowSpan === rows.length && cell.colSpan === 1) { found.push({ cell: cell, place: place }); }
        place += cell.colSpan;
      });
    });
    return found;
  }

  function compare(place, sign) {
    return function (left, right) {
      var a = words(left.row.cells[place]), b = words(right.row.cells[place]);
      if (NOTHING.test(a) || NOTHING.test(b)) { return NOTHING.test(a) - NOTHING.test(b) || left.at - right.at; }
      var x = numberIn(a), y = numberIn(b);
      var order = isNaN(x) || isNaN(y) ? a.localeCompare(b, "en-GB", { numeric: true }) : x < y ? -1 : x > y ? 1 : 0;
      return sign * order || left.at - right.at;
    };
  }

  function makeSortable(table, say) {
    var body = table.tBodies[0];
    var original = Array.from(body.rows).map(function (row, at) { return { row: row, at: at }; });
    var headers = columnHeaders(table);
    headers.forEach(function (header) {
      var label = words(header.cell);
      if (!label) { return; }
      var button = make("button", { type: "button", class: "sort" }, label);
      header.cell.textContent = "";
      header.cell.appendChild(button);
      button.addEventListener("click", function () {
        var now = header.cell.getAttribute("aria-sort");
        var next = now === "ascending" ? "descending" : now === "descending" ? null : "ascending";
        headers.forEach(function (other) { other.cell.removeAttribute("aria-sort"); });
        if (next) { header.cell.setAttribute("aria-sort", next); }
        var rows = original.slice();
        if (next) { rows.sort(compare(header.place, next === "ascending" ? 1 : -1)); }
        rows.forEach(function (entry) { body.appendChild(entry.row); });
        say(titleOf(table) + (next ? " sorted by " + label + ", " + next : " in its own order"));
      });
    });
  }

  // Rows that belong together: a row with those indented below it; the heading of a group comes apart.
  function blocksOf(table) {
    return Array.from(table.tBodies).map(function (body) {
      var group = { heading: null, blocks: [] };
      Array.from(body.rows).forEach(function (row) {
        if (row.classList.contains("group")) {
          group.heading = row;
        } else if (/\bindent-/.test(row.className) && group.blocks.length) {
          group.blocks[group.blocks.length - 1].push(row);
        } else {
          group.blocks.push([row]);
        }
      });
      return group;
    });
  }

  function makeFilterable(table, say) {
    var groups = blocksOf(table), id = table.id + "-filter";
    var box = make("div", { class: "control" });
    var field = make("input", { type: "search", id: id, autocomplete: "off" });
    box.appendChild(make("label", { for: id }, "Filter the rows of " + titleOf(table)));
    box.appendChild(field);
    var holder = table.closest(".scroll") || table;
    holder.parentNode.insertBefore(box, holder);
    var timer = 0;
    field.addEventListener("input", function () {
      var wanted = field.value.trim().toLowerCase(), shown = 0, all = 0;
      groups.forEach(function (group) {
        var title = group.heading ? words(group.heading).toLowerCase() : "", some = false;
        group.blocks.forEach(function (block) {
          var text = title + " " + block.map(words).join(" ").toLowerCase();
          var keep = text.indexOf(wanted) >= 0;
          block.forEach(function (row) { row.classList.toggle("left-out", !keep); });
          some = some || keep;
          all += block.length;
          shown += keep ? block.length : 0;
        });
        if (group.heading) { group.heading.classList.toggle("left-out", !some); }
      });
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        say(wanted ? shown + " of " + all + " rows of " + titleOf(table) + " shown" : "All rows of " + titleOf(table) + " shown");
      }, 300);
    });
  }

  var region = make("div", { class: "hidden", role: "status", id: "announcements" });
  document.querySelector("main").appendChild(region);
  function say(text) { region.textContent = text; }

  document.querySelectorAll("table.results:not(.plain)").forEach(function (table) {
    var rows = Array.from(table.tBodies).reduce(function (sum, body) { return sum + body.rows.length; }, 0);
    var flat = table.tBodies.length === 1 && !table.querySelector("tbody .group, tbody [class*=indent-], tbody [colspan]");
    if (flat && rows > 3) { makeSortable(table, say); }
    if (rows > 9 && table.id) { makeFilterable(table, say); }
  });
}());
