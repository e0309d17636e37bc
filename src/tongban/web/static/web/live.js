// Beside htmx, on the pages that use it: what it leaves to the page. Old engines read this file and find nothing to do.
(function () {
  var said = document.getElementById("said"), over = false;
  function on(name, then) {
    document.addEventListener(name, function (event) { then(event.detail.ctx, event); });
  }
  function itself(ctx) {
    return ctx.sourceEvent && /^(every|visibilitychange)$/.test(ctx.sourceEvent.type);
  }
  function failed() {
    if (said.textContent === said.dataset.failed) return;
    var line = document.createElement("p");
    line.className = "note warn";
    line.textContent = said.dataset.failed;
    said.replaceChildren ? said.replaceChildren(line) : said.appendChild(line);
  }
  // Nobody looks at a page behind others; an ended session does not come back by asking again.
  on("htmx:config:request", function (ctx, event) {
    if (itself(ctx) && (document.hidden || over)) event.preventDefault();
  });
  // What waited its turn is sent as the form stands now; not at all once the form has gone.
  on("htmx:before:request", function (ctx, event) {
    var form = ctx.sourceElement;
    if (!form.isConnected) event.preventDefault();
    if (form.localName !== "form" || !ctx.request.body) return;
    ctx.request.body = new URLSearchParams(new FormData(form));
    for (var name in ctx.vals) ctx.request.body.set(name, ctx.vals[name]);
  });
  on("htmx:after:request", function (ctx) {
    if (ctx.response.status === 401) over = true;
    if (ctx.response.status < 400 && said.textContent === said.dataset.failed) said.textContent = "";
  });
  // What is refused comes in only where the server says so; a page of a bug or of a proxy never does.
  on("htmx:before:swap", function (ctx, event) {
    if (ctx.response.status < 400 || ctx.hx.retarget) return;
    event.preventDefault();
    failed();
  });
  on("htmx:error", failed);
  document.addEventListener("tongban:focus", function (event) {
    if (event.target.focus) event.target.focus();
  });
})();
