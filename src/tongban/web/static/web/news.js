// Says when a case has moved on since its page was drawn. Nothing else of the page changes: somebody may be typing in it.
(function () {
  var news = document.getElementById("news"), mark = "", over = false;
  function ask() {
    if (document.hidden || over) return;
    var asked = new XMLHttpRequest();
    asked.open("GET", news.dataset.from);
    asked.setRequestHeader("Tongban-Polling", news.dataset.seen);
    if (mark) asked.setRequestHeader("If-None-Match", mark);
    asked.onload = function () {
      over = asked.status === 401;
      if (asked.status !== 200 && !over) return;
      mark = asked.getResponseHeader("ETag");
      news.innerHTML = asked.responseText;
    };
    asked.send();
  }
  setInterval(ask, 60000);
  document.addEventListener("visibilitychange", ask);
})();
