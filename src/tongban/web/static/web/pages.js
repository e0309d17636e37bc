// Small pleasures; every page works without them.
(function () {
  // The error summary is read first.
  var errors = document.getElementById("errors");
  if (errors) errors.focus();
  // Pressing twice sends once.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.submitter && event.submitter.formTarget === "_blank") return; // this page stays
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });
  // Shortcuts that the page shows: <a data-key="n">.
  document.addEventListener("keydown", function (event) {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    var found = document.querySelector('[data-key="' + event.key.toLowerCase() + '"]');
    if (found) { event.preventDefault(); found.focus(); found.click(); }
  });
})();
