// Shows a field while the answer it depends on is chosen. Without this all are there, each saying when it applies.
(function () {
  function look() {
    document.querySelectorAll("[data-when]").forEach(function (part) {
      var wanted = part.dataset.is.split(" "), on = false;
      document.getElementsByName(part.dataset.when).forEach(function (control) {
        var chosen = control.type === "radio" || control.type === "checkbox" ? control.checked : true;
        // What is hidden answers nothing. The outer part comes first in the page, so it is settled already.
        if (chosen && wanted.indexOf(control.value) >= 0 && !control.closest("[data-when][hidden]")) on = true;
      });
      part.hidden = !on;
      part.querySelector(".when").hidden = true;
    });
  }
  document.addEventListener("change", look);
  document.addEventListener("htmx:after:swap", look);
  window.addEventListener("pageshow", look); // going back, the browser fills in what was chosen
  look();
})();
