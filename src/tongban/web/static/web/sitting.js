// At the window: a reader's line fills the fields, Enter goes to the next field, one press answers for all originals.
(function () {
  var form = document.querySelector("form[data-sitting]");
  if (!form) return;
  function set(name, value) {
    var changed = null;
    form.querySelectorAll('[name="' + name + '"]').forEach(function (control) {
      if (control.type === "radio" || control.type === "checkbox") {
        if (control.value === value && !control.checked) { control.checked = true; changed = control; }
      } else if (control.value !== value) { control.value = value; changed = control; }
    });
    if (changed) changed.dispatchEvent(new Event("change", {bubbles: true}));
  }
  // Rows are the server's: [separator, parts]; a line fits where the parts are as many and the number looks like one.
  function parsed(text, lines) {
    for (var i = 0; i < lines.length; i++) {
      var parts = text.trim().split(lines[i][0]), found = {};
      lines[i][1].forEach(function (part, n) { found[part] = (parts[n] || "").trim(); });
      if (parts.length !== lines[i][1].length || !/^\d{17}[\dXx]$/.test(found.idno)) continue;
      var born = (found.born || "").replace(/\D/g, "");
      return born.length === 8 && born !== found.idno.slice(6, 14) ? null : found;
    }
    return null;
  }
  function fill(input) {
    var about = JSON.parse(input.dataset.reader), found = parsed(input.value, about.lines), name;
    if (!found) {
      var hint = document.getElementById(input.id + "-hint");
      hint.setAttribute("role", "alert");
      hint.textContent = input.dataset.failed;
      input.select();
      return false;
    }
    for (name in about.fills) if (found[name]) set(about.fills[name], found[name]);
    for (name in about.sets) set(name, about.sets[name]);
    input.value = "";
    return true;
  }
  function next(from) {
    var all = Array.prototype.filter.call(form.elements, function (one) {
      return !one.disabled && one.tabIndex >= 0 && one.type !== "hidden" && one.offsetParent !== null && one.localName !== "fieldset";
    }), at = all.indexOf(from) + 1;
    // What a reader has just filled is passed by.
    while (from.dataset.reader && all[at] && all[at].type === "text" && (all[at].value || all[at].dataset.reader)) at++;
    // Buttons of one group are one stop, as for Tab.
    while (from.type === "radio" && all[at] && all[at].name === from.name) at++;
    if (all[at]) all[at].focus();
  }
  form.addEventListener("keydown", function (event) {
    var here = event.target;
    if (event.key !== "Enter" || event.isComposing || !/^(input|select)$/.test(here.localName) || here.type === "file") return;
    event.preventDefault();
    if (here.dataset.reader && here.value.trim() && !fill(here)) return;
    next(here);
  });
  var all = form.querySelector("[data-all]");
  if (all) {
    all.hidden = false;
    all.addEventListener("click", function () {
      form.querySelectorAll('[name^="check-see-"][value="ok"]').forEach(function (one) {
        var group = one.closest("fieldset");
        if (group.dataset.mandatory && !group.querySelector('input[type="radio"]:checked')) one.checked = true;
      });
    });
  }
})();
